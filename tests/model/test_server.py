from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from local.model.classifier import DigitsClassifier, unseen_images
from local.model.server import ModelServer

Client = TestClient[web.Request, web.Application]
Serve = Callable[[float], Awaitable[Client]]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    clients: list[Client] = []

    async def start(latency_seconds: float) -> Client:
        clients.append(TestClient(TestServer(ModelServer(DigitsClassifier("1"), latency_seconds).app())))
        await clients[-1].start_server()
        return clients[-1]

    yield start
    for client in clients:
        await client.close()


async def test_answers_with_its_version_and_the_classifiers_predictions(serve: Serve) -> None:
    client = await serve(0)
    images = unseen_images()[0][:2]
    response = await client.post("/invocations", json={"instances": images})
    body = await response.read()
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json"
    assert int(response.headers["Content-Length"]) == len(body)
    assert json.loads(body) == {"model_version": "1", "predictions": DigitsClassifier("1").predict(images)}


async def test_refuses_a_bad_request_with_a_reason_in_json(serve: Serve) -> None:
    client = await serve(0)
    response = await client.post("/invocations", data=b"{}")
    assert response.status == 400
    assert response.headers["Content-Type"] == "application/json"
    assert await response.json() == {"error": "instances is missing: give a list of images"}


async def test_counts_the_calls_and_nothing_else(serve: Serve) -> None:
    client = await serve(0)
    for _ in range(2):
        await client.get("/ping")
        await client.post("/invocations", data=b"{}")
    assert await (await client.get("/calls")).json() == {"calls": 2}


async def test_another_classifier_takes_over_under_the_first_ones_version(serve: Serve) -> None:
    client = await serve(30)
    images = unseen_images()[0][:2]
    wanted = {"version": "2", "latency_seconds": 0}
    assert (await client.put("/classifier", json=wanted)).status == 200
    answer = await (await client.post("/invocations", json={"instances": images})).json()
    assert answer == {"model_version": "1", "predictions": DigitsClassifier("2").predict(images)}
    assert (await (await client.get("/ping")).json())["model_version"] == "1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version": "3", "latency_seconds": 0}',
        b'{"version": "2", "latency_seconds": -1}',
        b'{"version": "2", "latency_seconds": 61}',
        b'{"version": "2", "latency_seconds": "soon"}',
        b'{"version": "2", "latency_seconds": NaN}',
    ],
)
async def test_refuses_a_classifier_that_there_is_not(serve: Serve, body: bytes) -> None:
    client = await serve(0)
    response = await client.put("/classifier", data=body)
    assert response.status == 400
    assert (await response.json())["error"].startswith("give {")
    answer = await (await client.post("/invocations", json={"instances": unseen_images()[0][:1]})).json()
    assert answer["predictions"] == DigitsClassifier("1").predict(unseen_images()[0][:1])


async def test_ping_is_ready(serve: Serve) -> None:
    assert (await (await serve(0)).get("/ping")).status == 200


async def test_the_added_latency_of_requests_at_once_overlaps(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await serve(30)
    asleep: list[float] = []
    all_asleep = asyncio.Event()

    async def sleep(seconds: float) -> None:
        asleep.append(seconds)
        if len(asleep) == 3:
            all_asleep.set()
        await all_asleep.wait()

    monkeypatch.setattr("local.model.server.asyncio.sleep", sleep)
    image = unseen_images()[0][0]
    answers = await asyncio.gather(*(client.post("/invocations", json={"instances": [image]}) for _ in range(3)))
    assert [answer.status for answer in answers] == [200] * 3
    assert asleep == [30] * 3
