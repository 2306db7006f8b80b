"""Lists of the Admin API: the `tags` filter, and pages with `size`, `offset` and `next`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from local.kong.store import Row, StoreError


def api_error(status: int, code: int, name: str, message: str, **more: Any) -> StoreError:
    """An error of the Admin API that is not about an entity's schema."""
    return StoreError(status, {"code": code, "name": name, "message": message, **more})


def tags_wanted(text: str) -> Callable[[Row], bool]:
    def fail(problem: str) -> StoreError:
        return api_error(400, 11, "invalid options", f"invalid option (tags: {problem})", options={"tags": problem})

    if text == "":
        raise fail("cannot be null")
    if "," in text and "/" in text:
        raise fail("invalid filter syntax")
    if "/" in text:
        return lambda row: bool(set(text.split("/")) & set(row["tags"] or []))
    return lambda row: set(text.split(",")) <= set(row["tags"] or [])


def _size(query: Mapping[str, str]) -> int:
    size = query.get("size", "100")
    if not size.lstrip("-").isdigit():
        raise api_error(400, 9, "invalid size", "size must be a number")
    if not 1 <= int(size) <= 1000:
        raise api_error(400, 9, "invalid size", "size must be an integer between 1 and 1000")
    return int(size)


def position_page(rows: list[Row], url: str, query: Mapping[str, str]) -> Row:
    """A page of rows in an order of their own: the offset is a position (targets, newest first)."""
    size, offset = _size(query), query.get("offset", "0")
    if not offset.isdigit():
        raise api_error(400, 7, "invalid offset", f"'{offset}' is not a valid offset: bad json encoding")
    end = int(offset) + size
    if end >= len(rows):
        return {"data": rows[int(offset) :], "next": None}
    kept = f"&size={size}" if "size" in query else ""
    return {"data": rows[int(offset) : end], "next": f"{url}?offset={end}{kept}", "offset": str(end)}


def page(rows: list[Row], url: str, query: Mapping[str, str]) -> Row:
    """A page of rows in order of their ids."""
    size, offset = _size(query), query.get("offset")
    start = 0
    if offset is not None:
        start = sum(1 for row in rows if _row_key(row) < _after(offset))
    found, following = rows[start : start + size], rows[start + size : start + size + 1]
    if not following:
        return {"data": found, "next": None}
    token = base64.urlsafe_b64encode(json.dumps([_row_key(following[0])]).encode()).decode().rstrip("=")
    kept = "".join(f"&{name}={quote(query[name])}" for name in ("tags", "size") if name in query)
    return {"data": found, "next": f"{url}?offset={token}{kept}", "offset": token}


def _row_key(row: Row) -> str:
    return str(row.get("id") or row.get("entity_id"))


def _after(offset: str) -> str:
    try:
        return str(json.loads(base64.urlsafe_b64decode(offset + "=" * (-len(offset) % 4)))[0])
    except (ValueError, binascii.Error, IndexError, KeyError, TypeError):
        raise api_error(400, 7, "invalid offset", f"'{offset}' is not a valid offset: bad json encoding") from None
