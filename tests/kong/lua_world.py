"""Runs pieces of Lua in an embedded Kong: in the access phase of a request, in a timer, in a filter."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from tests.kong.running import Answer, RunningKong, send

OPEN = """local redis = require('resty.redis'):new() redis:set_timeouts(%d, %d, %d)
local ok, err = redis:connect('127.0.0.1', %d, %s) """
WRITTEN = (
    "local function written(...) local out = {} for i = 1, select('#', ...) do local v = select(i, ...) "
    "if type(v) == 'table' then out[i] = '{' .. written(unpack(v)) .. '}' "
    "else out[i] = v == ngx.null and 'ngx.null' or tostring(v) end end "
    "return table.concat(out, ' | ') end "
)
ENVELOPE = "return function() local value = (function() %s end)() kong.response.exit(200, { value = value }) end"


@dataclass
class LuaWorld:
    kong: RunningKong
    port: int
    routes: int = 0

    def route(self, **plugins: dict[str, Any]) -> str:
        """A new route with these plugins; its path."""
        self.routes += 1
        path = f"/r{self.routes}"
        self.kong.route(self.port, path, **plugins)
        return path

    def value(self, code: str, query: str = "", headers: dict[str, str] | None = None, body: str | None = None) -> Any:
        """What this chunk returns in the access phase of one request."""
        path = self.route(pre_function={"access": [ENVELOPE % code]})
        answer = send(self.kong.proxy, "POST", path + query, headers, body)
        assert answer.status == 200, answer.body
        return answer.body.get("value")

    def noted(self, name: str) -> Any:
        """What Lua has put into the shared dictionary under this name, as soon as it has."""
        path = self.route(pre_function={"access": [ENVELOPE % f"return ngx.shared.prediction_cache:get('{name}')"]})
        deadline = time.monotonic() + 20
        while (value := self.send(path).body.get("value")) is None:
            assert time.monotonic() < deadline, f"nothing was put under {name}"
        return value

    def send(self, path: str, headers: dict[str, str] | None = None, body: Any = None, method: str = "POST") -> Answer:
        return send(self.kong.proxy, method, path + ("&" if "?" in path else "?") + "sleep=0", headers, body)


def opened(port: int, options: str = "nil", timeout_ms: int = 5000) -> str:
    """Lua that connects `redis` to this port, with `ok` and `err`, and `written`: values as text."""
    return WRITTEN + OPEN % (timeout_ms, timeout_ms, timeout_ms, port, options)


def results(world: LuaWorld, port: int, call: str, options: str = "nil", timeout_ms: int = 5000) -> Any:
    """All that this call returns, as text; nil, false and ngx.null by name; without a last nil."""
    return world.value(f"{opened(port, options, timeout_ms)} return written({call})").removesuffix(" | nil")
