"""Runs the Lua of components/verification in LuaJIT, with just enough of ngx and kong around it.

The whole gateway is tested in tests/gateway; here the same text is asked many thousand times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lupa.luajit21 import LuaRuntime

import local.kong
from components import lua
from components.prediction_key import KEY_HEADERS, KeySettings
from components.verification.phases import Verification

SCOPE = "v:shop-test-digits@1:1:"
SECRET = "of-the-gateways-own-nodes"
SETTINGS = KeySettings(
    model="digits",
    kong_name="shop-test-digits",
    version="1",
    generation=1,
    dictionary="prediction_cache",
    profile="classic",
    ttl_seconds=300,
    lease_seconds=10,
    max_body_bytes=65_536,
    max_response_bytes=64,
    response_codes=(200,),
    content_types=("application/json",),
    headers=(*KEY_HEADERS, "x-tenant"),
    credential_header="apikey",
    verified=True,
)
_SHARED_DICTIONARY = (Path(local.kong.__file__).parent / "lua" / "shdict.lua").read_bytes()

# `state` has what the world is like, and what became of it. The dictionary is the embedded gateway's.
_STUB = b"""
local state, new_dictionary = ...
state.dictionary = new_dictionary(1048576)
state.ctx, state.headers, state.var, state.sockets, state.timers, state.logged = {}, {}, {}, {}, {}, {}
state.service = { protocol = "http", host = "model.internal", port = 8080, path = "/v1" }
state.values = {}                        -- of metrics, by name{labels}

local Socket = {}
Socket.__index = Socket
function Socket:settimeouts(...) self.timeouts = { ... } end
function Socket:connect(host, port)
  self.host, self.port = host, port
  if state.fails == "connect" then return nil, "connection refused" end
  return 1
end
function Socket:sslhandshake(_, name, verify)
  self.handshake = tostring(name) .. " " .. tostring(verify)
  if state.fails == "sslhandshake" then return nil, "handshake failed" end
  return true
end
function Socket:send(text)
  if state.fails == "send" then return nil, "closed" end
  if state.fails == "silent" then coroutine.yield() end
  self.sent, self.text, self.at = text, state.answer(), 1
  return #text
end
function Socket:receive(what)            -- as lua-nginx-module: what is there until the end is no line and no block
  if what == "*l" then
    local last = string.find(self.text, "\\n", self.at, true)
    if not last then return nil, "closed", string.sub(self.text, self.at) end
    local line = string.gsub(string.sub(self.text, self.at, last - 1), "\\r", "")
    self.at = last + 1
    return line
  end
  if type(what) ~= "number" or not (what >= 0) then error("bad number argument") end
  local block = string.sub(self.text, self.at, self.at + what - 1)
  self.at = self.at + #block
  if #block < math.floor(what) then return nil, "closed", block end
  return block
end
function Socket:close() self.closed = true end

local function done(...) return { n = select("#", ...), ... } end

