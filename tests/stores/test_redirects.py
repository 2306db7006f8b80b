"""A server that sends its clients elsewhere: to where the slot is, to nowhere, or in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.stores.conftest import PASSWORD, TIMEOUT_SECONDS
from tests.stores.support import faults
from tests.stores.support.asking import Asking
from tests.stores.support.faulty_redis import FaultyRedis, faulty_redis
from tests.stores.support.valkey import Valkey, free_port, valkey

LONGEST_SECONDS = 10 * TIMEOUT_SECONDS + 2.0


@pytest.fixture
def second() -> Iterator[Valkey]:
    """A server of its own, as another node of a cluster."""
    with valkey(f"requirepass {PASSWORD}") as running:
        yield running


def test_the_slots_own_server_is_asked_and_remembered(
    deployed: Callable[..., Asking], faulty: FaultyRedis, second: Valkey
) -> None:
    faulty.heal()
    asking = deployed()
    faulty.fault = faults.moved("MOVED", f"{second.host}:{second.port}")
    question = {"q": "moved"}
    asking.wait_until_stored(question)
    assert second.client.dbsize() > 0
    faulty.forget()
    assert all(asking.ask(question)[0].hit for _ in range(5))
    assert faulty.commands == []


def test_a_server_without_a_host_name_means_its_own_host(
    deployed: Callable[..., Asking], faulty: FaultyRedis, second: Valkey
) -> None:
    faulty.heal()
    asking = deployed()
    faulty.fault = faults.moved("MOVED", f":{second.port}")
    asking.wait_until_stored({"q": "moved"})
    assert second.client.dbsize() > 0


def test_a_slot_that_comes_back_is_found_again(
    deployed: Callable[..., Asking], faulty: FaultyRedis, second: Valkey
) -> None:
    faulty.heal()
    asking = deployed()
    faulty.fault = faults.moved("MOVED", f"{second.host}:{second.port}")
    asking.wait_until_stored({"q": "moved"})
    faulty.heal()
    second.kill()
    asking.wait_until_stored({"q": "moved"})
    assert "GET" in faulty.commands


@pytest.mark.parametrize("kind", ["MOVED", "ASK"])
@pytest.mark.parametrize("address", ["dead", "itself", "no port", "empty"])
def test_nowhere_is_bounded(kind: str, address: str, deployed: Callable[..., Asking], faulty: FaultyRedis) -> None:
    faulty.heal()
    asking = deployed()
    places = {"dead": f"127.0.0.1:{free_port()}", "itself": f"{faulty.host}:{faulty.port}", "no port": "127.0.0.1"}
    faulty.fault = faults.moved(kind, places.get(address, ""))
    for _ in range(5):
        reply, seconds = asking.ask_new()
        assert not reply.hit
        assert reply.detail and reply.detail.startswith("store-")
        assert seconds < LONGEST_SECONDS
    faulty.heal()
    asking.wait_until_stored({"q": "healed"})


def test_a_circle_is_bounded(deployed: Callable[..., Asking], faulty: FaultyRedis, server: Valkey) -> None:
    faulty.heal()
    asking = deployed()
    with faulty_redis(server.port) as other:
        faulty.fault = faults.moved("MOVED", f"{other.host}:{other.port}")
        other.fault = faults.moved("MOVED", f"{faulty.host}:{faulty.port}")
        faulty.forget()
        for _ in range(5):
            reply, seconds = asking.ask_new()
            assert (reply.hit, reply.detail) == (False, "store-moved")
            assert seconds < LONGEST_SECONDS
        assert len(faulty.commands) + len(other.commands) < 5 * 40
    faulty.heal()
    asking.wait_until_stored({"q": "healed"})
