"""The store: variants of one key, what is dropped and what counts as its size."""

from __future__ import annotations

from typing import NamedTuple

from multidict import CIMultiDict

from local.edge.http_cache.lifetime import Lifetime
from local.edge.http_cache.object_store import ObjectStore, StoredObject, Variant


class Key(NamedTuple):
    path: str
    query: str = ""


def answer(body: str, variant: Variant = (), path: str = "/a") -> StoredObject:
    return StoredObject(
        Key(path), 200, CIMultiDict(), body.encode(), Lifetime(60), frozenset(), "a.example", path, variant
    )


def found(store: ObjectStore, **headers: str) -> bytes | None:
    one = store.get(Key("/a"), CIMultiDict(headers))
    return None if one is None else one.body


def test_an_answer_is_for_requests_with_the_headers_that_it_varies_on() -> None:
    store = ObjectStore(1 << 20)
    store.put(answer("one", (("origin", "https://one"),)), store.epoch)
    store.put(answer("two", (("origin", "https://two"),)), store.epoch)
    assert found(store, Origin="https://one") == b"one"
    assert found(store, ORIGIN="https://two") == b"two"
    assert found(store) is None


def test_the_newest_answer_that_fits_is_taken() -> None:
    store = ObjectStore(1 << 20)
    store.put(answer("one", (("origin", "https://one"),)), store.epoch)
    store.put(answer("all"), store.epoch)
    assert found(store, Origin="https://one") == b"all"
    store.put(answer("new", (("origin", "https://one"),)), store.epoch)
    assert (found(store, Origin="https://one"), found(store, Origin="https://two")) == (b"new", b"all")


def test_the_same_variant_is_replaced_and_the_size_is_that_of_what_is_left() -> None:
    store = ObjectStore(1 << 20)
    for body in ("one", "other", "third"):
        store.put(answer(body, (("accept", "a"),)), store.epoch)
    assert (len(store), found(store, Accept="a")) == (1, b"third")
    assert store.size_bytes == sum(one.size_bytes for one in store)
    store.drop(answer("", (("accept", "a"),)))
    assert (len(store), store.size_bytes, found(store, Accept="a")) == (0, 0, None)


def test_the_least_recently_used_goes_when_the_store_is_full() -> None:
    store = ObjectStore(4 * answer("x" * 1000).size_bytes)
    for path in ("/b", "/a", "/c", "/d"):
        assert store.put(answer("x" * 1000, path=path), store.epoch)
    store.get(Key("/b"), CIMultiDict())
    store.put(answer("x" * 1000, path="/e"), store.epoch)
    assert {one.key.path for one in store} == {"/b", "/c", "/d", "/e"}


def test_what_was_asked_for_before_an_invalidation_is_not_stored() -> None:
    store = ObjectStore(1 << 20)
    epoch = store.epoch
    store.remove(lambda one: False)
    assert not store.put(answer("late"), epoch)
