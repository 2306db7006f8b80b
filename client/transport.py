"""The transport of `httpx.Client`."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from .cache_status import cache_status
from .refusals import Refusals
from .twin import MAX_BODY_BYTES, asks_for_post, may_have_twin, may_say_post, refused_from, twin_of


class PredictionTransport(httpx.BaseTransport):
    """Asks with GET what a cache may answer, and with POST everything else.

    Usage: ``httpx.Client(transport=PredictionTransport())``; `transport` is the one that sends, by default
    ``httpx.HTTPTransport()``. Raises what that raises.
    """

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._transport = transport or httpx.HTTPTransport()
        self._refusals = Refusals()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._send(request)
        response.extensions["cache_status"] = cache_status(response)
        return response

    def close(self) -> None:
        self._transport.close()

    def _send(self, request: httpx.Request) -> httpx.Response:
        body = _read(request) if may_have_twin(request) else None
        twin = twin_of(request, body) if body is not None else None
        if twin is None or self._refusals.has(twin.url):
            return self._transport.handle_request(request)
        response = self._transport.handle_request(twin)
        answer = b""
        if may_say_post(response):
            response, answer = _buffered(response)
        if not asks_for_post(response, answer):
            return response
        response.close()
        from_bytes = refused_from(response, twin)
        if from_bytes is not None:
            self._refusals.note(twin.url, from_bytes)
        return self._transport.handle_request(request)


class _Rest(httpx.SyncByteStream):
    """What was read of a body already, then what follows."""

    def __init__(self, start: bytes, chunks: Iterator[bytes], source: httpx.SyncByteStream) -> None:
        self._start, self._chunks, self._source = start, chunks, source

    def __iter__(self) -> Iterator[bytes]:
        yield self._start
        yield from self._chunks

    def close(self) -> None:
        self._source.close()


def _read(request: httpx.Request) -> bytes | None:
    """The body, which can be sent again after; None when it is too long, and can then be sent once as before."""
    source = request.stream
    assert isinstance(source, httpx.SyncByteStream)
    body, chunks = b"", iter(source)
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            request.stream = _Rest(body, chunks, source)
            return None
    source.close()
    request.stream = httpx.ByteStream(body)
    return body


def _buffered(response: httpx.Response) -> tuple[httpx.Response, bytes]:
    """The same response with its body in memory, and the decoded body."""
    assert isinstance(response.stream, httpx.SyncByteStream)
    try:
        raw = b"".join(response.stream)
    finally:
        response.close()
    return in_memory(response, raw)


def in_memory(response: httpx.Response, raw: bytes) -> tuple[httpx.Response, bytes]:
    """A response like this one with the body `raw`, and that body decoded."""
    same = httpx.Response(
        response.status_code,
        headers=response.headers,
        stream=httpx.ByteStream(raw),
        extensions=response.extensions,
    )
    return same, httpx.Response(response.status_code, headers=response.headers, content=raw).content
