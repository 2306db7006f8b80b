"""What the deployed Lua learns of the targets that answered."""

from __future__ import annotations

from typing import Any

from lupa.luajit21 import LuaRuntime

from components import lua

_KEYS = {"slot_key": "slot:", "in_flight_key": "in_flight:", "addresses_key": "addresses"}
_STUB = """
local kept = ...
local dictionary = {
  get = function(_, key) return kept[key] end,
  set = function(_, key, value) kept[key] = value end,
}
ngx = { shared = { d = dictionary }, var = {}, ctx = {}, status = 200 }
"""
_CHUNK = lua.chunk({"C": {"dictionary": "d", **_KEYS}}, "metrics/metric", "pool/memory", "pool/balancing_log")
_LOG = f"local log = (function() {_CHUNK} end)()"
_ANSWERED = """
return function(slot, addresses)
  ngx.ctx.balancing, ngx.var.upstream_addr, ngx.var.upstream_header_time = { slot = slot }, addresses, "0.001"
  log()
end
"""


def learnt(*upstream_addr: str) -> dict[str, str]:
    """The dictionary after these answers, each of a slot of its own."""
    runtime: Any = LuaRuntime()
    kept = runtime.table()
    answered = runtime.execute(_STUB + _LOG + _ANSWERED, kept)
    for slot, addresses in enumerate(upstream_addr):
        answered(slot, addresses)
    return dict(kept.items())


def test_each_target_is_listed_once() -> None:
    assert learnt("10.0.0.1:80", "10.0.0.2:80", "10.0.0.1:80")["addresses"] == "10.0.0.1:80 10.0.0.2:80 "


def test_a_target_whose_address_ends_anothers_is_listed_too() -> None:
    assert learnt("110.0.0.1:80", "10.0.0.1:80", "10.0.0.1:8")["addresses"] == "110.0.0.1:80 10.0.0.1:80 10.0.0.1:8 "


def test_a_slot_belongs_to_the_target_of_the_last_try() -> None:
    kept = learnt("10.0.0.1:80, 10.0.0.2:80", "10.0.0.3:80, [2001:db8::1]:80")
    assert (kept["slot:0"], kept["slot:1"]) == ("10.0.0.2:80", "[2001:db8::1]:80")
