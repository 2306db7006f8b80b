"""How a body ends decides whether it is stored: cut off, chunked, without a length, too large."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from tests.edge.running import Edge, Origin, answer, configure, running_edge


async def cut_off(request: web.BaseRequest) -> web.StreamResponse:
    reply = web.StreamResponse(headers={"Cache-Control": "max-age=60", "Content-Length": "10"})
    await reply.prepare(request)
    await reply.write(b"12345")
    assert request.transport is not None
    request.transport.close()
    return reply


async def chunked_cut_off(request: web.BaseRequest) -> web.StreamResponse:
    reply = web.StreamResponse(headers={"Cache-Control": "max-age=60"})
    reply.enable_chunked_encoding()
    await reply.prepare(request)
    await reply.write(b"12345")
    assert request.transport is not None
    request.transport.close()
    return reply


@pytest.mark.parametrize("broken", [cut_off, chunked_cut_off])
async def test_an_answer_that_is_cut_off_is_not_stored(edge: Edge, origin: Origin, broken: Any) -> None:
    origin.answers = [broken, answer(text="whole", Cache_Control="max-age=60")]
    await configure(edge, origin, customErrorResponses=[{"errorCode": 502, "errorCachingMinTtl": 0}])
    assert (await edge.send("/a")).status == 502
    assert (await edge.send("/a")).body == b"whole"


async def without_length(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nConnection: close\r\n\r\n12345")
    request.transport.close()
    return web.StreamResponse()


async def test_an_answer_that_ends_with_the_connection_is_passed_on_but_not_stored(edge: Edge, origin: Origin) -> None:
    origin.answers = [without_length]
    await configure(edge, origin)
    assert [(await edge.send("/a")).body for _ in range(2)] == [b"12345", b"12345"]
    assert len(edge.store) == 0


async def chunked(request: web.BaseRequest) -> web.StreamResponse:
    reply = web.StreamResponse(headers={"Cache-Control": "max-age=60"})
    await reply.prepare(request)
    for _ in range(3):
        await reply.write(b"ab")
    await reply.write_eof()
    return reply


async def test_a_chunked_answer_is_stored_whole(edge: Edge, origin: Origin) -> None:
    origin.answers = [chunked]
    await configure(edge, origin)
    assert [((one := await edge.send("/a")).x_cache, one.body) for _ in range(2)] == [
        ("Miss", b"ababab"),
        ("Hit", b"ababab"),
    ]


async def large_chunked(request: web.BaseRequest) -> web.StreamResponse:
    reply = web.StreamResponse(headers={"Cache-Control": "max-age=60"})
    await reply.prepare(request)
    for _ in range(30):
        await reply.write(b"x" * 1_000)
    await reply.write_eof()
    return reply


async def test_an_answer_too_large_for_the_store_is_passed_on(origin: Origin) -> None:
    origin.answers = [answer(text="x" * 30_000, Cache_Control="max-age=60"), large_chunked]
    async with running_edge(capacity_bytes=64_000) as edge:
        await configure(edge, origin)
        for _ in range(2):
            found = await edge.send("/a")
            assert (found.x_cache, len(found.body)) == ("Miss", 30_000)
        assert len(edge.store) == 0
