"""What became of each request is counted, by model, version, outcome and reason."""

from __future__ import annotations

import threading

import httpx
import pytest

from tests.gateway.deployed import DeployedModel, with_store
from tests.gateway.model_server import Behaviour
from tests.gateway.scraped import eventually, value

STORES = ("proxy-cache", "memory", "redis", "sharded")


def counted(deployed: DeployedModel, outcome: str, **labels: str) -> float:
    labels = {"model": deployed.name, "outcome": outcome, **labels}
    return value(deployed.admin, "kong_inference_edge_requests_total", **labels)


def test_every_outcome_is_counted_with_its_reason(deploy, model) -> None:
    deployed = deploy(access={"rate_limit": {"per_hour": 7}})
    expected = {
        "miss": {"detail": "stored"},
        "bypass": {"detail": "client"},
        "miss, not stored": {"detail": "set-cookie"},
        "hit": {"version": "1"},  # detail collapsed, where the store was not told yet
    }
    before = {what: counted(deployed, what.partition(",")[0], **labels) for what, labels in expected.items()}
    deployed.ask({"q": 1})
    deployed.ask({"q": 1})
    deployed.ask({"q": 2}, cache_control="no-cache")
    deployed.ask({"q": 3}, key=None)
    model.behaviour = Behaviour(headers=(("Set-Cookie", "a=b"),))
    deployed.ask({"q": 4})
    for what, labels in expected.items():
        outcome, count = what.partition(",")[0], before[what] + 1
        assert eventually(lambda o=outcome, n=labels, c=count: counted(deployed, o, **n) == c), what
    assert eventually(lambda: counted(deployed, "refused", detail="401") >= 1)
    for outcome in ("hit", "miss", "bypass"):
        timed = {"model": deployed.name, "outcome": outcome}
        assert value(deployed.admin, "kong_inference_edge_request_ms_count", **timed) >= 1


def test_requests_that_waited_for_another_are_counted(deploy, model) -> None:
    deployed = deploy()
    model.behaviour = Behaviour(seconds=1)
    threads = [threading.Thread(target=deployed.ask, args=({"q": 1},)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert eventually(lambda: counted(deployed, "hit", detail="collapsed") == 2)
    if deployed.store == "memory" and "shards" not in deployed.args:
        assert eventually(lambda: value(deployed.admin, "kong_inference_edge_waits_total", model=deployed.name) == 2)


@with_store("proxy-cache", "memory", "sharded")
def test_a_model_that_is_away_has_failed(deploy, model) -> None:
    deployed = deploy(endpoint="http://127.0.0.1:9/invocations", retries=0)
    assert deployed.ask({"q": 1}).status in (502, 503)
    assert eventually(lambda: counted(deployed, "failed") == 1)


@with_store("proxy-cache")
def test_a_model_without_a_cache_is_counted_too(deploy, model) -> None:
    deployed = deploy(cache={"enabled": False})
    deployed.ask({"q": 1})
    assert eventually(lambda: counted(deployed, "off") == 1)


def test_what_a_model_says_of_a_cache_is_no_label(deploy, model) -> None:
    deployed = deploy()
    model.behaviour = Behaviour(headers=(("Cache-Status", "other; hit; ttl=1; detail=invented"), ("Cache-Status", "x")))
    deployed.ask({"q": 1})
    deployed.ask({"q": 2}, cache_control="no-cache")
    deployed.ask({"q": 1})
    model.behaviour.status = 503
    deployed.ask({"q": 3})
    assert eventually(lambda: sum(counted(deployed, outcome) for outcome in ("hit", "miss", "bypass")) >= 4)
    assert counted(deployed, "miss", detail="invented") == counted(deployed, "hit", detail="invented") == 0
    assert counted(deployed, "bypass", detail="invented") == 0


@with_store("memory")
def test_a_stale_answer_is_told_apart(deploy, model) -> None:
    deployed = deploy(cache={"ttl_seconds": 1, "stale_if_error_seconds": 60})
    deployed.ask({"q": 1})
    model.behaviour = Behaviour(status=503)
    assert eventually(lambda: deployed.ask({"q": 1}).detail == "error-503")
    assert eventually(lambda: counted(deployed, "stale", detail="error") >= 1)


@with_store("memory")
def test_answers_that_had_to_go_are_counted(deploy, model) -> None:
    deployed = deploy(cache={"max_response_bytes": 16_777_216})
    model.behaviour = Behaviour(filler=4_000_000)
    evictions = "kong_inference_edge_evictions_total"
    for number in range(100):
        deployed.ask({"q": number})
        if number % 10 == 9 and eventually(lambda: value(deployed.admin, evictions, model=deployed.name) > 0, 2):
            return
    raise AssertionError("nothing was evicted")


@with_store("proxy-cache")
def test_the_price_is_a_metric(deploy, model) -> None:
    deployed = deploy(cost={"per_instance_hour": 7.2, "concurrency": 4, "as_of": "2026-11-01"})
    deployed.ask({"q": 1})
    price = "kong_inference_edge_price"
    assert eventually(lambda: value(deployed.admin, price, model=deployed.name, per="busy_second") == 0.0005)
    assert value(deployed.admin, price, model=deployed.name, per="call") == 0
    assert value(deployed.admin, f"{price}_as_of_seconds", model=deployed.name) == 1793491200


@with_store("proxy-cache", "memory", "sharded")
def test_a_caller_who_leaves_is_no_answer_of_the_model(deploy, model) -> None:
    deployed = deploy()
    model.behaviour = Behaviour(seconds=1)
    with pytest.raises(httpx.ReadTimeout):
        headers = deployed.headers("web", {})
        deployed.client.post(deployed.url, content=b'{"q": 1}', headers=headers, timeout=0.3)
    assert eventually(lambda: counted(deployed, "failed", detail="499") == 1)
    assert counted(deployed, "off") == 0
