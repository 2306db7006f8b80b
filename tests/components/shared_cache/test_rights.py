"""The users' rights are enough for what the gateway and its operators ask, and for no more: asked of a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from redis.exceptions import NoPermissionError

from components.shared_cache.elasticache import ANY_ENTRY, own_entries
from local.redis.binary import find_server
from local.redis.server import RedisServer

ADMIN, USER = "for-this-test-only", "for-this-test-only-too"
OWN, FOREIGN = "edge:test:digits@1:1:{a.b}", "edge:prod:digits@1:1:{a.b}"

NEEDED: list[tuple[Any, ...]] = [
    ("PING",),
    ("GET", OWN),
    ("PTTL", OWN),
    ("SET", OWN, "entry", "PX", 60_000),
    ("SET", f"{OWN}:f", "token", "NX", "PX", 60_000),
    ("PEXPIRE", OWN, 60_000),
    ("DEL", f"{OWN}:f"),
    ("SCAN", 0, "MATCH", "edge:test:*"),
    ("UNLINK", OWN),
]
REFUSED: list[tuple[Any, ...]] = [
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("CONFIG", "GET", "*"),
    ("ACL", "LIST"),
    ("KEYS", "*"),
    ("SHUTDOWN",),
]


@pytest.fixture(scope="module")
def server() -> Iterator[redis.Redis]:
    own = RedisServer(find_server(), "127.0.0.1", 0, ADMIN)
    with redis.Redis.from_url(own.url, password=ADMIN) as admin:
        yield admin
    own.stop()
    own.wait()


@pytest.fixture(params=[own_entries("edge:test"), ANY_ENTRY], ids=["own entries", "any entry"])
def user(request: pytest.FixtureRequest, server: redis.Redis) -> Iterator[redis.Redis]:
    """Connected as the user of an access string."""
    server.execute_command("ACL", "SETUSER", "kong", "reset", f">{USER}", *request.param.split())
    address = server.connection_pool.connection_kwargs
    with redis.Redis(address["host"], address["port"], username="kong", password=USER, protocol=2) as connected:
        yield connected


@pytest.mark.parametrize("command", NEEDED, ids=lambda command: command[0])
def test_what_is_needed_is_allowed(user: redis.Redis, command: tuple[Any, ...]) -> None:
    user.execute_command(*command)


@pytest.mark.parametrize("command", REFUSED, ids=lambda command: " ".join(command))
def test_what_is_dangerous_is_refused(user: redis.Redis, command: tuple[Any, ...]) -> None:
    with pytest.raises(NoPermissionError):
        user.execute_command(*command)


def test_the_places_of_a_cluster_may_be_asked_for(user: redis.Redis) -> None:
    with pytest.raises(redis.ResponseError, match="cluster support disabled"):
        user.execute_command("CLUSTER SLOTS")


@pytest.mark.parametrize("user", [own_entries("edge:test")], indirect=True)
@pytest.mark.parametrize("command", [("GET", FOREIGN), ("SET", FOREIGN, "entry"), ("UNLINK", FOREIGN)], ids=str)
def test_entries_of_others_are_out_of_reach(user: redis.Redis, command: tuple[Any, ...]) -> None:
    with pytest.raises(NoPermissionError):
        user.execute_command(*command)
