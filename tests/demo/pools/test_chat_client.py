from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from local.demo.pools.chat_client import ChatClient
from local.model.chat.server import ChatServer
from local.model.chat.speed import Speed
from local.model.chat.text import generated

HELLO = [{"role": "user", "content": "Hello there"}]
TEXT = generated("chat-1", "<|user|>\nHello there\n<|assistant|>\n", 40)
PATH = "/v1/chat/completions"


async def _cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_type = "text/event-stream"
    await response.prepare(request)
    await response.write(b'data: {"model": "m", "choices": [{"delta": {"content": "Once"}}]}\n\n')
    await response.write_eof()
    return response


async def _cut_within(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_type = "text/event-stream"
    await response.prepare(request)
    await response.write(b'data: {"model": "m", "choi')
    await response.write_eof()
    return response


async def _refuse(request: web.Request) -> web.Response:
    return web.json_response({"key": request.headers.get("Authorization")}, status=401)


async def _break(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.close()
    return web.Response()


@pytest_asyncio.fixture
async def replica() -> AsyncIterator[BaseTestServer]:
    app = ChatServer("large-1", Speed(0), cache_blocks=100, batch=8).app()
    app.router.add_post("/cut-off", _cut_off)
    app.router.add_post("/cut-within", _cut_within)
    app.router.add_post("/refuse", _refuse)
    app.router.add_post("/break", _break)
    async with TestServer(app) as server:
        yield server


async def test_reads_a_stream_and_a_whole_answer_alike(replica: BaseTestServer) -> None:
    async with ChatClient(str(replica.make_url(PATH)), "k") as client:
        answers = [await client.ask("chat-1", HELLO, 40, is_streamed) for is_streamed in (True, False)]
    for answer in answers:
        assert (answer.text, answer.model, answer.replica) == (TEXT, "chat-1", "large-1")
        assert (answer.status, answer.is_whole, answer.has_failed) == (200, True, False)
        assert 0 < answer.first_byte_ms <= answer.milliseconds
        assert (answer.prompt_tokens, answer.is_warm) == (9, False)


async def test_a_stream_without_its_end_has_failed(replica: BaseTestServer) -> None:
    async with ChatClient(str(replica.make_url("/cut-off")), "k") as client:
        answer = await client.ask("m", HELLO, 40, is_streamed=True)
    assert (answer.status, answer.text, answer.has_failed) == (200, "Once", True)


async def test_a_stream_that_ends_within_an_event_has_failed(replica: BaseTestServer) -> None:
    async with ChatClient(str(replica.make_url("/cut-within")), "k") as client:
        answer = await client.ask("m", HELLO, 40, is_streamed=True)
    assert (answer.status, answer.text, answer.has_failed) == (200, "", True)


async def test_refusals_and_broken_connections_are_answers_that_failed(replica: BaseTestServer) -> None:
    for path, status in (("/refuse", 401), ("/break", 0)):
        async with ChatClient(str(replica.make_url(path)), "k") as client:
            answer = await client.ask("m", HELLO, 40, is_streamed=False)
        assert (answer.status, answer.has_failed) == (status, True)


async def test_a_caller_shows_its_key(replica: BaseTestServer) -> None:
    seen: list[str | None] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(status=401)

    app = web.Application()
    app.router.add_post("/", note)
    async with TestServer(app) as server, ChatClient(str(server.make_url("/")), "one") as client:
        await client.ask("m", HELLO, 1, is_streamed=False)
        await client.ask("m", HELLO, 1, is_streamed=False, key="two")
    assert seen == ["Bearer one", "Bearer two"]
