"""A further node serves the first one's configuration, with shared dictionaries of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.kong.running import ROOT, RunningKong, echo_upstream, free_port, running_kong, running_node, send


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with echo_upstream() as running:
        yield running


@pytest.fixture
def first() -> Iterator[RunningKong]:
    with running_kong() as running:
        yield running


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_created_changed_and_deleted_arrives(first: RunningKong, port: int) -> None:
    first.route(port, "/before", key_auth={})
    with running_node(first.admin) as proxy:
        assert send(proxy, "GET", "/before").status == 401
        first.create("/consumers", {"username": "ann"})
        first.create("/consumers/ann/key-auth", {"key": "key-ann"})
        eventually(lambda: send(proxy, "GET", "/before?sleep=0", {"apikey": "key-ann"}).status == 200)
        first.route(port, "/after")
        eventually(lambda: send(proxy, "GET", "/after?sleep=0").status == 200)
        assert send(first.admin, "PATCH", "/routes/after", body={"paths": ["/moved"]}).status == 200
        eventually(lambda: send(proxy, "GET", "/moved?sleep=0").status == 200)
        assert send(proxy, "GET", "/after?sleep=0").status == 404
        assert send(first.admin, "DELETE", "/routes/after").status == 204
        eventually(lambda: send(proxy, "GET", "/moved?sleep=0").status == 404)


def test_its_shared_dictionaries_are_its_own(first: RunningKong, port: int) -> None:
    count = "kong.response.exit(200, { count = ngx.shared.prediction_cache:incr('n', 1, 0) })"
    first.route(port, "/count", pre_function={"access": [count]})
    with running_node(first.admin) as proxy:
        counts = [send(url, "GET", "/count").body["count"] for url in (first.proxy, proxy, first.proxy, proxy)]
    assert counts == [1, 1, 2, 2]


def test_it_keeps_the_last_configuration_when_the_first_is_gone(first: RunningKong, port: int) -> None:
    first.route(port, "/kept")
    with running_node(first.admin) as proxy:
        first.process.kill()
        first.process.wait()
        for _ in range(3):
            assert send(proxy, "GET", "/kept?sleep=0").status == 200


def test_the_first_ones_token_lets_it_follow(port: int) -> None:
    with running_kong("--admin-token", "secret-token") as guarded:
        with running_node(guarded.admin, "--admin-token", "secret-token") as proxy:
            assert send(proxy, "GET", "/").status == 404
        refused = _started("--follow", guarded.admin)
    assert refused.returncode == 1 and refused.stdout == ""
    assert refused.stderr.splitlines() == [f"cannot follow {guarded.admin}: it answers 401 Unauthorized"]


def test_without_a_first_node_it_does_not_start() -> None:
    admin = f"http://127.0.0.1:{free_port()}"
    run = _started("--follow", admin)
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr.startswith(f"cannot follow {admin}: Cannot connect to host") and run.stderr.count("\n") == 1


def test_its_ready_line_has_the_proxy_alone(first: RunningKong) -> None:
    command = [sys.executable, "-m", "local.kong", "--follow", first.admin, "--proxy", "127.0.0.1:0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        assert list(json.loads(process.stdout.readline())) == ["proxy"]
        process.terminate()
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def _started(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.kong", "--proxy", "127.0.0.1:0", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
