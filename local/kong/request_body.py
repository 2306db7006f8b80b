"""Request bodies: read whole; for the Admin API as JSON or a form, with the `url` shorthand of a service."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from local.kong.store import Row, StoreError


async def read_body(request: web.BaseRequest) -> bytes:
    """The whole body, of any size; a client that waits for leave to send it (Expect: 100-continue) gets it."""
    if not request.can_read_body:
        return b""
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if request.content.is_eof():
        return request.content.read_nowait()
    return await request.content.read()


def understood(content_type: str) -> bool:
    return content_type.split(";")[0].strip().lower() in ("", "application/json", "application/x-www-form-urlencoded")


def parsed(body: bytes, content_type: str) -> Row:
    if "x-www-form-urlencoded" in content_type:
        return _form(body.decode())
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise StoreError(400, {"message": "Cannot parse JSON body"}) from None
    return value if isinstance(value, dict) else {}


def _form(text: str) -> Row:
    """A form body as nested values: `tags[]=a` appends, `config.x=1` nests, numbers and booleans are recognised."""
    row: Row = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *parents, last = name.removesuffix("[]").split(".")
        holder = row
        for parent in parents:
            holder = holder.setdefault(parent, {})
        typed: Any = {"true": True, "false": False}.get(value, int(value) if value.isdigit() else value)
        if name.endswith("[]"):
            holder.setdefault(last, []).append(value)
        else:
            holder[last] = typed
    return row


def with_url(given: Row) -> Row:
    """The `url` sugar of a service as protocol, host, port and path."""
    if not isinstance(given.get("url"), str):
        return given
    url = given["url"]
    rest = {name: value for name, value in given.items() if name != "url"}
    scheme, found, remainder = url.partition("://")
    if not found:
        return {**rest, "path": url}
    authority, slash, path = remainder.partition("/")
    host, _, port = authority.partition(":")
    parsed: Row = {
        "protocol": scheme,
        "host": host or None,
        "port": int(port) if port.isdigit() else {"https": 443}.get(scheme, 80),
    }
    path = path.split("?")[0].split("#")[0]
    return {**rest, **parsed, "path": f"/{path}" if slash and path else None}
