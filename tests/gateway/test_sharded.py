"""Three nodes that divide the answers among them: each is kept by one, wherever it was asked."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.cluster import Cluster, ask_nodes, running_cluster
from tests.gateway.model_server import Behaviour, ModelServer
from tests.gateway.sharded_model import BODY, ShardedModel, around, until

BODIES = [b'{"x": [%d, 1]}' % number for number in range(300)]
INTERNAL = {"xpredictionkey", "xpredictionshard", "xpredictiontold"}


@pytest.fixture
def mortal_cluster() -> Iterator[Cluster]:
    with running_cluster(3) as cluster:
        yield cluster


@pytest.fixture
def mortal(mortal_cluster: Cluster, tmp_path: Path, model: ModelServer) -> Iterator[ShardedModel]:
    one = ShardedModel(mortal_cluster, tmp_path, model)
    yield one
    one.deployed.close()


def test_what_one_node_was_asked_all_others_have(sharded, model):
    one = sharded()
    replies = [one.ask(node) for node in one.cluster.nodes]
    one.answers(replies, [BODY] * 3)
    assert replies[0].cache == "inference-edge; fwd=miss; stored"
    assert [reply.cache.split("ttl")[0] for reply in replies[1:]] == ["inference-edge; hit; "] * 2
    assert {reply.headers["cache-control"] for reply in replies} == {"private, no-store"}
    assert not INTERNAL & {name for reply in replies for name in reply.headers}
    assert int(replies[2].headers["age"]) >= 0
    assert len(model.calls) == 1


def test_200_identical_questions_at_once_at_all_nodes_are_one_call(sharded, model):
    one = sharded()
    model.behaviour = Behaviour(seconds=2)
    replies = ask_nodes(one.deployed, around(one.cluster.nodes, [BODY] * 200))
    one.answers(replies, [BODY] * 200)
    assert len(model.calls) == 1
    assert sum(reply.hit for reply in replies) == 199


def test_100_questions_asked_at_every_node_are_100_calls(sharded, model):
    one = sharded()
    bodies = BODIES[:100]
    for node in one.cluster.nodes:
        one.answers(ask_nodes(one.deployed, [(node, body) for body in bodies]), bodies)
    assert len(model.calls) == 100


def test_no_hit_before_authentication_and_none_of_another_consumer(sharded, model):
    one = sharded()
    first, second, third = one.cluster.nodes
    one.ask(first)
    assert one.ask(second).hit
    assert {one.ask(node, key=key).status for node in (second, third) for key in (None, "wrong")} == {401}
    assert not one.ask(third, key="batch").hit
    assert len(model.calls) == 2


def test_no_hit_over_the_rate_limit(sharded, model):
    one = sharded(access={"rate_limit": {"per_hour": 2}})
    assert [one.ask(one.cluster.nodes[1]).status for _ in range(3)] == [200, 200, 429]


def test_the_model_sees_the_request_and_the_gateways_headers_but_none_of_the_nodes_own(sharded, model):
    one = sharded(upstream_headers={"x-api-key": "of-the-model-0123456789"})
    spoofed = {"Xpredictionkey": "x", "Xpredictionshard": "y", "Xpredictiontold": "z"}
    for more in ({}, {"cookie": "a=1"}):  # kept, and sent past the cache
        one.ask(one.cluster.nodes[0], **more)
        one.ask(one.cluster.nodes[0], BODIES[0], **more, **spoofed)
    assert len(model.calls) == 4
    for call in model.calls:
        assert call[":line"] == "POST /invocations HTTP/1.1"
        assert call["x-api-key"] == "of-the-model-0123456789"
        assert call["x-consumer-username"].endswith("-web")
        assert not {"xpredictionkey", "xpredictionshard", "apikey"} & set(call)


def test_a_bypass_goes_to_the_model_with_its_reason(sharded, model):
    one = sharded()
    replies = [one.ask(node, cookie="a=1") for node in one.cluster.nodes]
    assert {reply.cache for reply in replies} == {"inference-edge; fwd=bypass; detail=cookie"}
    assert one.ask(one.cluster.nodes[0], cache_control="no-cache").cache == "inference-edge; fwd=request; detail=client"
    assert len(model.calls) == 4


def test_a_client_may_ask_for_a_young_answer(sharded, model):
    one = sharded()
    first, second, _ = one.cluster.nodes
    one.ask(first)
    until(lambda: int(one.ask(second).headers["age"]) >= 2)
    assert not one.ask(second, cache_control="max-age=1").hit
    assert len(model.calls) == 2


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Xpredictionshard", "")],
        [("Xpredictionshard", "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong-")],
        [("Xpredictionshard", "a"), ("Xpredictionshard", "b")],
        [("X-Prediction-Shard", "a"), ("X_prediction_shard", "b")],
    ],
    ids=str,
)
def test_nobody_but_the_nodes_gets_in_to_a_shard(sharded, model, headers):
    one = sharded()
    key = f"{'a' * 27}.{'b' * 27}"
    sent = [*one.deployed.headers("web", {}), *headers]
    paths = [f"{one.shard_path}{more}" for more in ("", "/", "?a=b", "/x", "//")]
    paths += [one.shard_path.replace(*hidden, 1) for hidden in (("/-/", "/%2D/"), ("/-/", "//-/"), ("/-/", "/-/./"))]
    with httpx.Client(base_url=one.cluster.nodes[0].proxy) as client:
        for path, method in itertools.product(paths, ("POST", "PUT", "GET", "OPTIONS")):
            for name in (key, "bypass.cookie.1"):
                reply = client.request(method, path, content=BODY, headers=[*sent, ("Xpredictionkey", name)])
                assert reply.status_code in (403, 404), (method, path)
        assert client.post(paths[0], content=BODY, headers=sent).json() == {"message": "this path is the gateway's own"}
    assert not model.calls


def test_a_key_that_a_client_sends_means_nothing(sharded, model):
    one = sharded()
    node = one.cluster.nodes[0]
    one.ask(node)
    seen: set[str | None] = set()
    for spoof in (f"{'a' * 27}.{'b' * 27}", "bypass.cookie.1", ""):
        headers = {"Xpredictionkey": spoof, "xpredictionKEY": spoof, "Xpredictionshard": spoof}
        assert one.ask(node, **headers).hit
        seen.add(one.ask(node, BODIES[7], **headers).answer)
    assert seen == {model.answer_to(BODIES[7])}
    assert len(model.calls) == 2


def test_an_answer_to_get_may_be_shared_for_the_seconds_that_it_has_left(sharded, model):
    one = sharded(cache={"shareable": True})
    miss, hit = (one.get(node) for node in one.cluster.nodes[:2])
    assert (miss.hit, hit.hit) == (False, True)
    assert miss.headers["cache-control"].startswith("public, max-age=0, s-maxage=300")
    assert hit.headers["cache-control"].startswith("public, max-age=0, s-maxage=")
    assert not INTERNAL & {*miss.headers, *hit.headers}


def test_a_model_cannot_make_its_answer_one_to_share(sharded, model):
    one = sharded(cache={"shareable": True})
    node = one.cluster.nodes[0]
    known = one.get(node).headers["cache-control"]
    assert known.startswith("public")
    model.behaviour = Behaviour(headers=(("Cache-Control", "no-store"), ("Xpredictiontold", "300." + "a" * 27)))
    reply = one.get(node, BODIES[2])
    assert reply.headers["cache-control"] == "private, no-store"
    assert "xpredictiontold" not in reply.headers
    assert "xpredictiontold" not in one.ask(node, BODIES[3]).headers


def test_a_shard_of_another_version_makes_no_answer_to_share_and_keeps_it_apart(sharded, model):
    one = sharded(cache={"shareable": True})
    node = one.cluster.nodes[0]
    service = f"{one.cluster.admin}/services/gateway-tests-{one.deployed.name}-{one.deployed.name}_shards"
    one.get(node)
    assert httpx.patch(service, json={"path": "/newer"}).status_code == 200
    until(lambda: not one.get(node).hit)  # what was asked of the one endpoint does not answer for the other
    assert one.get(node).headers["cache-control"] == "private, no-store"
    assert httpx.patch(service, json={"path": "/invocations"}).status_code == 200
    until(lambda: one.get(node).headers["cache-control"].startswith("public"))
    assert {call[":line"].split()[1] for call in model.calls} == {"/invocations", "/newer"}


def test_of_a_node_that_dies_under_load_only_the_share_is_asked_again_and_no_request_fails(mortal, model):
    first, second, third = mortal.cluster.nodes
    mortal.answers(ask_nodes(mortal.deployed, around([first, second], BODIES)), BODIES)
    assert len(model.calls) == len(BODIES)
    load = around([first, second], BODIES * 4)
    killer = threading.Timer(0.3, third.kill)
    killer.start()
    mortal.answers(ask_nodes(mortal.deployed, load), [body for _, body in load])
    killer.join()
    mortal.answers(ask_nodes(mortal.deployed, around([first, second], BODIES)), BODIES)
    lost = len(model.calls) - len(BODIES)
    assert 50 <= lost <= 150  # a third
    replies = ask_nodes(mortal.deployed, around([second, first], BODIES))
    assert all(reply.hit for reply in replies)


def test_questions_on_their_way_to_a_node_that_dies_are_asked_of_another(mortal, model):
    first, second, third = mortal.cluster.nodes
    model.behaviour = Behaviour(seconds=1.5)
    killer = threading.Timer(0.7, third.kill)
    killer.start()
    bodies = BODIES[:40]
    mortal.answers(ask_nodes(mortal.deployed, around([first, second], bodies)), bodies)
    killer.join()
    assert len(bodies) < len(model.calls) < 2 * len(bodies)


def test_a_node_that_is_added_takes_over_its_share_and_no_other_answer_moves(mortal, model):
    first, second, third = mortal.cluster.nodes
    mortal.answers(ask_nodes(mortal.deployed, around([first, second, third], BODIES)), BODIES)
    model.calls.clear()
    fourth = mortal.cluster.add()
    mortal.shard_with(4)
    nodes = [first, second, third, fourth]
    mortal.answers(ask_nodes(mortal.deployed, around(nodes, BODIES)), BODIES)
    assert 35 <= len(model.calls) <= 120  # a quarter
    replies = ask_nodes(mortal.deployed, around([fourth, *nodes], BODIES))
    assert all(reply.hit for reply in replies)
