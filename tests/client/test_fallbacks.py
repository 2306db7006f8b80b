"""Every way back to POST, with httpx.Client and httpx.AsyncClient."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import httpx
import pytest

from client import AsyncPredictionTransport, PredictionTransport
from client.refusals import Refusals
from tests.client.conftest import Post
from tests.client.support.server import Answer, Asked, RecordingServer

QUESTION = {"instances": [[0.5, 1.25]], "a": "é"}
JSON = {"Content-Type": "application/json"}


def get_answers(status: int, body: bytes = b'{"message": "no"}', **headers: str) -> Callable[[Asked], Answer]:
    """GET is answered so, POST as usual."""
    return lambda asked: Answer(status, body, {**JSON, **headers}) if asked.method == "GET" else Answer()


@pytest.mark.parametrize("status", [404, 405, 501, 301, 302, 303, 307, 308])
def test_a_path_that_refuses_get_is_asked_by_post_and_remembered(
    post: Post, server: RecordingServer, status: int
) -> None:
    server.answer = get_answers(status, Location="/elsewhere?input=x")
    for _ in range(2):
        response = post("/predict", json=QUESTION, follow_redirects=True)
        assert response.json() == {"predictions": [1]} and response.history == []
    post("/other", json=QUESTION)
    assert server.methods == ["GET", "POST", "POST", "GET", "POST"]
    assert json.loads(server.asked[1].body) == QUESTION


@pytest.mark.parametrize("status", [414, 431])
def test_only_urls_as_long_as_a_refused_one_are_remembered(post: Post, server: RecordingServer, status: int) -> None:
    server.answer = lambda asked: Answer(status if len(asked.target) > 500 else 200)
    for length in (1_000, 1_000, 10, 1_500):
        assert post("/predict", json=["x" * length]).status_code == 200
    assert server.methods == ["GET", "POST", "POST", "GET", "POST"]


def test_a_refusal_is_forgotten_after_five_minutes(
    post: Post, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr("client.refusals.time.monotonic", lambda: now[0])
    server.answer = get_answers(404)
    for now[0] in (1_000.0, 1_299.0, 1_301.0):
        post("/predict", json=QUESTION)
    assert server.methods == ["GET", "POST", "POST", "GET", "POST"]


def test_at_most_1000_paths_are_remembered() -> None:
    refusals = Refusals()
    urls = [httpx.URL(f"https://a.test/{number}?input=x") for number in range(1_001)]
    for url in urls:
        refusals.note(url, 0)
    assert [refusals.has(url) for url in (urls[0], urls[1], urls[1_000])] == [False, True, True]
    assert not refusals.has(httpx.URL("https://b.test/1?input=x"))


@pytest.mark.parametrize(
    "message",
    [
        "GET cannot honour the header prefer: use POST",
        "input may hold 6000 bytes: send a longer question by POST",
        "input is not JSON (depth)",
        "input is not base64url without padding",
        "the query must be input=<the JSON body as base64url without padding>, and nothing else",
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_a_400_that_speaks_of_get_is_asked_by_post_each_time_anew(
    post: Post, server: RecordingServer, message: str, compressed: bool
) -> None:
    body = json.dumps({"message": message}).encode()
    encoded = (gzip.compress(body), {"Content-Encoding": "gzip"}) if compressed else (body, {})
    server.answer = get_answers(400, encoded[0], **encoded[1])
    for _ in range(2):
        assert post("/predict", json=QUESTION).status_code == 200
    assert server.methods == ["GET", "POST"] * 2


@pytest.mark.parametrize(
    "body", [b'{"message": "instances must have 64 numbers"}', b'{"error": "use POST"}', b"[]", b"use POST", b""]
)
@pytest.mark.parametrize("compressed", [False, True])
def test_a_400_of_the_model_is_the_answer(post: Post, server: RecordingServer, body: bytes, compressed: bool) -> None:
    encoded = (gzip.compress(body), {"Content-Encoding": "gzip"}) if compressed else (body, {})
    server.answer = get_answers(400, encoded[0], **encoded[1])
    response = post("/predict", json=QUESTION)
    assert (response.status_code, response.content) == (400, body)
    assert server.methods == ["GET"]


@pytest.mark.parametrize("status", [401, 403, 422, 429, 500, 502, 503, 504])
def test_other_errors_are_the_answer(post: Post, server: RecordingServer, status: int) -> None:
    server.answer = get_answers(status)
    assert post("/predict", json=QUESTION).status_code == status
    assert server.methods == ["GET"]


def test_a_redirect_of_the_post_is_followed_as_that_of_a_post(post: Post, server: RecordingServer) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer() if asked.target.startswith("/new") else Answer(307, b"", {"Location": "/new"})

    server.answer = answer
    response = post("/predict", json=QUESTION, follow_redirects=True)
    assert response.status_code == 200 and [item.status_code for item in response.history] == [307]
    assert [(asked.method, asked.target.partition("?")[0]) for asked in server.asked] == [
        ("GET", "/predict"),
        ("POST", "/predict"),
        ("GET", "/new"),
    ]


def test_a_refusal_does_not_use_up_connections(server: RecordingServer) -> None:
    server.answer = get_answers(400, b'{"message": "use POST"}')
    limits = httpx.Limits(max_connections=1)
    inner = httpx.HTTPTransport(limits=limits)
    with httpx.Client(base_url=server.url, transport=PredictionTransport(inner), timeout=5) as client:
        for _ in range(3):
            assert client.post("/predict", json=QUESTION).status_code == 200


async def test_a_refusal_does_not_use_up_connections_of_an_async_client(server: RecordingServer) -> None:
    server.answer = get_answers(404)
    inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=1))
    async with httpx.AsyncClient(base_url=server.url, transport=AsyncPredictionTransport(inner), timeout=5) as client:
        for path in ("/a", "/b", "/c"):
            assert (await client.post(path, json=QUESTION)).status_code == 200
