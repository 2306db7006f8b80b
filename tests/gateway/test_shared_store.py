"""Two nodes and one Redis: what one node asked, the other answers; and once is enough however many ask at once."""

import asyncio
import os
from collections.abc import Callable, Iterator

import httpx
import pytest

from local.serving import allow_many_connections
from tests.gateway.deployed import DeployedModel, Reply, reply_of, with_store
from tests.gateway.model_server import Behaviour
from tests.kong.running import running_node

BODY = b'{"x": 1}'
pytestmark = with_store("redis")


@pytest.fixture
def nodes(deploy: Callable[..., DeployedModel], gateway) -> Iterator[tuple[DeployedModel, list[str]]]:
    """The model behind two nodes, and their proxies."""
    allow_many_connections()
    deployed = deploy()
    if os.environ.get("KONG_ADMIN_URL") == gateway[0]:
        pytest.skip("one node of a real Kong")
    with running_node(gateway[0], "--client-body-buffer-size", "1m") as second:
        yield deployed, [deployed.proxy, second]


def ask_all(deployed: DeployedModel, questions: list[tuple[str, bytes]], **headers: str) -> list[Reply]:
    async def run() -> list[Reply]:
        limits = httpx.Limits(max_connections=None)
        given = deployed.headers("web", headers)
        async with httpx.AsyncClient(timeout=120, limits=limits) as client:
            asked = [client.post(f"{proxy}{deployed.url}", content=body, headers=given) for proxy, body in questions]
            return [reply_of(response) for response in await asyncio.gather(*asked)]

    return asyncio.run(run())


def test_1000_identical_questions_at_once_at_two_nodes_are_one_call(nodes, model):
    deployed, proxies = nodes
    model.behaviour = Behaviour(seconds=3)
    replies = ask_all(deployed, [(proxies[i % 2], BODY) for i in range(1_000)], host="one.test")
    assert {reply.answer for reply in replies} == {model.answer_to(BODY)}
    assert len(model.calls) == 1
    assert sum(reply.hit for reply in replies) == 999


def test_100_questions_asked_at_both_nodes_are_100_calls(nodes, model):
    deployed, proxies = nodes
    bodies = [b'{"x": %d}' % number for number in range(100)]
    for proxy, hits in zip(proxies, (0, 100), strict=True):
        replies = ask_all(deployed, [(proxy, body) for body in bodies], host="one.test")
        assert [reply.answer for reply in replies] == [model.answer_to(body) for body in bodies]
        assert sum(reply.hit for reply in replies) == hits
    assert len(model.calls) == 100


def test_an_answer_that_is_not_stored_lets_the_other_node_go_at_once(nodes, model):
    deployed, proxies = nodes
    model.behaviour = Behaviour(seconds=1, headers=(("Cache-Control", "no-store"),))
    replies = ask_all(deployed, [(proxies[i % 2], BODY) for i in range(10)], host="one.test")
    assert {reply.answer for reply in replies} == {model.answer_to(BODY)}
    assert model.most_at_once > 3


def test_a_lead_whose_client_went_away_gives_way_on_the_other_node(nodes, model):
    deployed, proxies = nodes
    model.behaviour = Behaviour(seconds=2)

    async def run() -> httpx.Response:
        given = deployed.headers("web", {"host": "one.test"})
        async with httpx.AsyncClient(timeout=120) as client:
            first = asyncio.create_task(client.post(proxies[0] + deployed.url, content=BODY, headers=given))
            while not model.calls:
                await asyncio.sleep(0.01)
            second = asyncio.create_task(client.post(proxies[1] + deployed.url, content=BODY, headers=given))
            await asyncio.sleep(0.5)
            first.cancel()
            return await second

    reply = reply_of(asyncio.run(run()))
    assert (reply.status, reply.answer) == (200, model.answer_to(BODY))
    assert len(model.calls) == 2


def test_a_key_of_one_consumer_is_no_other_consumers_on_any_node(nodes, model):
    deployed, proxies = nodes
    with httpx.Client(timeout=60) as client:
        for key, hits in (("web", [False, True]), ("batch", [False, True])):
            given = deployed.headers(key, {"host": "one.test"})
            replies = [reply_of(client.post(proxy + deployed.url, content=BODY, headers=given)) for proxy in proxies]
            assert [reply.hit for reply in replies] == hits
        refused = client.post(proxies[1] + deployed.url, content=BODY, headers={"content-type": "application/json"})
        assert refused.status_code == 401
