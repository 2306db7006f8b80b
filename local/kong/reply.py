"""Answers with exactly the headers that they are given."""

from __future__ import annotations

from aiohttp import web


class _Untyped(web.StreamResponse):
    """Keeps aiohttp from adding a default Content-Type."""

    async def _prepare_headers(self) -> None:
        typed = "Content-Type" in self.headers
        await super()._prepare_headers()
        if not typed:
            self.headers.popall("Content-Type", None)


class Reply(_Untyped, web.Response):
    """A whole answer; no Content-Type unless given."""


class StreamReply(_Untyped):
    """An answer sent in pieces; no Content-Type unless given."""
