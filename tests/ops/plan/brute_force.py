"""A cache in front of one model, request by request and with nothing clever: what the plan's arithmetic must equal."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """One request: when (microseconds), of which key (-1 bypasses), how long its answer takes and how big that is."""

    time: int
    key: int
    duration: int = 0
    size: int = 0


@dataclass(frozen=True)
class _Entry:
    request: int
    expires: float
    size: int


class LruStore:
    """A store with a byte budget that evicts what was used longest ago, and entries that expire."""

    def __init__(self, memory_bytes: float) -> None:
        self._memory_bytes = memory_bytes
        self._entries: OrderedDict[int, _Entry] = OrderedDict()  # the last used one at the end
        self._used_bytes = 0

    def get(self, key: int, time: int) -> int | None:
        """The request that stored the key's answer, if that is still there and valid. This uses the entry."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry.request if entry.expires > time else None

    def put(self, key: int, entry: _Entry) -> None:
        """Store an answer in place of the key's old one, and evict what no longer fits."""
        if key in self._entries:
            self._used_bytes -= self._entries.pop(key).size
        self._entries[key] = entry
        self._used_bytes += entry.size
        while self._used_bytes > self._memory_bytes:
            _, evicted = self._entries.popitem(last=False)
            self._used_bytes -= evicted.size


def simulated_origins(requests: Iterable[Request], ttl_seconds: float, memory_bytes: float) -> list[int]:
    """For each request the index of the one whose answer it gets. Keys must have one size each."""
    store = LruStore(memory_bytes)
    origins = []
    for index, request in enumerate(requests):
        origin = None if request.key < 0 else store.get(request.key, request.time)
        if origin is None:
            origin = index
            if request.key >= 0:
                expires = request.time + request.duration + ttl_seconds * 1e6
                store.put(request.key, _Entry(index, expires, request.size))
        origins.append(origin)
    return origins
