"""How the deployed Lua sends a request to a slot, and counts those in flight."""

from __future__ import annotations

from typing import Any

from lupa.luajit21 import LuaRuntime

from components import lua

_KEYS = {"slot_key": "slot:", "in_flight_key": "in_flight:", "addresses_key": "addresses", "header": "H"}
_STUB = """
clock, sent, kept = 0, {}, {}
ngx = {
  ctx = {}, var = {}, status = 200, time = function() return clock end,
  req = { set_header = function(name, value) sent[name] = value end },
  shared = { d = {
    get = function(_, key) return kept[key] end,
    set = function(_, key, value) kept[key] = value end,
    incr = function(_, key, value, init)
      if not kept[key] and not init then return nil, "not found" end
      kept[key] = (kept[key] or init) + value
    end,
  } },
}
"""


def runtime_with(dictionary: str) -> Any:
    """A Lua state with begin(address) -> a request, finish(request), in_flight(address), at(seconds) and choose()."""
    values = {"C": {"dictionary": dictionary, **_KEYS}}
    counting = lua.chunk(values, "pool/memory", "pool/targets")
    runtime: Any = LuaRuntime()
    log = lua.chunk(values, "metrics/metric", "pool/memory", "pool/balancing_log")
    runtime.execute(
        _STUB
        + f"finish_one = (function() {log} end)()\n"
        + f"choose = (function() {counting}\n{lua.source('pool/least_connections')} end)()\n"
        + counting
        + "function begin(address) go_to(7, address); return ngx.ctx.balancing end\n"
        + "function finish(request) ngx.ctx.balancing = request; finish_one() end\n"
        + "function at(seconds) clock = seconds end\n"
        + "flying = in_flight\n"
    )
    return runtime.globals()


def test_a_node_without_the_dictionary_sends_requests_all_the_same() -> None:
    node = runtime_with("missing")
    node.choose()
    assert 0 <= int(node.sent["H"]) < 1024


def test_a_request_counts_until_it_ends_however_long_that_takes() -> None:
    node = runtime_with("d")
    requests = []
    for second in range(0, 1800, 60):
        node.at(second)
        requests.append(node.begin("10.0.0.1:80"))
        if len(requests) > 5:
            node.finish(requests.pop(0))
        assert node.flying("10.0.0.1:80") == len(requests)
    for request in requests:
        node.finish(request)
    assert node.flying("10.0.0.1:80") == 0


def test_what_a_dead_worker_has_left_is_forgotten() -> None:
    node = runtime_with("d")
    node.begin("10.0.0.1:80")
    node.at(1200)
    assert node.flying("10.0.0.1:80") == 0


def test_a_count_is_never_below_nothing() -> None:
    node = runtime_with("d")
    request = node.begin("10.0.0.1:80")
    node.finish(request)
    node.finish(request)
    assert node.flying("10.0.0.1:80") == 0
