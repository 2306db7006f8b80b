"""Which POSTs become a GET and what that GET is; with httpx.Client and httpx.AsyncClient."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from client import CacheStatus, PredictionTransport, cache_status
from tests.client.conftest import Post
from tests.client.support.server import Answer, Asked, RecordingServer

QUESTION = {"instances": [[0.5, 1.25]], "a": "é"}
CANONICAL = '{"a":"é","instances":[[0.5,1.25]]}'.encode()
JSON = {"Content-Type": "application/json"}


def input_of(asked: Asked) -> bytes:
    path, _, text = asked.target.partition("?input=")
    assert path == "/predict" and "=" not in text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def pieces(*chunks: bytes) -> Iterator[bytes]:
    """A body that can be read once."""
    yield from chunks


# The twin


def test_a_post_of_json_is_asked_with_get(post: Post, server: RecordingServer) -> None:
    response = post("/predict", json=QUESTION, headers={"apikey": "k", "Authorization": "Bearer t", "X-Own": "1"})
    [asked] = server.asked
    assert asked.method == "GET" and input_of(asked) == CANONICAL and asked.body == b""
    assert not {"content-length", "content-type", "transfer-encoding"} & asked.headers.keys()
    assert (asked.headers["apikey"], asked.headers["authorization"], asked.headers["x-own"]) == ("k", "Bearer t", "1")
    assert response.json() == {"predictions": [1]}


def test_the_response_belongs_to_the_post(post: Post, server: RecordingServer) -> None:
    response = post("/predict", json=QUESTION)
    assert response.request.method == "POST" and response.request.url == f"{server.url}/predict"
    assert json.loads(response.request.content) == QUESTION


def test_equal_questions_have_one_url(post: Post, server: RecordingServer) -> None:
    for document in (b'{"b": 1.0, "a": [true]}', b'{"a":[true],"b":1.0}', b' {"a" : [ true ],\n"\\u0062":1.0} '):
        post("/predict", content=document, headers=JSON)
    assert server.methods == ["GET"] * 3 and len({asked.target for asked in server.asked}) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": 'Application/JSON;charset="UTF-8"'},
        {**JSON, "Accept": "application/json, */*;q=0.5"},
        {**JSON, "Cookie": "a=b", "Cache-Control": "max-age=60"},
        {**JSON, "Authorization": "a-key-of-a-gateway"},
    ],
)
def test_headers_that_get_can_carry(post: Post, server: RecordingServer, headers: dict[str, str]) -> None:
    post("/predict", content=json.dumps(QUESTION), headers=headers)
    assert server.methods == ["GET"]
    carried = {name.lower(): value for name, value in headers.items() if name != "Content-Type"}
    assert carried.items() <= server.asked[0].headers.items()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/json"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/vnd.api+json"},
        {**JSON, "Content-Encoding": "identity"},
        {**JSON, "Content-Language": "de"},
        {**JSON, "Prefer": "wait=5"},
        {**JSON, "X-Amzn-SageMaker-Target-Variant": "b"},
        {**JSON, "X-Amz-Date": "20250101T000000Z"},
        {**JSON, "Accept": "text/csv"},
        {**JSON, "Accept": "application/json;q=0"},
        {**JSON, "Accept": "application/json;profile=x"},
        {**JSON, "Range": "bytes=0-1"},
        {**JSON, "If-None-Match": '"a"'},
        {**JSON, "Digest": "sha-256=x"},
        {**JSON, "Authorization": "AWS4-HMAC-SHA256 Credential=x"},
        {**JSON, "Authorization": 'Digest username="a"'},
        {**JSON, "Cache-Control": "max-age=5, no-cache"},
        {**JSON, "Cache-Control": "no-store"},
        {**JSON, "Cache-Control": "max-age=0"},
        {**JSON, "Pragma": "no-cache"},
    ],
)
def test_headers_that_only_post_can_honour(post: Post, server: RecordingServer, headers: dict[str, str]) -> None:
    document = json.dumps(QUESTION).encode()
    post("/predict", content=document, headers=headers)
    [asked] = server.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/predict", document)
    assert {name.lower(): value for name, value in headers.items()}.items() <= asked.headers.items()


@pytest.mark.parametrize("path", ["/predict?", "/predict?version=2"])
def test_a_url_with_a_query_stays_a_post(post: Post, server: RecordingServer, path: str) -> None:
    post(path, json=QUESTION)
    assert server.methods == ["POST"]


@pytest.mark.parametrize("document", [b'{"a":1,"a":2}', b"[NaN]", b'["\\ud800"]', b"not JSON", b"3", b""])
def test_a_body_without_canonical_form_is_sent_as_it_is(post: Post, server: RecordingServer, document: bytes) -> None:
    post("/predict", content=document, headers=JSON)
    assert [(asked.method, asked.body) for asked in server.asked] == [("POST", document)]


def test_other_methods_and_uses_are_left_alone(server: RecordingServer) -> None:
    with httpx.Client(base_url=server.url, transport=PredictionTransport()) as client:
        client.get("/predict", params={"input": "x"})
        client.put("/predict", json=QUESTION)
        client.post("/predict", data={"a": "b"})
        client.post("/predict", files={"a": b"b"})
        client.post("/predict")
        client.request("POST", "/predict", json=QUESTION, extensions={"target": b"/other"})
    assert server.methods == ["GET", "PUT", "POST", "POST", "POST", "POST"]


def test_up_to_6000_bytes_are_asked_with_get(post: Post, server: RecordingServer) -> None:
    for length in (6_000, 6_001):
        post("/predict", content=b'["' + b"x" * (length - 4) + b'"]', headers=JSON)
        post("/predict", content=b'[ "' + b"x" * (length - 4) + b'" ]', headers=JSON)
    assert server.methods == ["GET", "GET", "POST", "POST"]
    assert len(input_of(server.asked[0])) == 6_000


def test_a_url_of_8192_bytes_stays_a_post(post: Post, server: RecordingServer) -> None:
    document = b'["' + b"x" * 5_996 + b'"]'
    rest = 8_192 - len(f"{server.url}/?input=") - 8_000
    post(f"/{'p' * (rest - 1)}", content=document, headers=JSON)
    post(f"/{'p' * rest}", content=document, headers=JSON)
    assert server.methods == ["GET", "POST"]


# Bodies that are streams


def test_a_streamed_question_is_asked_with_get(post: Post, server: RecordingServer) -> None:
    post("/predict", content=pieces(b'{"a": "\xc3', b'\xa9", "instances"', b":[[0.5,1.25]]}"), headers=JSON)
    [asked] = server.asked
    assert asked.method == "GET" and input_of(asked) == CANONICAL and "transfer-encoding" not in asked.headers


def test_a_streamed_body_is_sent_again_after_a_refusal(post: Post, server: RecordingServer) -> None:
    server.answer = lambda asked: Answer(405 if asked.method == "GET" else 200)
    assert post("/predict", content=pieces(b'{"a":', b"1}"), headers=JSON).status_code == 200
    assert [(asked.method, asked.body) for asked in server.asked] == [("GET", b""), ("POST", b'{"a":1}')]


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "300002"}])
def test_a_long_stream_goes_through_unchanged(post: Post, server: RecordingServer, headers: dict[str, str]) -> None:
    parts = [b"[", *[b" " * 1_000] * 300, b"]"]
    post("/predict", content=pieces(*parts), headers={**JSON, **headers})
    assert [(asked.method, asked.body) for asked in server.asked] == [("POST", b"".join(parts))]


def test_an_answer_can_be_streamed(server: RecordingServer) -> None:
    with (
        httpx.Client(base_url=server.url, transport=PredictionTransport()) as client,
        client.stream("POST", "/predict", json=QUESTION) as response,
    ):
        assert b"".join(response.iter_raw()) == b'{"predictions": [1]}'
    assert server.methods == ["GET"]


# What the caches did


def test_every_response_tells_what_the_caches_did(post: Post, server: RecordingServer) -> None:
    told: dict[str, Any] = {"Cache-Status": "inference-edge; hit; ttl=9", **JSON}
    server.answer = lambda asked: Answer(headers=told if asked.method == "GET" else JSON)
    response = post("/predict", json=QUESTION)
    assert response.extensions["cache_status"] == cache_status(response) == CacheStatus(True, "gateway", True, 9)
    assert post("/predict?x", json=QUESTION).extensions["cache_status"] == CacheStatus()


def test_closing_the_client_closes_the_wrapped_transport() -> None:
    closed: list[bool] = []

    class Inner(httpx.MockTransport):
        def close(self) -> None:
            closed.append(True)

    httpx.Client(transport=PredictionTransport(Inner(lambda request: httpx.Response(200)))).close()
    assert closed == [True]
