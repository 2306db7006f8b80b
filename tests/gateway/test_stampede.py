"""Many at once: one call to the model, nobody waits for another's failure, nobody unauthenticated is in the way."""

import asyncio
import socket

import httpx

from tests.gateway.deployed import DeployedModel, Reply, reply_of
from tests.gateway.model_server import Behaviour

STORES = ("proxy-cache", "memory", "redis", "sharded")

BODY = b'{"x": 1}'


def at_once(deployed: DeployedModel, count: int, **headers: str) -> list[Reply]:
    async def run() -> list[Reply]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=deployed.proxy, timeout=60, limits=limits) as client:
            given = deployed.headers("web", headers)
            asked = [client.post(deployed.url, content=BODY, headers=given) for _ in range(count)]
            return [reply_of(response) for response in await asyncio.gather(*asked)]

    return asyncio.run(run())


def test_200_identical_questions_at_once_are_one_call(deploy, model):
    deployed = deploy()
    model.behaviour = Behaviour(seconds=1)
    replies = at_once(deployed, 200)
    assert {reply.answer for reply in replies} == {model.answer_to(BODY)}
    assert len(model.calls) == 1
    assert sum(reply.hit for reply in replies) == 199
    assert all(reply.detail == "collapsed" for reply in replies if reply.hit)


def test_an_answer_that_may_not_be_stored_lets_all_others_go_at_once(deploy, model):
    deployed = deploy()
    model.behaviour = Behaviour(seconds=0.5, headers=(("Cache-Control", "no-store"),))
    replies = at_once(deployed, 20)
    assert {reply.answer for reply in replies} == {model.answer_to(BODY)}
    assert len(model.calls) == 20
    assert model.most_at_once > 5  # not one after the other


def test_a_model_that_times_out_does_not_make_the_others_queue(deploy, model):
    deployed = deploy(timeouts={"read_seconds": 1})
    model.behaviour = Behaviour(seconds=3)
    assert {reply.status for reply in at_once(deployed, 10)} == {504}
    assert model.most_at_once > 5  # one after the other, each given up after a second, would be three


def test_clients_of_another_http_version_are_protected_too(deploy, model):
    deployed = deploy()
    url = httpx.URL(deployed.proxy)
    with socket.create_connection((url.host, url.port or 80)) as old:
        head = [f"POST {deployed.url} HTTP/1.0", f"Host: {url.netloc.decode()}", f"Content-Length: {len(BODY)}"]
        head += [f"{name}: {value}" for name, value in deployed.headers("web", {})]
        old.sendall("\r\n".join([*head, "", ""]).encode() + BODY)
        while old.recv(65536):
            pass
    model.behaviour = Behaviour(seconds=0.5)
    at_once(deployed, 20)
    assert len(model.calls) == 2


def test_a_client_that_gives_up_does_not_leave_the_others_waiting(deploy, model):
    deployed = deploy()
    model.behaviour = Behaviour(seconds=1)

    async def run() -> Reply:
        async with httpx.AsyncClient(base_url=deployed.proxy, timeout=60) as client:
            given = deployed.headers("web", {})
            leader = asyncio.create_task(client.post(deployed.url, content=BODY, headers=given))
            await asyncio.sleep(0.3)
            follower = asyncio.create_task(client.post(deployed.url, content=BODY, headers=given))
            await asyncio.sleep(0.3)
            leader.cancel()
            return reply_of(await follower)

    assert asyncio.run(run()).answer == model.answer_to(BODY)


def test_a_caller_without_a_key_cannot_hold_up_those_with_one(deploy, model):
    deployed = deploy()
    model.behaviour = Behaviour(seconds=0.5)

    async def run() -> tuple[list[int], Reply]:
        async with httpx.AsyncClient(base_url=deployed.proxy, timeout=60) as client:
            strangers = [
                client.post(deployed.url, content=BODY, headers=deployed.headers(key, {}))
                for key in (None, "wrong", "wrong-too")
                for _ in range(10)
            ]
            mine = client.post(deployed.url, content=BODY, headers=deployed.headers("web", {}))
            *refused, answered = await asyncio.gather(*strangers, mine)
            return [response.status_code for response in refused], reply_of(answered)

    refused, answered = asyncio.run(run())
    assert set(refused) == {401}
    assert answered.answer == model.answer_to(BODY)
    assert len(model.calls) == 1


def test_many_different_questions_at_once_get_their_own_answers(deploy, model):
    deployed = deploy()
    bodies = [b'{"x": %d}' % (i % 25) for i in range(200)]

    async def run() -> list[Reply]:
        async with httpx.AsyncClient(base_url=deployed.proxy, timeout=60) as client:
            given = deployed.headers("web", {})
            return [
                reply_of(response)
                for response in await asyncio.gather(
                    *(client.post(deployed.url, content=b, headers=given) for b in bodies)
                )
            ]

    for body, reply in zip(bodies, asyncio.run(run()), strict=True):
        assert reply.answer == model.answer_to(body)
    assert len(model.calls) == 25
