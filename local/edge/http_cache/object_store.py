"""The stored answers of the local edge, bounded by bytes."""

from __future__ import annotations

import collections
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from multidict import CIMultiDict

from local.edge.http_cache.lifetime import Lifetime

_OVERHEAD_BYTES = 1024
Variant = tuple[tuple[str, str], ...]


class CacheKey(Hashable, Protocol):
    """What must be equal for two requests to share an answer; what else is in it is the product's."""

    @property
    def path(self) -> str: ...

    @property
    def query(self) -> str: ...


@dataclass
class StoredObject:
    """One complete answer; times in seconds of time.monotonic(). status from 400 on: a cached error.

    viewer_host, viewer_target: what the viewer asked for, before anything was rewritten; for invalidations.
    variant: the request headers that its Vary names, with their values in the request that it answers.
    retry_at: the origin failed at the last revalidation, do not ask it again before.
    """

    key: CacheKey
    status: int
    headers: CIMultiDict[str]
    body: bytes
    lifetime: Lifetime
    tags: frozenset[str]
    viewer_host: str
    viewer_target: str
    variant: Variant = ()
    stored_at: float = field(default_factory=time.monotonic)
    retry_at: float = 0.0

    @property
    def age_seconds(self) -> float:
        return time.monotonic() - self.stored_at

    @property
    def size_bytes(self) -> int:
        headers = sum(len(name) + len(value) for name, value in self.headers.items())
        return len(self.body) + headers + len(self.key.path) + len(self.key.query) + _OVERHEAD_BYTES

    @property
    def is_fresh(self) -> bool:
        return self.age_seconds < self.lifetime.fresh_seconds

    @property
    def serves_while_revalidating(self) -> bool:
        return self.age_seconds < self.lifetime.fresh_seconds + self.lifetime.revalidating_seconds

    @property
    def serves_on_failure(self) -> bool:
        return self.status < 400 and self.age_seconds < self.lifetime.fresh_seconds + self.lifetime.failing_seconds

    def answers(self, request_headers: CIMultiDict[str]) -> bool:
        """Whether a request with these headers may have it (RFC 9111, section 4.1)."""
        return variant((name for name, _ in self.variant), request_headers) == self.variant


def variant(names: Iterable[str], request_headers: CIMultiDict[str]) -> Variant:
    """Return the headers with these names, in lower case, and their values in a request."""
    return tuple((name, ",".join(request_headers.getall(name, []))) for name in sorted(names))


class ObjectStore:
    """Answers by cache key and variant; the least recently used go when capacity_bytes is reached.

    Usage:
        store = ObjectStore(capacity_bytes=256 * 1024 * 1024)
        epoch = store.epoch
        ...                                  # ask the origin
        store.put(stored_object, epoch)      # False: too large, or something was invalidated since
        store.get(key, request_headers)
        store.remove(lambda one: one.key.path == "/a")
    """

    def __init__(self, capacity_bytes: int) -> None:
        self.capacity_bytes = capacity_bytes
        self.size_bytes = 0
        self.epoch = 0
        self._objects: collections.OrderedDict[tuple[CacheKey, Variant], StoredObject] = collections.OrderedDict()
        self._variants: dict[CacheKey, list[Variant]] = {}

    @property
    def largest_object_bytes(self) -> int:
        return self.capacity_bytes // 4

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[StoredObject]:
        return iter(self._objects.values())

    def get(self, key: CacheKey, request_headers: CIMultiDict[str]) -> StoredObject | None:
        """Return the newest answer under the key that a request with these headers may have."""
        for place in reversed(self._variants.get(key, ())):
            found = self._objects[key, place]
            if found.answers(request_headers):
                self._objects.move_to_end((key, place))
                return found
        return None

    def put(self, one: StoredObject, epoch: int) -> bool:
        """Store it, unless an invalidation came after `epoch`: what the origin said before that is not to be kept."""
        if epoch != self.epoch or one.size_bytes > self.largest_object_bytes:
            return False
        self.drop(one)
        self._objects[one.key, one.variant] = one
        self._variants.setdefault(one.key, []).append(one.variant)
        self.size_bytes += one.size_bytes
        while self.size_bytes > self.capacity_bytes:
            self.drop(next(iter(self)))
        return True

    def drop(self, one: StoredObject) -> None:
        """Drop what is stored for the key and variant of this one."""
        found = self._objects.pop((one.key, one.variant), None)
        if found is not None:
            self.size_bytes -= found.size_bytes
            self._variants[one.key].remove(one.variant)
            if not self._variants[one.key]:
                del self._variants[one.key]

    def remove(self, matches: Callable[[StoredObject], bool]) -> int:
        """Remove what matches, and keep whatever is being fetched now from being stored; return how many went."""
        self.epoch += 1
        found = [one for one in self if matches(one)]
        for one in found:
            self.drop(one)
        return len(found)
