"""Bodies on their way: the viewer's to the origin, the origin's to the viewer."""

from __future__ import annotations

import logging

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from local.edge.http_cache.cache import Passing
from local.kong.reply import StreamReply

LOG = logging.getLogger("local.edge")


class BodyTooLarge(Exception):
    """The viewer's body is above the limit."""


async def read_body(request: web.BaseRequest, maximum_bytes: int) -> bytes:
    """Return the viewer's body; raises BodyTooLarge."""
    if not request.can_read_body:
        return b""
    if (request.content_length or 0) > maximum_bytes:
        raise BodyTooLarge
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > maximum_bytes:
            raise BodyTooLarge
    return b"".join(chunks)


async def relay(request: web.BaseRequest, passing: Passing, headers: CIMultiDict[str]) -> web.StreamResponse:
    """Pass an answer on with these headers; when the origin cuts it off, cut off the viewer too."""
    response = passing.response
    async with response:
        reply = StreamReply(status=response.status, headers=headers)
        try:
            await reply.prepare(request)
            for chunk in passing.read:
                await reply.write(chunk)
            async for chunk in response.content.iter_any():
                await reply.write(chunk)
        except (TimeoutError, aiohttp.ClientError):
            LOG.warning("the answer of the origin at %s was cut off", response.url.origin())
            if request.transport is not None:
                request.transport.close()
            return reply
        await reply.write_eof()
        return reply
