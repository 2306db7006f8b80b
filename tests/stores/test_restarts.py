"""Restarts in the middle of traffic: nobody is failed and nobody is told another's answer."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.kong.running import running_node
from tests.stores.conftest import Gateway
from tests.stores.support.asking import Asking
from tests.stores.support.faulty_redis import FaultyRedis
from tests.stores.support.valkey import Valkey

_AT_ONCE = 8


def test_valkey_is_killed_and_started_again_in_the_middle(asking: Asking, faulty: FaultyRedis, server: Valkey) -> None:
    stop, numbers = threading.Event(), itertools.count(1)

    def ask_all_the_time() -> int:
        asked = 0
        while not stop.is_set():
            asking.ask({"q": next(numbers) % 50})
            asked += 1
        return asked

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = [pool.submit(ask_all_the_time) for _ in range(_AT_ONCE)]
        for _ in range(2):
            asking.wait_until_stored({"before": asking.next_number()})
            server.kill()
            faulty.refuse()
            for _ in range(20):
                assert not asking.ask_new()[0].hit
            server.start()
            faulty.listen()
            asking.wait_until_stored({"afterwards": asking.next_number()})
        stop.set()
        assert sum(future.result() for future in running) > 0


def test_a_node_that_starts_anew_finds_what_is_stored(asking: Asking, kong: Gateway, server: Valkey) -> None:
    if kong.propagation_seconds:
        pytest.skip("further nodes are those of the embedded Kong")
    question = {"q": asking.next_number()}
    asking.wait_until_stored(question)
    calls = asking.calls
    for _ in range(2):
        with running_node(kong.admin) as proxy:
            # As the first node was asked: the target and these headers are part of the key.
            host = httpx.URL(asking.deployed.proxy).netloc.decode()
            reply = httpx.post(f"{proxy}{asking.deployed.url}", json=question, headers={"host": host})
            assert reply.status_code == 200
            assert "; hit" in reply.headers["cache-status"]
    assert asking.calls == calls
