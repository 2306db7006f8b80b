"""Sharded answers while the deployment changes under load: a new version, sharding that begins and ends."""

from __future__ import annotations

import itertools
import threading

import httpx

from tests.gateway.cluster import Node, ask_nodes
from tests.gateway.model_server import ModelServer, model_server
from tests.gateway.sharded_model import ShardedModel, around, until

BODIES = [b'{"x": [%d, 1]}' % number for number in range(60)]
INTERNAL = {"xpredictionkey", "xpredictionshard", "xpredictiontold"}


def test_after_a_rollout_under_load_no_answer_is_of_the_version_before(sharded, model):
    one = sharded()
    nodes, bodies = one.cluster.nodes, BODIES
    allowed = {version: dict[bytes, str]() for version in "12"}
    stop, wrong = threading.Event(), []
    with model_server("2") as newer:
        for body in bodies:
            allowed["1"][body], allowed["2"][body] = model.answer_to(body), newer.answer_to(body)

        def load() -> None:
            for node, body in zip(itertools.cycle(nodes), itertools.cycle(bodies), strict=False):
                if stop.is_set():
                    return
                [reply] = ask_nodes(one.deployed, [(node, body)])
                if reply.status != 200 or reply.answer not in (allowed["1"][body], allowed["2"][body]):
                    wrong.append((node.address, body, reply))

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        ask_nodes(one.deployed, around(nodes, bodies))
        one.deployed.deploy(version="2", endpoint=newer.url)
        fresh = itertools.count(1_000)
        for node in nodes:
            until(lambda: _asks(newer, one, node, b'{"x": %d}' % next(fresh)))  # noqa: B023
        replies = ask_nodes(one.deployed, around(nodes, bodies * 6))
        stop.set()
        for thread in threads:
            thread.join()
        assert [reply.answer for reply in replies] == [allowed["2"][body] for body in bodies * 6]
    assert not wrong


def _asks(model: ModelServer, one: ShardedModel, node: Node, body: bytes) -> bool:
    return one.ask(node, body).answer == model.answer_to(body)


def test_sharding_can_begin_and_end_under_load(sharded, model):
    one = sharded()
    node, stop = one.cluster.nodes[0], threading.Event()
    wrong: list[httpx.Response] = []

    def load() -> None:
        for body, key in itertools.cycle(itertools.product(BODIES[:20], ("web", None))):
            if stop.is_set():
                return
            with httpx.Client(base_url=node.proxy, timeout=60) as client:
                headers = [*one.deployed.headers(key, {}), ("host", "one.test")]
                response = client.post(one.url, content=body, headers=headers)
            right = (200, model.answer_to(body)) if key else (401, None)
            if (response.status_code, response.json().get("answer")) != right:
                wrong.append(response)

    thread = threading.Thread(target=load)
    thread.start()
    one.replicate()
    assert one.ask(node).status == 200
    one.shard_with(3)
    assert one.ask(node).status == 200
    stop.set()
    thread.join()
    assert not wrong
    assert {call[":line"].split()[0] for call in model.calls} == {"POST"}
    assert not any(INTERNAL & set(call) for call in model.calls)
