"""The model is asked again for some hits, and a cache whose answers are wrong goes off until an operator acts."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.gateway.deployed import DeployedModel, with_store
from tests.gateway.model_server import Behaviour, model_server
from tests.gateway.scraped import eventually, value
from tests.verification.odd_models import dripping_model, rounding_model

STORES = ("proxy-cache", "memory", "redis", "sharded")
ALL = {"share": 1, "max_per_second": 1000}


def verified(deployed: DeployedModel, outcome: str) -> float:
    return value(deployed.admin, "kong_inference_edge_verified_total", model=deployed.name, outcome=outcome)


def hits_until(deployed: DeployedModel, questions: int, holds: Any) -> int:
    """Asks the questions in turn until it holds; gives the number of hits."""
    hits = 0
    for number in range(3000):
        hits += deployed.ask({"q": number % questions}).hit
        if number % 5 == 0 and holds():
            return hits
    raise AssertionError("never")


def test_a_right_answer_is_the_same_as_the_models(deploy, model) -> None:
    deployed = deploy(cache={"verify": ALL})
    deployed.ask({"q": 0})
    assert deployed.ask({"q": 0}).hit
    assert eventually(lambda: verified(deployed, "same") == 1)
    assert len(model.calls) == 2
    first, again = model.calls
    assert first[":line"] == again[":line"]
    assert "xpredictionshadow" not in again and "apikey" not in again
    assert first["x-consumer-username"] == again["x-consumer-username"]


def test_a_model_changed_behind_the_cache_switches_it_off(deploy, model) -> None:
    deployed = deploy(cache={"verify": ALL, "ttl_seconds": 3600})
    for number in range(5):
        deployed.ask({"q": number})
    model.version = "2"
    hits_until(deployed, 5, lambda: deployed.ask({"q": 0}).detail == "mismatch")
    for number in range(5):
        reply = deployed.ask({"q": number})
        assert reply.answer == model.answer_to(b'{"q": %d}' % number)
        assert reply.cache == "inference-edge; fwd=bypass; detail=mismatch"
    assert eventually(
        lambda: value(deployed.admin, "kong_inference_edge_cache_off", model=deployed.name, cause="wrong") == 1
    )
    assert eventually(lambda: verified(deployed, "wrong") >= 3)


def test_only_a_new_generation_switches_it_on_again(deploy, model) -> None:
    deployed = deploy(cache={"verify": ALL})
    deployed.ask({"q": 0})
    model.version = "2"
    hits_until(deployed, 1, lambda: deployed.ask({"q": 0}).detail == "mismatch")
    deployed.deploy(cache={"verify": {**ALL, "max_mismatch_ratio": 0.4}})
    assert deployed.ask({"q": 0}).detail == "mismatch"
    deployed.deploy(cache={"verify": ALL, "generation": 2})
    deployed.ask({"q": 0})
    reply = deployed.ask({"q": 0})
    assert reply.hit and reply.answer == model.answer_to(b'{"q": 0}')
    assert eventually(lambda: value(deployed.admin, "kong_inference_edge_cache_off", model=deployed.name) == 0)


@with_store("proxy-cache")
def test_a_model_that_fails_is_no_proof(deploy, model) -> None:
    deployed = deploy(cache={"verify": ALL})
    deployed.ask({"q": 0})
    model.behaviour = Behaviour(status=503)
    hits_until(deployed, 1, lambda: verified(deployed, "failed") >= 5)
    assert deployed.ask({"q": 0}).hit


@with_store("proxy-cache", "memory")
def test_nobody_else_gets_on_the_gateways_own_path(deploy, model) -> None:
    deployed = deploy(cache={"verify": ALL})
    model.calls.clear()
    for headers in ({}, {"Xpredictionshadow": "x" * 48}):
        response = deployed.client.post(f"/-/shadow/{deployed.kong_name}", json={"q": 1}, headers=headers)
        assert response.status_code == 403
    assert model.calls == []


@pytest.mark.parametrize("store", ["memory"], indirect=True)
def test_callers_do_not_wait_for_a_slow_comparison(deploy, model) -> None:
    deployed = deploy(cache={"verify": ALL})
    deployed.ask({"q": 0})
    model.behaviour = Behaviour(seconds=2)
    for _ in range(50):
        assert deployed.ask({"q": 0}).hit
    assert model.most_at_once == 1
    skipped = "kong_inference_edge_verification_skipped_total"
    assert eventually(lambda: value(deployed.admin, skipped, model=deployed.name, reason="busy") > 0)


@with_store("proxy-cache", "memory")
def test_an_answer_that_drips_holds_up_its_comparison_only_as_long_as_the_model_may_take(deploy) -> None:
    timeouts = {"connect_seconds": 0.05, "read_seconds": 0.85, "write_seconds": 0.05}
    with dripping_model() as dripping:
        deployed = deploy(endpoint=dripping.url, timeouts=timeouts, cache={"verify": {"share": 1, "max_per_second": 2}})
        deployed.ask({"q": 0})
        began = time.monotonic()
        while time.monotonic() < began + 7:
            assert deployed.ask({"q": 0}).hit
            time.sleep(0.01)
        assert dripping.most_at_once == 1
        assert dripping.begun >= 2
        assert eventually(lambda: verified(deployed, "failed") >= dripping.begun - 1)
        assert verified(deployed, "wrong") == 0


@with_store("proxy-cache", "sharded")
def test_the_largest_question_is_verified_too(deploy, model) -> None:
    largest = 1_048_576
    deployed = deploy(cache={"max_body_bytes": largest, "verify": ALL}, access={"max_request_bytes": 2 * largest})
    question = b'{"q": "%b"}' % (b"x" * (largest - len(b'{"q": ""}')))
    deployed.ask(body=question)
    assert deployed.ask(body=question).hit
    assert eventually(lambda: verified(deployed, "same") == 1)


@pytest.mark.parametrize("condition", ["if_none_match", "if_match"])
def test_a_condition_of_the_caller_makes_no_answer_wrong(deploy, model, condition: str) -> None:
    deployed = deploy(cache={"verify": ALL})
    deployed.ask({"q": 0})
    deployed.ask({"q": 0}, **{condition: "*"})
    assert eventually(lambda: verified(deployed, "same") == 1)
    assert verified(deployed, "wrong") == 0


def test_many_numbers_are_compared_one_by_one(deploy) -> None:
    with rounding_model() as url:
        for difference, outcome in ((0.001, "same"), (1e-9, "nondeterministic")):
            verify = {**ALL, "tolerances": [{"field": "scores", "difference": difference}]}
            deployed = deploy(endpoint=url, cache={"verify": verify, "max_response_bytes": 1_000_000})
            deployed.ask({"q": 0})
            assert deployed.ask({"q": 0}).hit
            assert eventually(lambda name=deployed, wanted=outcome: verified(name, wanted) == 1)


def test_the_model_is_asked_with_the_callers_query_and_credential(deploy, model) -> None:
    deployed = deploy(cache={"verify": ALL}, access={"mode": "upstream-credential"})
    asked = [("authorization", "Bearer of-one-caller"), ("content-type", "application/json; charset=utf-8")]
    url = f"{deployed.url}?variant=b&n=%20x"
    for hit in (False, True):
        response = deployed.client.post(url, content=b'{"q": 1}', headers=asked)
        assert ("; hit" in response.headers["cache-status"]) == hit
    assert eventually(lambda: verified(deployed, "same") == 1)
    first, again = model.calls
    for name in (":line", "authorization", "content-type", "accept-encoding"):
        assert first.get(name) == again.get(name)


@with_store("proxy-cache", "memory", "sharded")
def test_requests_that_failed_are_in_flight_no_longer(deploy, model) -> None:
    deployed = deploy(cache={"verify": {**ALL, "max_in_flight": 1}}, endpoint="http://127.0.0.1:9/x", retries=0)
    for number in range(3):
        assert deployed.ask({"q": number}).status in (502, 503)
    deployed.deploy(endpoint=model.url)
    model.behaviour = Behaviour(truncated=True)
    for number in range(3):
        with pytest.raises(httpx.RemoteProtocolError):
            deployed.ask({"q": number})
    model.behaviour = Behaviour(seconds=0.6)
    for number in range(3):
        with pytest.raises(httpx.ReadTimeout):
            headers = deployed.headers("web", {})
            deployed.client.post(deployed.url, content=b'{"q": %d}' % number, headers=headers, timeout=0.3)
    model.behaviour = Behaviour()
    deployed.ask({"q": 9})
    assert eventually(lambda: deployed.ask({"q": 9}).hit and verified(deployed, "same") >= 1)


def test_a_rollout_on_its_way_is_no_mismatch(deploy, model) -> None:
    deployed = deploy(cache={"verify": ALL})
    deployed.ask({"q": 0})
    with model_server("2") as other:
        made = httpx.get(f"{deployed.admin}/services", params={"size": 1000}).json()["data"]
        [service] = [one["id"] for one in made if one["name"].endswith(f"{deployed.name}_shadow")]
        changed = {"port": httpx.URL(other.url).port}
        httpx.patch(f"{deployed.admin}/services/{service}", json=changed).raise_for_status()
        hits_until(deployed, 1, lambda: verified(deployed, "failed") >= 5)
        assert deployed.ask({"q": 0}).hit
        assert other.calls == []
        assert verified(deployed, "wrong") == 0


def test_stacks_whose_models_have_one_name_are_verified_each_for_itself(deploy, model) -> None:
    stacks = [deploy(model="twin", path=f"/twin-{number}/predict", cache={"verify": ALL}) for number in range(2)]
    for deployed in stacks:
        deployed.ask({"q": 0})
        calls = len(model.calls)
        assert deployed.ask({"q": 0}).hit
        assert eventually(lambda calls=calls: len(model.calls) == calls + 1)
