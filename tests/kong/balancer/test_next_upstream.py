"""Which failed tries go to another target: nginx's proxy_next_upstream."""

from __future__ import annotations

import contextlib
import http.client
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.kong.balancer.balanced import Balanced, balanced
from tests.kong.balancer.broken import breaking_server, full_server, leaving_server, silent_server
from tests.kong.running import ROOT, free_port, send

SHORT = {"retries": 1, "connect_timeout": 200, "read_timeout": 200}


@pytest.fixture(scope="module")
def lost() -> Iterator[Balanced]:
    """Connections that break are repeated, whatever the method."""
    with balanced("--nginx-proxy-proxy-next-upstream", "error non_idempotent") as running:
        yield running


@dataclass
class Outcome:
    status: int | None
    repeated: bool


def outcome(world: Balanced, name: str, first: int, method: str) -> Outcome:
    """Of requests that begin at the server `first`, which gives no answer, and may be repeated at a good one."""
    world.upstream(name, (first, 1), (world.ports[0], 1), service=SHORT)
    answers = [world.get(f"/{name}?sleep=0", method=method) for _ in range(2)]
    bad = [answer for answer in answers if answer.status != 200]
    return Outcome(bad[0].status if bad else 200, not bad)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_by_default_a_refused_connection_is_repeated(world: Balanced, method: str) -> None:
    assert outcome(world, f"refused-{method.lower()}", free_port(), method).repeated


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_by_default_a_connection_that_is_not_made_in_time_is_repeated(world: Balanced, method: str) -> None:
    with full_server() as port:
        assert outcome(world, f"full-{method.lower()}", port, method).repeated


def test_by_default_a_sent_post_is_never_repeated(world: Balanced) -> None:
    with breaking_server() as broken:
        assert outcome(world, "broken-post", broken.port, "POST") == Outcome(502, False)
    with silent_server() as port:
        assert outcome(world, "silent-post", port, "POST") == Outcome(504, False)


def test_by_default_a_sent_get_is_repeated(world: Balanced) -> None:
    with breaking_server() as broken:
        assert outcome(world, "broken-get", broken.port, "GET").repeated
    with silent_server() as port:
        assert outcome(world, "silent-get", port, "GET").repeated


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_non_idempotent_repeats_a_post_whose_connection_broke(lost: Balanced, method: str) -> None:
    with breaking_server() as broken:
        assert outcome(lost, f"broken-{method.lower()}", broken.port, method).repeated
        assert 1 <= broken.requests <= 2  # each of both requests met it once at most
    with breaking_server(b"HTTP/1.1 200 OK\r\nContent-") as broken:
        assert outcome(lost, f"half-a-head-{method.lower()}", broken.port, method).repeated


def test_an_answer_that_breaks_after_its_head_is_never_repeated(lost: Balanced) -> None:
    with breaking_server(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc") as broken:
        lost.upstream("half", broken.port, lost.ports[0], service=SHORT)
        cut_off = False
        for _ in range(2):
            with contextlib.suppress(http.client.IncompleteRead):
                assert send(lost.kong.proxy, "POST", "/half?sleep=0").body["by"] == f"u{lost.ports[0]}"
                continue
            cut_off = True
        assert broken.requests == 1 and cut_off


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_timeout_nothing_that_takes_too_long_is_repeated(lost: Balanced, method: str) -> None:
    with silent_server() as port:
        assert outcome(lost, f"silent-{method.lower()}", port, method) == Outcome(504, False)
    with full_server() as port:
        assert outcome(lost, f"full-{method.lower()}", port, method) == Outcome(504, False)


def test_a_kept_connection_that_breaks_counts_as_no_try(world: Balanced, lost: Balanced) -> None:
    for node, expected in ((world, [200, 502]), (lost, [200, 200])):
        with leaving_server() as port:
            node.upstream(f"kept-{port}", port, service={**SHORT, "retries": 0})
            assert [node.get(f"/kept-{port}").status for _ in range(3)] == [200] * 3
        with leaving_server() as port:
            node.upstream(f"kept-{port}", port, service={**SHORT, "retries": 0})
            assert [node.get(f"/kept-{port}", method="POST").status for _ in range(2)] == expected


def test_retries_limit_the_repeats(lost: Balanced) -> None:
    with breaking_server() as broken:
        lost.upstream("limited", broken.port, service={**SHORT, "retries": 2})
        assert lost.get("/limited", method="POST").status == 502
        assert broken.requests == 3
        lost.upstream("opted-out", broken.port, service={**SHORT, "retries": 0})
        assert lost.get("/opted-out", method="POST").status == 502
        assert broken.requests == 4


def test_the_admin_api_shows_the_setting(world: Balanced, lost: Balanced) -> None:
    configuration = send(lost.kong.admin, "GET", "/").body["configuration"]
    assert configuration["nginx_proxy_proxy_next_upstream"] == "error non_idempotent"
    shown = {"name": "proxy_next_upstream", "value": "error non_idempotent"}
    assert shown in configuration["nginx_proxy_directives"]
    configuration = send(world.kong.admin, "GET", "/").body["configuration"]
    assert "nginx_proxy_proxy_next_upstream" not in configuration
    assert "proxy_next_upstream" not in str(configuration["nginx_proxy_directives"])


@pytest.mark.parametrize("words", ["", "eror", "off error"])
def test_a_wrong_setting_is_one_line(words: str) -> None:
    command = [sys.executable, "-m", "local.kong", "--nginx-proxy-proxy-next-upstream", words]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1].endswith(
        f"'{words}' is not a proxy_next_upstream; give some of error, non_idempotent, timeout, or off"
    )
