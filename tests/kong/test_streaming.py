"""Answers of unknown length, as event streams are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.kong.balancer.balanced import wait_until
from tests.kong.event_stream import Client, Conversation, EventServer, event_server
from tests.kong.running import RunningKong, running_kong, send

NOTE = "ngx.shared.prediction_cache:set('%s', ngx.status .. ' ' .. ngx.var.upstream_status)"
NOTED = "local value = ngx.shared.prediction_cache:get('%s') kong.response.exit(value and 200 or 404, value)"


@pytest.fixture(scope="module")
def kong() -> Iterator[RunningKong]:
    with running_kong() as running:
        yield running


@pytest.fixture
def server() -> Iterator[EventServer]:
    with event_server() as running:
        yield running


def routed(kong: RunningKong, port: int, name: str, buffering: bool = False, log: bool = False, **service: Any) -> None:
    """A service and a route /name; with `log` the status is noted under that name, and /noted-name gives it."""
    kong.create("/services", {"name": name, "url": f"http://127.0.0.1:{port}", "retries": 0, **service})
    kong.create(f"/services/{name}/routes", {"name": name, "paths": [f"/{name}"], "response_buffering": buffering})
    if log:
        kong.create(f"/routes/{name}/plugins", {"name": "post-function", "config": {"log": [NOTE % name]}})
        kong.create("/routes", {"name": f"noted-{name}", "paths": [f"/noted-{name}"]})
        config = {"access": [NOTED % name]}
        kong.create(f"/routes/noted-{name}/plugins", {"name": "post-function", "config": config})


def noted(kong: RunningKong, name: str) -> str:
    wait_until(lambda: send(kong.proxy, "GET", f"/noted-{name}").status == 200)
    return send(kong.proxy, "GET", f"/noted-{name}").body


def begun(kong: RunningKong, server: EventServer, path: str, *headers: bytes) -> tuple[Client, Conversation]:
    """A request whose answer has begun."""
    client = Client.of(kong.proxy, path)
    conversation = server.accept()
    conversation.begin(*headers)
    return client, conversation


def test_without_buffering_every_event_comes_at_once(kong: RunningKong, server: EventServer) -> None:
    routed(kong, server.port, "at-once")
    client, conversation = begun(kong, server, "/at-once")
    with closing(client.connection), closing(conversation.connection):
        assert "200 OK" in client.head()
        for number in range(5):
            conversation.event(str(number))
            assert client.chunk() == f"data: {number}\n\n"
        conversation.end()
        assert client.chunk() == ""


def test_with_buffering_events_are_gathered(kong: RunningKong, server: EventServer) -> None:
    routed(kong, server.port, "gathered", buffering=True)
    client, conversation = begun(kong, server, "/gathered")
    with closing(client.connection), closing(conversation.connection):
        for number in range(2):
            conversation.event(str(number))
        conversation.end()
        client.head()
        assert client.chunk() == "data: 0\n\ndata: 1\n\n"
        assert client.chunk() == ""


def test_with_buffering_what_fills_a_buffer_does_not_wait(kong: RunningKong, server: EventServer) -> None:
    routed(kong, server.port, "full", buffering=True)
    client, conversation = begun(kong, server, "/full")
    with closing(client.connection), closing(conversation.connection):
        conversation.event("x" * 100_000)
        client.head()
        assert (client.chunk() or "").startswith("data: xxx")


@pytest.mark.parametrize("buffering", [True, False])
def test_the_upstream_may_choose(kong: RunningKong, server: EventServer, buffering: bool) -> None:
    name = f"choice-{buffering}".lower()
    routed(kong, server.port, name, buffering=buffering)
    wish = b"X-Accel-Buffering: no" if buffering else b"X-Accel-Buffering: yes"
    client, conversation = begun(kong, server, f"/{name}", wish)
    with closing(client.connection), closing(conversation.connection):
        conversation.event("1")
        if buffering:
            client.head()
            assert client.chunk() == "data: 1\n\n"
            conversation.event("2")
            assert client.chunk() == "data: 2\n\n"
        else:
            conversation.event("2")
            conversation.end()
            client.head()
            assert client.chunk() == "data: 1\n\ndata: 2\n\n"


def test_the_upstreams_choice_is_not_passed_on(kong: RunningKong, server: EventServer) -> None:
    routed(kong, server.port, "hidden")
    client = Client.of(kong.proxy, "/hidden")
    conversation = server.accept()
    conversation.begin(b"X-Accel-Buffering: no", b"X-Other: kept")
    with closing(client.connection), closing(conversation.connection):
        head = client.head()
        assert "X-Other: kept" in head and "accel" not in head.lower()


@pytest.mark.parametrize("buffering", [True, False])
def test_a_client_that_leaves_ends_the_request_to_the_upstream(
    kong: RunningKong, server: EventServer, buffering: bool
) -> None:
    name = f"leaves-{buffering}".lower()
    routed(kong, server.port, name, buffering=buffering, log=True)
    client, conversation = begun(kong, server, f"/{name}")
    with closing(conversation.connection):
        conversation.event("1")
        if not buffering:
            client.head()
        client.leave()
        assert conversation.peer_has_left()
    assert noted(kong, name) == "200 200"


def test_a_client_that_leaves_before_the_head_ends_the_request_too(kong: RunningKong, server: EventServer) -> None:
    routed(kong, server.port, "early", log=True)
    client = Client.of(kong.proxy, "/early")
    conversation = server.accept()
    with closing(conversation.connection):
        client.leave()
        assert conversation.peer_has_left()
    assert noted(kong, "early") == "499 -"


@pytest.mark.parametrize("buffering", [True, False])
def test_silence_in_the_middle_cuts_the_client_off(kong: RunningKong, server: EventServer, buffering: bool) -> None:
    name = f"silence-{buffering}".lower()
    routed(kong, server.port, name, buffering=buffering, log=True, read_timeout=300)
    client, conversation = begun(kong, server, f"/{name}")
    with closing(client.connection), closing(conversation.connection):
        conversation.event("1")
        client.head()
        assert client.chunk() == "data: 1\n\n"
        assert client.chunk() is None
        assert conversation.peer_has_left()
    assert noted(kong, name) == "200 200"


@pytest.mark.parametrize("buffering", [True, False])
def test_an_upstream_that_breaks_off_cuts_the_client_off(
    kong: RunningKong, server: EventServer, buffering: bool
) -> None:
    name = f"broken-{buffering}".lower()
    routed(kong, server.port, name, buffering=buffering, log=True)
    client, conversation = begun(kong, server, f"/{name}")
    with closing(client.connection):
        conversation.event("1")
        conversation.connection.close()
        client.head()
        assert client.chunk() == "data: 1\n\n"
        assert client.chunk() is None
    assert noted(kong, name) == "200 200"


def test_a_body_that_ends_before_its_length_cuts_the_client_off(kong: RunningKong, server: EventServer) -> None:
    routed(kong, server.port, "short", log=True)
    client = Client.of(kong.proxy, "/short")
    conversation = server.accept()
    conversation.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    conversation.connection.close()
    with closing(client.connection):
        assert "Content-Length: 10" in client.head()
        assert client.chunk() is None
    assert noted(kong, "short") == "200 200"


def test_every_piece_passes_the_body_filter(kong: RunningKong, server: EventServer) -> None:
    routed(kong, server.port, "filtered")
    config = {"body_filter": ["ngx.arg[1] = ngx.arg[1]:upper()"]}
    kong.create("/routes/filtered/plugins", {"name": "post-function", "config": config})
    client, conversation = begun(kong, server, "/filtered")
    with closing(client.connection), closing(conversation.connection):
        conversation.event("one")
        client.head()
        assert client.chunk() == "DATA: ONE\n\n"
        conversation.end()
        assert client.chunk() == ""
