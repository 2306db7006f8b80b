"""The transport of `httpx.AsyncClient`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from .cache_status import cache_status
from .refusals import Refusals
from .transport import in_memory
from .twin import MAX_BODY_BYTES, asks_for_post, may_have_twin, may_say_post, refused_from, twin_of


class AsyncPredictionTransport(httpx.AsyncBaseTransport):
    """`PredictionTransport` for asyncio and trio.

    Usage: ``httpx.AsyncClient(transport=AsyncPredictionTransport())``; `transport` is the one that sends, by default
    ``httpx.AsyncHTTPTransport()``. Raises what that raises.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport or httpx.AsyncHTTPTransport()
        self._refusals = Refusals()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._send(request)
        response.extensions["cache_status"] = cache_status(response)
        return response

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def _send(self, request: httpx.Request) -> httpx.Response:
        body = await _read(request) if may_have_twin(request) else None
        twin = twin_of(request, body) if body is not None else None
        if twin is None or self._refusals.has(twin.url):
            return await self._transport.handle_async_request(request)
        response = await self._transport.handle_async_request(twin)
        answer = b""
        if may_say_post(response):
            response, answer = await _buffered(response)
        if not asks_for_post(response, answer):
            return response
        await response.aclose()
        from_bytes = refused_from(response, twin)
        if from_bytes is not None:
            self._refusals.note(twin.url, from_bytes)
        return await self._transport.handle_async_request(request)


class _Rest(httpx.AsyncByteStream):
    """What was read of a body already, then what follows."""

    def __init__(self, start: bytes, chunks: AsyncIterator[bytes], source: httpx.AsyncByteStream) -> None:
        self._start, self._chunks, self._source = start, chunks, source

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._start
        async for chunk in self._chunks:
            yield chunk

    async def aclose(self) -> None:
        await self._source.aclose()


async def _read(request: httpx.Request) -> bytes | None:
    """The body, which can be sent again after; None when it is too long, and can then be sent once as before."""
    source = request.stream
    assert isinstance(source, httpx.AsyncByteStream)
    body, chunks = b"", aiter(source)
    async for chunk in chunks:
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            request.stream = _Rest(body, chunks, source)
            return None
    await source.aclose()
    request.stream = httpx.ByteStream(body)
    return body


async def _buffered(response: httpx.Response) -> tuple[httpx.Response, bytes]:
    """The same response with its body in memory, and the decoded body."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    try:
        raw = b"".join([chunk async for chunk in response.stream])
    finally:
        await response.aclose()
    return in_memory(response, raw)
