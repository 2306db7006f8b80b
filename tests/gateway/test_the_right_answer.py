"""Whatever is asked in whatever order, an answer is the model's own to this very question."""

import json

import httpx
import pytest

from tests.gateway.deployed import with_store
from tests.gateway.model_server import Behaviour, model_server

STORES = ("proxy-cache", "memory", "redis", "sharded")

DOCUMENT = {"instances": [[1, 2.50, -3e-2]], "name": "é"}


def test_the_same_question_in_other_words_is_a_hit(deploy, model):
    deployed = deploy()
    first = deployed.ask(body=b'{"a": 1, "b": [1, 2.50]}')
    again = deployed.ask(body=b'{ "b":[1,2.50],\n"a":1}')
    assert (first.hit, again.hit, again.answer, len(model.calls)) == (False, True, first.answer, 1)


def test_other_questions_get_their_own_answers(deploy, model):
    deployed = deploy()
    bodies = [b'{"a":1}', b'{"a":1.0}', b'{"a":"1"}', b'{"a":[1]}', b'{"a":[]}', b'{"a":{}}', b'{"b":1}', b"[]", b"{}"]
    bodies += [b'{"a":9007199254740992}', b'{"a":9007199254740993}', b'{"a":0.1}', b'{"a":0.10000000000000001}']
    for _ in range(2):
        for body in bodies:
            assert deployed.ask(body=body).answer == model.answer_to(body)
    assert len(model.calls) == len(bodies)


@pytest.mark.parametrize("size", [0, 1_000, 8_192, 20_000, 60_000])
def test_large_questions_are_told_apart(deploy, model, size):
    deployed = deploy()
    bodies = [json.dumps({"image": "x" * size + tail}).encode() for tail in ("a", "b")]
    for _ in range(2):
        for body in bodies:
            assert deployed.ask(body=body).answer == model.answer_to(body)
    assert len(model.calls) == 2


@pytest.mark.parametrize("header", ["host", "accept", "content_type", "x_amzn_sagemaker_target_model", "x_tenant"])
def test_a_header_that_may_change_the_answer_is_part_of_the_question(deploy, model, header):
    deployed = deploy(cache={"key_headers": ["x-tenant"]})
    values = {"content_type": ["application/json", "application/json; a=b"]}.get(header, ["one.test", "two.test"])
    for value in values:
        assert not deployed.ask(DOCUMENT, **{header: value}).hit
    for value in values:
        assert deployed.ask(DOCUMENT, **{header: value}).hit
    assert len(model.calls) == 2


def test_the_query_is_part_of_the_question(deploy, model):
    deployed = deploy()
    path = deployed.url
    for query in ("?a=1", "?a=2", "?a&a=1", "?a=1:b=2", "?a=1&b=2", "?x&y=" + "1&z=" * 120):
        deployed.args["path"] = path + query
        assert deployed.ask(DOCUMENT).status == 200
        assert deployed.ask(DOCUMENT).hit
    assert len(model.calls) == 6


def test_a_rollout_serves_no_answer_of_the_old_version_nor_does_a_rollback(deploy, model):
    body = json.dumps(DOCUMENT).encode()
    deployed = deploy()
    with model_server(version="2") as newer:
        assert deployed.ask(body=body).answer == model.answer_to(body)
        deployed.deploy(version="2", endpoint=newer.url)
        assert deployed.ask(body=body).answer == newer.answer_to(body)
        assert deployed.ask(body=body).hit
        deployed.deploy(version="1", endpoint=model.url)
        assert deployed.ask(body=body).answer == model.answer_to(body)


def test_a_rollback_meets_nothing_that_a_model_exchanged_behind_one_url_has_left(deploy, model):
    body = json.dumps(DOCUMENT).encode()
    deployed = deploy()
    model.version = "2"  # exchanged in place, before the stack knows
    deployed.ask(body=body)
    deployed.deploy(version="2")
    model.version = "1"
    deployed.deploy(version="1")
    assert deployed.ask(body=body).answer == model.answer_to(body)


@with_store("proxy-cache")
def test_without_pre_function_there_is_no_answer_rather_than_another_questions(deploy, model, gateway):
    deployed = deploy(access={"mode": "open"})
    model.behaviour = Behaviour(headers=(("Cache-Control", "max-age=60"),))
    plugins = httpx.get(f"{gateway[0]}/services/gateway-tests-{deployed.name}-{deployed.name}/plugins").json()["data"]
    [pre_function] = [plugin["id"] for plugin in plugins if plugin["name"] == "pre-function"]
    httpx.patch(f"{gateway[0]}/plugins/{pre_function}", json={"enabled": False}).raise_for_status()
    gateway[2](lambda: deployed.ask({"a": 0}).status == 503)
    for number in range(3):
        assert deployed.ask({"a": number}).status == 503


def test_another_endpoint_is_another_question_even_under_one_version(deploy, model):
    body = json.dumps(DOCUMENT).encode()
    deployed = deploy()
    with model_server(version="2") as newer:
        deployed.ask(body=body)
        deployed.deploy(endpoint=newer.url)
        assert deployed.ask(body=body).answer == newer.answer_to(body)


@pytest.mark.parametrize("cache", [{"generation": 2}, {"ttl_seconds": 299}, {"exclude_fields": ["id"]}], ids=str)
def test_a_change_of_the_caching_rules_drops_what_was_stored(deploy, model, cache):
    deployed = deploy()
    deployed.ask(DOCUMENT)
    deployed.deploy(cache=cache)
    assert not deployed.ask(DOCUMENT).hit
    assert deployed.ask(DOCUMENT).hit


def test_without_the_cache_every_question_goes_to_the_model(deploy, model):
    deployed = deploy(cache={"enabled": False})
    replies = [deployed.ask(DOCUMENT) for _ in range(3)]
    assert [reply.cache for reply in replies] == ["", "", ""]
    assert len(model.calls) == 3


def test_switching_the_cache_off_and_on_again_serves_nothing_stale(deploy, model):
    deployed = deploy()
    deployed.ask(DOCUMENT)
    deployed.deploy(cache={"enabled": False})
    assert not deployed.ask(DOCUMENT).hit
    deployed.deploy(cache={"enabled": True})
    body = json.dumps(DOCUMENT).encode()
    assert deployed.ask(body=body).answer == model.answer_to(body)


def test_an_answer_lives_no_longer_than_the_model_allows(deploy, model):
    deployed = deploy()
    model.behaviour = Behaviour(headers=(("Cache-Control", "public, max-age=2"),))
    deployed.ask(DOCUMENT)
    hit = deployed.ask(DOCUMENT)
    assert hit.hit
    assert int(hit.cache.rsplit("ttl=", 1)[1]) <= 2
