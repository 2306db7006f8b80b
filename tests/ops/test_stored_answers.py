"""What is removed from a real shared cache, what stays, and how every way of not reaching it is told."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ops.cache_checks import check_cache
from ops.cache_server import CacheServer, CacheServerError
from ops.stored_answers import Removal, StoredAnswers
from tests.stores.support.valkey import Valkey, free_port, valkey

PREFIX = "inference-edge:dev"
SECRET = "s3cr3t-of-the-cache"


def name(model: str, generation: int, question: str, key: str = "k", more: str = "", version: str = "1") -> str:
    return f"{PREFIX}:{model}@{version}:{generation}:{{{question * 27}.{key * 27}}}{more}"


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with valkey(f"requirepass {SECRET}") as running:
        yield running


def stored(server: Valkey, limit_seconds: float = 30, **others: Any) -> StoredAnswers:
    options: dict[str, Any] = {"password": server.password, "tls": False, "key_prefix": PREFIX, **others}
    return StoredAnswers(CacheServer(server.host, server.port, **options), "digits", limit_seconds)


def silent() -> Console:
    return Console(file=io.StringIO())


def fill(server: Valkey, *names: str) -> None:
    server.client.flushall()
    for each in names:
        server.client.set(each, "answer", px=60_000)


def left(server: Valkey) -> set[str]:
    return {each.decode() for each in server.client.scan_iter()}


def test_older_generations_go_and_nothing_else(server: Valkey) -> None:
    stay = {
        name("digits", 3, "a"),
        name("digits", 3, "a", more=":f"),
        name("digits", 10, "a"),
        name("letters", 1, "a"),
        name("digits-2", 1, "a"),
        f"{PREFIX}2:digits@1:1:{{x}}",
        f"{PREFIX}:digits@1:1:mine",
        "else",
    }
    go = {name("digits", 1, "a"), name("digits", 2, "b", version="v%3A2"), name("digits", 2, "b", more=":f")}
    fill(server, *stay, *go)
    assert stored(server).remove_generations_below(3, silent()) == Removal(3, True)
    assert left(server) == stay


def test_a_question_goes_for_every_caller_version_and_generation(server: Valkey) -> None:
    lease = name("digits", 2, "a", more=":f")
    stay = {name("digits", 2, "b"), name("letters", 2, "a"), lease}
    fill(server, *stay, name("digits", 2, "a"), name("digits", 2, "a", "c"), name("digits", 1, "a", version="0"))
    assert stored(server).remove_question("a" * 27, silent()) == Removal(3, True)
    assert left(server) == stay


def test_a_prefix_that_is_a_pattern_matches_itself_alone(server: Valkey) -> None:
    question = f"digits@1:1:{{{'a' * 27}.{'k' * 27}}}"
    fill(server, f"[ab]*?\\:{question}", f"a:{question}", f"axx:{question}", f"[ab]*?:{question}")
    removal = stored(server, key_prefix="[ab]*?\\").remove_generations_below(2, silent())
    assert removal.removed == 1
    assert left(server) == {f"a:{question}", f"axx:{question}", f"[ab]*?:{question}"}


def test_many_are_removed_in_small_calls_that_never_block(server: Valkey) -> None:
    fill(server)
    with server.client.pipeline(transaction=False) as pipeline:
        for index in range(5_000):
            pipeline.set(f"{PREFIX}:digits@1:{index % 2 + 1}:{{{index:027d}.{'k' * 27}}}", "x", px=60_000)
        pipeline.execute()
    server.client.config_resetstat()
    assert stored(server).remove_generations_below(2, silent()) == Removal(2_500, True)
    used = {key.removeprefix("cmdstat_"): value["calls"] for key, value in server.client.info("commandstats").items()}
    assert not {"keys", "del", "flushdb", "flushall"} & set(used)
    assert used["unlink"] == 2_500
    assert used["scan"] >= 5
    assert len(left(server)) == 2_500


def test_when_the_time_is_over_the_rest_stays(server: Valkey) -> None:
    fill(server)
    with server.client.pipeline(transaction=False) as pipeline:
        for index in range(5_000):
            pipeline.set(f"{PREFIX}:digits@1:1:{{{index:027d}.{'k' * 27}}}", "x", px=60_000)
        pipeline.execute()
    removal = stored(server, limit_seconds=1e-9).remove_generations_below(2, silent())
    assert not removal.complete
    assert 0 < removal.removed < 5_000
    assert len(left(server)) == 5_000 - removal.removed
    assert stored(server).remove_generations_below(2, silent()) == Removal(5_000 - removal.removed, True)


def test_a_cluster_is_looked_through_node_by_node(tmp_path: Path) -> None:
    folders = [tmp_path / "1", tmp_path / "2"]
    for folder in folders:
        folder.mkdir()
    buses = [free_port(), free_port()]
    with (
        valkey("cluster-enabled yes", f"cluster-port {buses[0]}", folder=folders[0]) as first,
        valkey("cluster-enabled yes", f"cluster-port {buses[1]}", folder=folders[1]) as second,
    ):
        join(first, second, buses[1])
        names = [f"{PREFIX}:digits@1:{index % 2 + 1}:{{{index:027d}.{'k' * 27}}}" for index in range(40)]
        for each in names:
            owner = first if int(first.client.cluster("keyslot", each)) < 8192 else second
            owner.client.set(each, "x", px=60_000)
        assert min(first.client.dbsize(), second.client.dbsize()) > 0
        assert [list(check_cache(stored(node).cache)) for node in (first, second)] == [[], []]
        assert stored(second).remove_generations_below(2, silent()) == Removal(20, True)
        assert left(first) | left(second) == set(names[1::2])


def join(first: Valkey, second: Valkey, bus: int) -> None:
    """Two primaries, each with half of the slots."""
    first.client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 8191)
    second.client.execute_command("CLUSTER ADDSLOTSRANGE", 8192, 16383)
    first.client.execute_command("CLUSTER MEET", second.host, second.port, bus)
    for server in (first, second):
        while "'cluster_state': 'ok'" not in str(server.client.execute_command("CLUSTER INFO")):
            time.sleep(0.05)


def test_a_user_who_may_do_no_more_than_that_is_enough() -> None:
    rules = f"user ops on >{SECRET} ~{PREFIX}:* resetchannels -@all +scan +unlink +cluster|slots"
    with valkey(rules) as server:
        fill(server, name("digits", 1, "a"), name("digits", 2, "a"))
        removal = stored(server, username="ops", password=SECRET).remove_generations_below(2, silent())
        assert removal == Removal(1, True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"password": "wr0ng-of-the-cache"}, "refuses the default user: "),
        ({"password": None}, "refuses the default user: "),
        ({"username": "nobody"}, "refuses nobody: "),
        ({"database": 99}, "answers: DB index is out of range"),
        ({"tls": True}, "answers no TLS within 2 s"),
    ],
    ids=["wrong password", "no password", "unknown user", "database", "tls"],
)
def test_what_it_refuses_is_told_without_the_password(server: Valkey, given: dict[str, Any], message: str) -> None:
    with pytest.raises(CacheServerError) as error:
        stored(server, **given).remove_generations_below(2, silent())
    assert str(error.value).startswith(f"127.0.0.1:{server.port} {message}")
    assert "s3cr3t" not in str(error.value) and "wr0ng" not in str(error.value)
    assert "s3cr3t" not in repr(stored(server))


def test_a_server_that_is_not_there_or_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CacheServerError, match="answers no plain text within"):
            StoredAnswers(CacheServer("127.0.0.1", port, tls=False), "digits", 5).remove_question("q", silent())
    with pytest.raises(CacheServerError, match="cannot be reached"):
        StoredAnswers(CacheServer("127.0.0.1", port, tls=False), "digits", 5).remove_question("q", silent())
