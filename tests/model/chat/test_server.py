from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from local.model.chat.server import ChatServer
from local.model.chat.speed import Speed
from local.model.chat.text import generated

Client = TestClient[web.Request, web.Application]
LONG = "What is a coroutine, and what is it good for? " * 20
PATH = "/v1/chat/completions"


def question(content: str = LONG, **more: Any) -> dict[str, Any]:
    return {"model": "chat-1", "messages": [{"role": "user", "content": content}], "max_tokens": 40, **more}


def server(batch: int = 8, cache_blocks: int = 1024) -> ChatServer:
    return ChatServer("large-1", Speed(0), cache_blocks, batch)


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Callable[[ChatServer], Awaitable[Client]]]:
    clients: list[Client] = []

    async def start(chat: ChatServer) -> Client:
        clients.append(TestClient(TestServer(chat.app())))
        await clients[-1].start_server()
        return clients[-1]

    yield start
    for client in clients:
        await client.close()


Serve = Callable[[ChatServer], Awaitable[Client]]


def cached(answer: ClientResponse) -> tuple[str, int]:
    return answer.headers["X-Prefix-Cache"], int(answer.headers["X-Cached-Tokens"])


async def test_answers_with_text_that_follows_from_model_and_prompt(serve: Serve) -> None:
    client = await serve(server())
    answer = await client.post(PATH, json=question())
    document = await answer.json()
    assert answer.status == 200
    assert (document["object"], document["model"]) == ("chat.completion", "chat-1")
    choice = document["choices"][0]
    text = generated("chat-1", f"<|user|>\n{LONG}\n<|assistant|>\n", 40)
    assert choice == {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "length"}
    assert len(text) == 4 * 40
    assert answer.headers["X-Replica"] == "large-1"


async def test_tells_how_much_of_a_prompt_it_had_read_before(serve: Serve) -> None:
    client = await serve(server())
    first = await client.post(PATH, json=question())
    again = await client.post(PATH, json=question())
    assert cached(first) == ("cold", 0)
    assert cached(again)[0] == "warm"
    usage = (await again.json())["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] == cached(again)[1] > 0
    assert usage["prompt_tokens"] == int(again.headers["X-Prompt-Tokens"])
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] == usage["prompt_tokens"] + 40


async def test_the_next_turn_finds_the_answer_before_it_too(serve: Serve) -> None:
    client = await serve(server())
    asked = question()
    text = (await (await client.post(PATH, json=asked)).json())["choices"][0]["message"]["content"]
    said = [*asked["messages"], {"role": "assistant", "content": text}, {"role": "user", "content": "And?"}]
    answer = await client.post(PATH, json={**asked, "messages": said})
    history = len(f"<|user|>\n{LONG}\n<|assistant|>\n{text}")
    assert cached(answer) == ("warm", history // 64 * 16)


async def test_another_model_does_not_find_it(serve: Serve) -> None:
    client = await serve(server())
    await client.post(PATH, json=question())
    assert cached(await client.post(PATH, json=question(model="chat-2"))) == ("cold", 0)


async def test_a_stream_holds_the_same_text_in_events_and_ends_with_done(serve: Serve) -> None:
    client = await serve(server())
    whole = (await (await client.post(PATH, json=question())).json())["choices"][0]["message"]["content"]
    answer = await client.post(PATH, json=question(stream=True, stream_options={"include_usage": True}))
    events = (await answer.text()).split("\n\n")
    assert answer.content_type == "text/event-stream"
    assert "Content-Length" not in answer.headers
    assert events[-2:] == ["data: [DONE]", ""]
    documents = [json.loads(event.removeprefix("data: ")) for event in events[:-2]]
    *texts, finish, usage = documents
    assert "".join(document["choices"][0]["delta"]["content"] for document in texts) == whole
    assert len(texts) == 3
    assert finish["choices"][0]["finish_reason"] == "length"
    assert (usage["choices"], usage["usage"]["completion_tokens"]) == ([], 40)
    assert {document["object"] for document in documents} == {"chat.completion.chunk"}


async def test_completions_take_a_prompt(serve: Serve) -> None:
    client = await serve(server())
    asked = {"model": "chat-1", "prompt": LONG, "max_tokens": 20}
    document = await (await client.post("/v1/completions", json=asked)).json()
    assert document["object"] == "text_completion"
    assert document["choices"][0]["text"] == generated("chat-1", LONG, 20)
    streamed = await client.post("/v1/completions", json={**asked, "stream": True})
    first = (await streamed.text()).split("\n\n")[0]
    assert json.loads(first.removeprefix("data: "))["choices"][0]["text"] == generated("chat-1", LONG, 16)


async def test_refuses_what_it_cannot_answer_in_openais_words(serve: Serve) -> None:
    client = await serve(server())
    answer = await client.post(PATH, json={"model": "chat-1"})
    assert answer.status == 400
    message = "messages must be a list of at least one message"
    problem = {"message": message, "type": "invalid_request_error", "param": "messages", "code": None}
    assert await answer.json() == {"error": problem}


async def test_counts_requests_and_forgets_prefixes_when_it_is_told(serve: Serve) -> None:
    client = await serve(server())
    for _ in range(2):
        await client.post(PATH, json=question())
    stats = await (await client.get("/stats")).json()
    assert (stats["name"], stats["requests"], stats["warm"], stats["in_flight"]) == ("large-1", 2, 1, 0)
    assert stats["cached_blocks"] > 0 < stats["cached_tokens"] < stats["prompt_tokens"]
    await client.post("/reset_prefix_cache")
    assert (await (await client.get("/stats")).json())["cached_blocks"] == 0
    assert cached(await client.post(PATH, json=question())) == ("cold", 0)


async def test_works_on_no_more_at_once_than_its_batch(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await serve(server(batch=2))
    working, most = 0, 0

    real = asyncio.sleep

    async def sleep(_: float) -> None:
        nonlocal working, most
        working, most = working + 1, max(most, working + 1)
        await real(0)
        working -= 1

    monkeypatch.setattr("local.model.chat.server.asyncio.sleep", sleep)
    answers = await asyncio.gather(*(client.post(PATH, json=question(f"{number}")) for number in range(6)))
    assert [answer.status for answer in answers] == [200] * 6
    assert most == 2


async def test_a_draining_replica_says_so_and_answers_what_it_has(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = server()
    client = await serve(chat)
    working, go_on = asyncio.Event(), asyncio.Event()

    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds:
            await real(seconds)
        else:
            working.set()
            await go_on.wait()

    monkeypatch.setattr("local.model.chat.server.asyncio.sleep", sleep)
    assert (await client.get("/ping")).status == 200
    asked = asyncio.create_task(client.post(PATH, json=question()))
    await working.wait()
    draining = asyncio.create_task(chat.drain())
    while not chat.stats["draining"]:
        await real(0)
    ping = await client.get("/ping")
    assert (ping.status, (await ping.json())["status"]) == (503, "draining")
    assert not draining.done()
    go_on.set()
    answer = await asked
    assert (answer.status, answer.headers["Connection"]) == (200, "close")
    await draining