ngx = {
  now = function() return state.now end,
  sleep = function(seconds)
    state.slept, state.pauses = seconds, (state.pauses or 0) + 1
    if coroutine.running() then coroutine.yield() end
  end,
  thread = {                             -- what yields never goes on, but for the clock, which is waited for last
    spawn = function(work, ...)
      local thread = coroutine.create(work)
      local results = done(coroutine.resume(thread, ...))
      return coroutine.status(thread) == "dead" and results or done(true)
    end,
    wait = function(talker, clock)
      local results = talker.n > 1 and talker or clock
      return unpack(results, 1, results.n)
    end,
    kill = function() end,
  },
  shared = { prediction_cache = state.dictionary },
  worker = { pid = function() return 7 end },
  var = setmetatable({}, { __index = function(_, name) return state.var[name] end }),
  req = {
    get_headers = function(limit) assert(limit == 0); return state.headers end,
    get_body_data = function() return state.body end,
  },
  socket = { tcp = function()
    state.sockets[#state.sockets + 1] = setmetatable({}, Socket)
    return state.sockets[#state.sockets]
  end },
  timer = { at = function(_, work, ...)
    if state.fails == "timer" then return nil, "too many pending timers" end
    local given = { ... }
    state.timers[#state.timers + 1] = function(premature) work(premature, unpack(given)) end
    return true
  end },
}
setmetatable(ngx, { __index = function(_, name) if name == "ctx" then return state.ctx end end })

local function say(...)
  local words = { ... }
  for i = 1, #words do words[i] = tostring(words[i]) end
  state.logged[#state.logged + 1] = table.concat(words)
end
kong = { log = { err = say, crit = say }, router = { get_service = function() return state.service end } }

local function series(name, labels) return name .. "{" .. table.concat(labels, ",") .. "}" end
local function made(_, name)
  return {
    inc = function(_, by, labels) local s = series(name, labels); state.values[s] = (state.values[s] or 0) + by end,
    set = function(_, to, labels) state.values[series(name, labels)] = to end,
  }
end
local exporter = { get_prometheus = function() return { registry = {}, counter = made, gauge = made } end }
function require(name) return assert(name == "kong.plugins.prometheus.exporter" and exporter) end
"""


class LuaParts:
    """parts = LuaParts(); judge = parts.load({"C": {...}}, "verification/judge", gives="judge")

    Texts go in and come out as bytes. `state` is what the stub above is told and tells.
    """

    def __init__(self) -> None:
        self.runtime: Any = LuaRuntime(encoding=None, unpack_returned_tuples=True)  # type: ignore[call-arg]
        self.state: Any = self.table({"now": 1000.0})
        clock = self.runtime.execute(b"local state = ... return function() return state.now end", self.state)
        self.runtime.execute(_STUB, self.state, self.runtime.execute(_SHARED_DICTIONARY, clock))
        self.dictionary: Any = self.state[b"dictionary"]

    def load(self, known: Mapping[str, Any], *names: str, gives: str, before: str = "") -> Any:
        """What `gives` is in these sources, after `before`."""
        return self.run(f"{lua.chunk(known)}{before}\n" + "\n".join(map(lua.source, names)) + f"\nreturn {gives}")

    def run(self, text: str, *values: Any) -> Any:
        """What the text returns; `values` are its `...`."""
        return self.runtime.execute(text.encode(), *values)

    def table(self, values: Mapping[str, Any] | Iterable[Any]) -> Any:
        """A Lua table; texts in it as bytes."""
        if isinstance(values, Mapping):
            return self.runtime.table_from({key.encode(): _lua(value) for key, value in values.items()})
        return self.runtime.table_from([_lua(value) for value in values])

    def get(self, name: str) -> Any:
        """What the dictionary has of the model's verification, texts as such."""
        value = self.dictionary[b"get"](self.dictionary, (SCOPE + name).encode())
        value = value[0] if isinstance(value, tuple) else value
        return value.decode() if isinstance(value, bytes) else value

    def put(self, name: str, value: Any) -> None:
        """Sets it; None: the dictionary has lost it."""
        self.dictionary[b"set"](self.dictionary, (SCOPE + name).encode(), _lua(value))

    def wait(self, seconds: float) -> None:
        """Lets time pass."""
        self.state[b"now"] += seconds

    def metric(self, name: str, *labels: str) -> float:
        """A series; 0 when nobody has counted."""
        series = f"inference_edge_{name}{{{','.join(labels)}}}"
        return float(self.state[b"values"][series.encode()] or 0)

    @property
    def logged(self) -> list[str]:
        """What was logged."""
        return [line.decode() for line in self.state[b"logged"].values()]

    @property
    def sockets(self) -> list[dict[str, Any]]:
        """Each socket that was made."""
        return [{key.decode(): value for key, value in made.items()} for made in self.state[b"sockets"].values()]


def verification(**changes: Any) -> Verification:
    """Every hit is verified, and answers are the same when every byte is; with some values changed."""
    values: dict[str, Any] = {
        "share": 1,
        "max_mismatch_ratio": 0.01,
        "max_per_second": 10,
        "max_in_flight": 8,
        "tolerances": {},
        "ignore_fields": (),
        "connect_seconds": 5,
        "path": "/-/shadow/digits",
        **changes,
    }
    return Verification(**values)


def _lua(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value
