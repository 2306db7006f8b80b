"""One path for many models: the name in the body, or else in the header, decides who answers."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.gateway.model_router.refusals import NAMES, refusal
from tests.gateway.model_router.routed_models import MODELS


def test_the_body_decides_who_answers(routed, alpha, beta):
    for name, server in (("alpha", alpha), ("beta", beta)):
        body = json.dumps({"model": name, "x": 1}).encode()
        answer = routed.send(body, {"apikey": routed.key_of("web")})
        assert (answer.status_code, answer.json()["answer"]) == (200, server.answer_to(body))
    assert [call[":line"] for call in alpha.calls + beta.calls] == ["POST /invocations HTTP/1.1"] * 2


def test_the_models_own_path_stays(routed, alpha):
    body = b'{"model": "anything"}'
    assert routed.send(body, path="/alpha/predict").json()["answer"] == alpha.answer_to(body)


def test_an_alias_reaches_the_model_under_the_name_that_it_knows(routed, alpha):
    body = b'{ "z" : [1.0, "gpt-x"], "model" : "gpt-x" , "a": {"model": "gpt-x"} }'
    expected = b'{ "z" : [1.0, "gpt-x"], "model" : "llama-3" , "a": {"model": "gpt-x"} }'
    answer = routed.send(body)
    assert (answer.status_code, answer.json()["answer"]) == (200, alpha.answer_to(expected))
    assert alpha.calls[0]["content-length"] == str(len(expected))


def test_an_alias_has_the_cache_of_its_model(routed, alpha):
    question = {"model": "gpt-x", "q": "cached"}
    assert [routed.ask(question).headers["cache-status"].split(";")[1] for _ in range(2)] == [" fwd=miss", " hit"]
    assert len(alpha.calls) == 1
    assert "; hit" not in routed.ask({"model": "llama-3", "q": "cached"}, path="/alpha/predict").headers["cache-status"]


@pytest.mark.parametrize("value", ['"org\\/model:7b"', '"org/model:7b"', '"\\u006frg/model:7b"'])
def test_any_spelling_of_the_value_means_the_same(routed, alpha, value):
    body = f'{{"model": {value}}}'.encode()
    assert routed.send(body).json()["answer"] == alpha.answer_to(body)


def test_streams_are_routed_and_not_cached(routed, alpha):
    for _ in range(2):
        answer = routed.ask({"model": "alpha", "stream": True})
        assert (answer.status_code, answer.headers["cache-status"]) == (
            200,
            "inference-edge; fwd=bypass; detail=stream",
        )
    assert len(alpha.calls) == 2


def test_a_model_that_the_caller_may_not_use(routed, beta):
    answer = routed.ask({"model": "gamma"}, apikey=routed.key_of("web"))
    assert (answer.status_code, answer.json()["message"]) == (403, "You cannot consume this service")
    assert routed.ask({"model": "gamma"}, apikey=routed.key_of("batch")).status_code == 200
    assert len(beta.calls) == 1


def test_the_list_has_what_the_caller_may_use(routed):
    assert routed.names_told(apikey=routed.key_of("web")) == NAMES
    assert routed.names_told(apikey=routed.key_of("batch")) == [*NAMES[:2], "gamma", *NAMES[2:]]
    assert routed.client.get(MODELS).status_code == 401
    answer = routed.client.get(MODELS, headers={"apikey": routed.key_of("web")})
    assert answer.json()["object"] == "list"
    assert answer.json()["data"][0] == {
        "id": "alpha",
        "object": "model",
        "created": 0,
        "owned_by": "inference-edge",
    }
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")


def test_a_client_of_openai_sends_its_key_as_a_token(routed, alpha, beta):
    token = {"authorization": f"Bearer {routed.key_of('web')}"}
    assert routed.names_told(**token) == NAMES
    body = b'{"model": "beta", "q": "token"}'
    for name in ("authorization", "apikey"):
        value = token["authorization"] if name == "authorization" else routed.key_of("web")
        assert routed.send(body, {name: value}).json()["answer"] == beta.answer_to(body)
    assert len(beta.calls) == 1, "both spellings of one key have one cache"
    assert not {"authorization", "apikey"} & set(beta.calls[0])
    assert routed.ask({"model": "gamma"}, **token).status_code == 403
    assert refusal(routed.ask({"model": "nobody"}, **token), "model_not_found")["models"] == NAMES


def test_a_token_is_the_models_own_where_no_key_is_asked_for(routed, alpha):
    body = b'{"model": "alpha", "q": "token"}'
    answer = routed.send(body, {"authorization": "Bearer mine"})
    assert answer.json()["answer"] == alpha.answer_to(body, "Bearer mine")


def test_a_header_names_the_model_of_what_is_not_looked_into(routed, alpha):
    large = json.dumps({"model": "alpha", "x": "y" * 3_000}).encode()
    for body, headers in (
        (large, {"x-model": "alpha"}),
        (b"1,2", {"X-Model": "alpha", "content-type": "text/csv"}),
        (gzip.compress(large), {"x-model": "alpha", "content-encoding": "gzip"}),
        (b'{"x": 1}', {"x-model": "alpha"}),
    ):
        answer = routed.send(body, headers)
        assert (answer.status_code, answer.json()["answer"]) == (200, alpha.answer_to(body))
    answer = routed.send(large, {"x-model": "nobody", "apikey": routed.key_of("web")})
    refusal(answer, "model_not_found")
