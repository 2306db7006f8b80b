"""Runs the deployed pre-function text in LuaJIT, with just enough of ngx and kong to get the key of a request.

The whole gateway is tested in tests/gateway; here the same text is asked a hundred thousand times.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from lupa.luajit21 import LuaRuntime

from components.prediction_key import KEY_HEADER, KeySettings, pre_function_phases

SECRET = base64.b64encode(bytes(range(32))).decode()
SETTINGS = KeySettings(
    model="digits",
    kong_name="shop-test-digits",
    version="1",
    generation=1,
    dictionary="prediction_cache",
    profile="classic",
    ttl_seconds=300,
    lease_seconds=60,
    max_body_bytes=1_048_576,
    max_response_bytes=1_048_576,
    response_codes=(200,),
    content_types=("application/json",),
)
ENDPOINT, REQUEST_LINE = "http://model.test:8080/invocations", "POST /digits/predict HTTP/1.1"
HEADERS = {"host": "api.test", "content-type": "application/json"}

_STUB = b"""
local hmac_sha1, encode_base64, decode_base64 = ...
local request, sent = {}, {}
local store = {}
ngx = {
  req = {
    get_headers = function() return request.headers end,
    set_header = function(name, value) sent[name], request.headers[string.lower(name)] = value, value end,
    clear_header = function(name) sent[name], request.headers[string.lower(name)] = nil, nil end,
    get_method = function() return request.method end,
    set_method = function(method) request.method = method end,
    set_uri_args = function() end,
    set_body_data = function(body) request.body, request.headers["content-length"] = body, tostring(#body) end,
    read_body = function() end,
    get_body_data = function() return request.body end,
    get_body_file = function() end,
  },
  HTTP_POST = "POST", var = {}, ctx = {},
  hmac_sha1 = hmac_sha1, encode_base64 = encode_base64, decode_base64 = decode_base64,
  time = os.time, sleep = function() error("nobody else is flying") end,
  shared = { prediction_cache = {
    get = function(_, name) return store[name] end,
    add = function(_, name, value) return true end,
  } },
}
kong = {
  response = { exit = function(status) error({ status = status }) end },
  configuration = { lua_max_req_headers = 100 }, log = { err = function(...) print(...) end },
  router = { get_service = function()
    return { protocol = "http", host = "model.test", port = 8080, path = "/invocations" }
  end },
}
return function(handler)
  return function(line, query, headers, body)
    request.method, ngx.var.request, ngx.var.args = string.match(line, "^%u+"), line, query
    request.headers, request.body, sent, ngx.ctx = headers, body, {}, {}
    local ok, stop = pcall(handler)
    if not ok and not stop.status then error(stop) end
    return sent.KEY, ngx.ctx.prediction.bypass, not ok and stop.status or nil
  end
end
""".replace(b"KEY", KEY_HEADER.encode())


@dataclasses.dataclass(frozen=True)
class Answer:
    """The key that the request got, or the reason why it bypasses the cache, or the status that refuses it."""

    key: str | None
    bypass: str | None
    refused: int | None


class DeployedKey:
    """key = DeployedKey(SETTINGS).ask(b'{"x": 1}').key"""

    def __init__(self, settings: KeySettings = SETTINGS) -> None:
        lua = LuaRuntime(encoding=None, unpack_returned_tuples=True)  # type: ignore[call-arg]
        run: Callable[..., Any] = lua.execute  # type: ignore[assignment]
        wrap = run(_STUB, _hmac_sha1, _encode_base64, _decode_base64)
        handler = run(pre_function_phases(settings, SECRET)["access"][0].encode())
        self._ask = wrap(handler)
        self._table = lua.table_from

    def ask(self, body: bytes, headers: dict[str, str] | None = None) -> Answer:
        sent = {**(HEADERS if headers is None else headers), "content-length": str(len(body))}
        return self._answer(REQUEST_LINE, None, sent, body)

    def get(self, query: str) -> Answer:
        """A GET with this query; the settings must have get_twin."""
        line = f"GET /digits/predict?{query} HTTP/1.1"
        return self._answer(line, query.encode(), {"host": HEADERS["host"]}, None)

    def _answer(self, line: str, query: bytes | None, headers: dict[str, str], body: bytes | None) -> Answer:
        table = self._table({name.encode(): value.encode() for name, value in headers.items()})
        key, bypass, refused = self._ask(line.encode(), query, table, body)
        return Answer(key and key.decode(), bypass and bypass.decode(), refused)


def _encode_base64(text: bytes, no_padding: bool = False) -> bytes:
    return base64.b64encode(text).rstrip(b"=" if no_padding else b"")


def _decode_base64(text: bytes) -> bytes | None:
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        return None


def _hmac_sha1(secret: bytes, message: bytes) -> bytes:
    return hmac.digest(secret, message, hashlib.sha1)
