"""The stored answers of the local edge, bounded by bytes."""

from __future__ import annotations

import collections
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from multidict import CIMultiDict

from local.edge.cache_key import CacheKey
from local.edge.lifetime import Lifetime

_OVERHEAD_BYTES = 1024


@dataclass
class StoredObject:
    """One complete answer; times in seconds of time.monotonic(). status from 400 on: a cached error.

    viewer_target: path and query of the viewer's request before the function changed it, for invalidations.
    retry_at: the origin failed at the last revalidation, do not ask it again before.
    """

    key: CacheKey
    status: int
    headers: CIMultiDict[str]
    body: bytes
    lifetime: Lifetime
    tags: frozenset[str]
    viewer_target: str
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


class ObjectStore:
    """Answers by cache key; the least recently used go when capacity_bytes is reached.

    Usage:
        store = ObjectStore(capacity_bytes=256 * 1024 * 1024)
        epoch = store.epoch
        ...                                  # ask the origin
        store.put(stored_object, epoch)      # False: too large, or something was invalidated since
        store.get(key)
        store.remove(lambda one: one.key.path == "/a")
    """

    def __init__(self, capacity_bytes: int) -> None:
        self.capacity_bytes = capacity_bytes
        self.size_bytes = 0
        self.epoch = 0
        self._objects: collections.OrderedDict[CacheKey, StoredObject] = collections.OrderedDict()

    @property
    def largest_object_bytes(self) -> int:
        return self.capacity_bytes // 4

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[StoredObject]:
        return iter(self._objects.values())

    def get(self, key: CacheKey) -> StoredObject | None:
        found = self._objects.get(key)
        if found is not None:
            self._objects.move_to_end(key)
        return found

    def put(self, one: StoredObject, epoch: int) -> bool:
        """Store it, unless an invalidation came after `epoch`: what the origin said before that is not to be kept."""
        if epoch != self.epoch or one.size_bytes > self.largest_object_bytes:
            return False
        self.drop(one.key)
        self._objects[one.key] = one
        self.size_bytes += one.size_bytes
        while self.size_bytes > self.capacity_bytes:
            _, oldest = self._objects.popitem(last=False)
            self.size_bytes -= oldest.size_bytes
        return True

    def drop(self, key: CacheKey) -> None:
        found = self._objects.pop(key, None)
        if found is not None:
            self.size_bytes -= found.size_bytes

    def remove(self, matches: Callable[[StoredObject], bool]) -> int:
        """Remove what matches, and keep whatever is being fetched now from being stored; return how many went."""
        self.epoch += 1
        found = [one.key for one in self if matches(one)]
        for key in found:
            self.drop(key)
        return len(found)
