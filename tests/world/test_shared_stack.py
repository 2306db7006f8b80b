"""The stack `shared` on a local world with two gateway nodes and a Valkey, with and without a password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis

from local import PROJECT_DIR
from local.demo.gateway import wait_for_route
from local.demo.target import Target
from local.deploy import open_engine
from local.engine import Secret
from local.stack_file import SHARED_CACHE, StackFile
from local.world import LocalWorld
from tests.world.support import eventually

BODY = b'{"instances":[[' + b",".join([b"0"] * 64) + b"]]}"


@pytest.fixture(params=[None, ""], ids=["with a password", "without one, as make local"])
def world(request: pytest.FixtureRequest) -> Iterator[LocalWorld]:
    with LocalWorld(latency_seconds=0, node_ports=(0,), redis_port=0, redis_password=request.param) as running:
        yield running


def config(world: LocalWorld) -> dict[str, object]:
    moved = StackFile(PROJECT_DIR, "shared").moved(
        world.admin, world.proxy, world.endpoints["1"], "1", "", world.redis_url, world.redis_password
    )
    return {**moved, SHARED_CACHE: {**moved[SHARED_CACHE], "retrySeconds": 1}}


def nodes(world: LocalWorld, target: Target) -> list[Target]:
    found = [target.at_node(proxy) for proxy in world.proxies]
    for node in found:
        wait_for_route(node.url)
    return found


def ask(node: Target, body: bytes = BODY) -> httpx.Response:
    headers = {**node.headers, "Content-Type": "application/json"}
    return httpx.post(node.url, content=body, headers=headers, timeout=30).raise_for_status()


def is_hit(answer: httpx.Response) -> bool:
    return "; hit" in answer.headers["Cache-Status"]


def test_the_nodes_share_answers_and_go_on_without_their_cache(
    world: LocalWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    engine = open_engine("embedded", "shared", tmp_path, config(world))
    engine.up()
    first, second = nodes(world, Target.of(engine.outputs(show_secrets=True)))
    assert not is_hit(ask(first))
    with redis.Redis.from_url(world.redis_url, password=world.redis_password or None) as client:
        eventually(client.dbsize)  # it is written after the answer
    shared = ask(second)
    assert is_hit(shared)
    assert shared.json() == ask(first).json()
    assert world.model_calls("1") == 1

    world.kill("redis")
    alone = [ask(node) for node in (first, second, first)]
    assert not any(map(is_hit, alone))
    assert [answer.json() for answer in alone] == [shared.json()] * 3

    world.restart("redis")
    assert eventually(lambda: is_hit(ask(first)) and is_hit(ask(second)))
    engine.destroy()


def test_the_password_rests_in_no_file_in_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    with LocalWorld(latency_seconds=0, redis_port=0) as world:
        given = config(world)
        cache = given[SHARED_CACHE]
        assert isinstance(cache, dict)
        assert cache["password"] == Secret(world.redis_password)
        assert world.redis_password not in repr(given)
        engine = open_engine("embedded", "shared", tmp_path, given)
        outcome = engine.up()
        kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert kept
        assert all(world.redis_password.encode() not in content for content in kept)
        assert world.redis_password not in repr((outcome.steps, outcome.outputs))
        engine.destroy()
