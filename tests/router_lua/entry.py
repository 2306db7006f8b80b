"""Runs the deployed pre-function of a ModelRouter in LuaJIT, with just enough of ngx and kong around it.

The whole gateway is tested in tests/gateway; here the same text is asked many thousand times.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from lupa.luajit21 import LuaRuntime

from components.router.render import RoutedName, RouterSettings, Version, entry_phases

PATH, MODELS = "/v1/chat/completions", "/v1/models"
SETTINGS = RouterSettings(
    paths=(PATH,),
    models_path=MODELS,
    model_pointer="/model",
    model_header=None,
    max_body_bytes=65_536,
    names=(RoutedName("a", (Version("alpha"),)), RoutedName("b", (Version("beta", served_name="served"),))),
    keyed=frozenset(),
    upstreams={},
)

SECRET = "of-the-routes"

_STUB = b"""
local md5_bin, state = ...
local request
local function underscored(name) return (string.gsub(string.lower(name), "-", "_")) end
local function lookup(headers)          -- as ngx.req.get_headers() does: one spelling after the other
  return setmetatable(headers, { __index = function(t, name)
    return rawget(t, (string.gsub(string.lower(name), "_", "-")))
  end })
end
ngx = {
  req = {
    get_headers = function(limit)
      local found, count = {}, 0
      for _, pair in ipairs(request.headers) do
        count = count + 1
        if count > limit then return lookup(found), "truncated" end
        local name = string.lower(pair[1])
        if found[name] == nil then found[name] = pair[2]
        elseif type(found[name]) == "table" then table.insert(found[name], pair[2])
        else found[name] = { found[name], pair[2] } end
      end
      return lookup(found)
    end,
    set_header = function(name, value)
      ngx.req.clear_header(name)
      table.insert(request.headers, { name, value })
    end,
    clear_header = function(name)
      for i = #request.headers, 1, -1 do
        if string.lower(request.headers[i][1]) == string.lower(name) then table.remove(request.headers, i) end
      end
    end,
    get_method = function() return request.method end,
    read_body = function() request.was_read = true end,
    get_body_data = function() if request.was_read and request.body ~= "" then return request.body end end,
    set_body_data = function(body) request.body = body end,
  },
  var = setmetatable({}, { __index = function(_, name)
    if name == "remote_addr" then return request.address end
    local wanted = string.match(name, "^http_(.+)")
    for _, pair in ipairs(request.headers) do
      if underscored(pair[1]) == wanted then return pair[2] end
    end
  end }),
  ctx = {}, md5_bin = md5_bin, now = function() return state.now end,
}
kong = {
  request = { get_path = function() if request.fails then error("a path that fails") end return request.path end },
  configuration = { lua_max_req_headers = 100 },
  log = { err = function(...) request.logged = table.concat({ ... }) end },
}
local modules = {
  ["kong.runloop.balancer"] = {
    get_upstream_by_name = function(name)
      state.asked = state.asked + 1
      return state.health[name] ~= nil and { id = name } or false
    end,
    get_balancer_health = function(id)
      if state.health[id] == "error" then error("no balancer") end
      return { balancer_health = state.health[id] }
    end,
  },
  ["kong.plugins.prometheus.exporter"] = { get_prometheus = function() return {
    registry = {},
    counter = function(_, name) return { inc = function(_, by, labels)
      state.counted = name .. "{" .. table.concat(labels, ",") .. "}"
    end } end,
  } end },
}
function require(name)
  if state.refuses then error("require '" .. name .. "' not allowed within sandbox") end
  return modules[name]
end
return function(handler)
  return function(sent)
    request, ngx.ctx = sent, {}
    handler()
    return ngx.ctx.routing
  end
end
"""


@dataclasses.dataclass(frozen=True)
class Routing:
    """What became of a request: the model or the reason of the refusal, and what goes on."""

    model: str | None
    refused: str | None
    detail: str | None
    headers: list[tuple[str, str]]
    body: bytes
    was_read: bool
    logged: str | None

    def header(self, name: str) -> list[str]:
        """The values of a header that go on."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Entry:
    """Entry(SETTINGS).ask(b'{"model":"a"}').model"""

    def __init__(self, settings: RouterSettings = SETTINGS, *, allows_modules: bool = True) -> None:
        lua = LuaRuntime(encoding=None, unpack_returned_tuples=True)  # type: ignore[call-arg]
        run: Callable[..., Any] = lua.execute  # type: ignore[assignment]
        self._state: Any = lua.table_from({b"now": 0.0, b"asked": 0, b"refuses": not allows_modules})
        self.health: Any = lua.table_from({})
        self._state[b"health"] = self.health
        wrap = run(_STUB, lambda text: hashlib.md5(text).digest(), self._state)
        self._ask = wrap(run(entry_phases(settings, SECRET)["rewrite"][0].encode()))
        self._table: Any = lua.table_from

    def ask(
        self,
        body: bytes = b"",
        headers: Iterable[tuple[str, str]] = (),
        *,
        path: str = PATH,
        method: str = "POST",
        address: str = "192.0.2.1",
        length: int | None = -1,
        fails: bool = False,
    ) -> Routing:
        """A request with this body as JSON; `length` None: without Content-Length."""
        sent = [*headers]
        if "content-type" not in {name.lower() for name, _ in sent}:
            sent.insert(0, ("content-type", "application/json"))
        if length is not None:
            sent.insert(0, ("content-length", str(len(body) if length == -1 else length)))
        request = self._table({b"method": method.encode(), b"path": path.encode(), b"address": address.encode()})
        pairs = [self._table([name.encode(), value.encode()]) for name, value in sent]
        request[b"headers"], request[b"body"], request[b"fails"] = self._table(pairs), body, fails
        routing = self._ask(request)
        found = {} if routing is None else {key: routing[key] for key in (b"model", b"refused", b"detail")}
        return Routing(
            *(None if value is None else value.decode("latin-1") for value in (*found.values(), None, None, None)[:3]),
            headers=[(pair[1].decode(), pair[2].decode()) for pair in request[b"headers"].values()],
            body=request[b"body"],
            was_read=bool(request[b"was_read"]),
            logged=request[b"logged"] and request[b"logged"].decode(),
        )

    @property
    def counted(self) -> str | None:
        """The last series that was counted."""
        return self._state[b"counted"] and self._state[b"counted"].decode()

    @property
    def asked(self) -> int:
        """How often a pool's health was asked for."""
        return int(self._state[b"asked"])

    def wait(self, seconds: float) -> None:
        """Lets time pass."""
        self._state[b"now"] += seconds
