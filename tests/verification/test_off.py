"""C.is_off(): what one worker or node has found out, all heed, and nobody forgets."""

from __future__ import annotations

from typing import Any

import pytest

from components import lua
from tests.verification.lua_parts import SCOPE, LuaParts

KNOWN = {"C": {"dictionary": "prediction_cache", "verification": SCOPE}}
SECONDS = 5
UNKNOWN = None  # the store does not answer, or not so that it could be understood


class Store:
    """A shared store: what it holds (False: nothing, UNKNOWN: it does not say) and how often it was asked."""

    def __init__(self) -> None:
        self.held: Any = False
        self.asked = 0
        self.was_put: list[bytes] = []

    def get_off(self) -> Any:
        self.asked += 1
        return self.held

    def put_off(self, cause: bytes) -> None:
        self.was_put.append(cause)
        self.held = cause


class Node:
    """A node: its dictionary, and workers that share it. is_off = node.worker()"""

    def __init__(self, store: Store | None = None) -> None:
        self.parts = LuaParts()
        self._store = store

    def worker(self) -> Any:
        if self._store is None:
            return self.parts.load(KNOWN, "verification/off", gives="C.is_off")
        store = self.parts.table({"get_off": self._store.get_off, "put_off": self._store.put_off})
        text = "\n".join(
            (
                f"{lua.chunk(KNOWN)}local store = ...",
                *map(lua.source, ("verification/off", "verification/shared_off")),
                "return C.is_off",
            )
        )
        return self.parts.run(text, store)


@pytest.fixture
def store() -> Store:
    return Store()


def test_a_cache_is_on_until_somebody_finds_out_something() -> None:
    node = Node()
    assert node.worker()() is None


@pytest.mark.parametrize("cause", ["wrong", "nondeterministic"])
def test_all_workers_of_a_node_heed_what_one_has_found_out(cause: str) -> None:
    node = Node()
    first, second = node.worker(), node.worker()
    assert first() is None
    node.parts.put("off", cause)
    assert first() == second() == node.worker()() == cause.encode()


def test_a_worker_puts_it_again_when_the_dictionary_has_lost_it() -> None:
    node = Node()
    is_off = node.worker()
    node.parts.put("off", "wrong")
    is_off()
    node.parts.put("off", None)
    assert is_off() == b"wrong"
    assert node.parts.get("off") == "wrong"
    assert node.worker()() == b"wrong"


@pytest.mark.parametrize("scope", ["v:shop-test-digits@2:1:", "v:shop-test-digits@1:2:", "v:shop-prod-digits@1:1:"])
def test_another_version_generation_or_stack_is_on(scope: str) -> None:
    node = Node()
    node.parts.put("off", "wrong")
    known = {"C": {**KNOWN["C"], "verification": scope}}
    assert node.parts.load(known, "verification/off", gives="C.is_off")() is None


def test_other_nodes_heed_it_within_five_seconds(store: Store) -> None:
    finder, other = Node(store), Node(store)
    is_off_there, is_off = finder.worker(), other.worker()
    assert is_off_there() is is_off() is None
    store.put_off(b"wrong")
    other.parts.wait(SECONDS - 0.01)
    assert is_off() is None
    other.parts.wait(0.02)
    assert is_off() == b"wrong"
    assert other.parts.get("off") == "wrong"
    assert Node(store).worker()() == b"wrong"  # that starts only now


def test_a_node_asks_the_store_once_in_five_seconds(store: Store) -> None:
    node = Node(store)
    first, second = node.worker(), node.worker()
    for _ in range(1_000):
        assert first() is second() is None
        node.parts.wait(0.01)
    assert store.asked == 2


def test_a_node_puts_it_again_when_the_store_has_lost_it(store: Store) -> None:
    node = Node(store)
    is_off = node.worker()
    node.parts.put("off", "nondeterministic")
    assert is_off() == b"nondeterministic"
    assert store.was_put == [b"nondeterministic"]
    store.held = False
    node.parts.wait(SECONDS + 1)
    assert is_off() == b"nondeterministic"
    assert store.was_put == [b"nondeterministic"] * 2


def test_a_store_that_does_not_say_leaves_it_as_it_is(store: Store) -> None:
    node = Node(store)
    is_off = node.worker()
    store.held = UNKNOWN
    assert is_off() is None
    node.parts.put("off", "wrong")
    for _ in range(3):
        node.parts.wait(SECONDS + 1)
        assert is_off() == b"wrong"
    assert store.was_put == []


def test_what_a_node_has_found_out_itself_stays_its_cause(store: Store) -> None:
    node = Node(store)
    node.parts.put("off", "wrong")
    store.held = b"nondeterministic"
    assert node.worker()() == b"wrong"
    assert (store.held, store.was_put) == (b"nondeterministic", [])


def test_whatever_stands_in_the_store_the_cause_is_one_that_the_metric_has(store: Store) -> None:
    node = Node(store)
    store.held = b"no cause of ours"
    assert node.worker()() == b"wrong"
    assert node.parts.get("off") == "wrong"


def test_a_node_that_was_told_keeps_it_when_the_store_loses_it_or_goes_away(store: Store) -> None:
    node = Node(store)
    is_off = node.worker()
    store.held = b"wrong"
    assert is_off() == b"wrong"
    for lost in (UNKNOWN, False):
        store.held = lost
        node.parts.wait(SECONDS + 1)
        assert is_off() == b"wrong"
    assert store.held == b"wrong"


def test_a_worker_that_was_told_remembers_it_from_the_next_request_on(store: Store) -> None:
    node = Node(store)
    is_off = node.worker()
    store.held = b"wrong"
    assert is_off() == is_off() == b"wrong"
    node.parts.put("off", None)
    store.held = UNKNOWN
    assert is_off() == b"wrong"
