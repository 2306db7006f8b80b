"""How much memory a least-recently-used store needs so that a request finds its answer.

Usage::

    needed = needed_bytes(trace.keys, trace.sizes)
    evicted = needed > memory_bytes                               # for Replay.origins, with any TTL
    np.sum((needed >= 0) & (needed <= memory_bytes))              # the hits without a TTL

This is the weighted stack distance of Mattson et al. (Evaluation techniques for storage hierarchies, 1970): the bytes
of all keys asked for since this key's last request, and its own. It is exact for every size of the store at once, and
for every TTL: a request puts its key in front whether the stored answer still lives or a new one replaces it.

An answer counts from its request on, not only from when the model has given it. Each key has one size, its largest, or
what is in the store would depend on its past; so memory is never promised too small. Sizes are taken as given. What
nginx's shared dictionary does differently: an entry takes a slab (a power of two up to half a page, then whole pages),
expired entries go before others, and an answer that does not fit pushes out 30 entries at most; here one larger than
the whole store pushes out everything.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CHUNK_BITS = 16  # a chunk's columns stay in the processor's cache


def needed_bytes(keys: NDArray[np.integer], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each request the bytes that an LRU store needs to still have its key's entry, which is counted.

    keys: from 0 without gaps, -1 for a request that bypasses the cache; sizes: bytes. The result is -1 for the first
    request of a key and for a bypass. Grows like sorting: n log n in time, linear in memory.
    """
    needed = np.full(len(keys), -1, dtype=np.int64)
    distinct = int(np.max(keys, initial=-1)) + 1
    largest = np.zeros(distinct, dtype=np.int64)
    cached = keys >= 0
    np.maximum.at(largest, keys[cached], sizes[cached])
    stack = _Stack(largest, length=1 << max(_CHUNK_BITS, distinct.bit_length() - 4))
    for start in range(0, len(keys), stack.length):
        asked = start + np.flatnonzero(cached[start : start + stack.length])
        needed[asked] = stack.ask(keys[asked])
    return needed


class _Stack:
    """Every key that was asked for, in order of its last request.

    Each request takes the next slot, with the bytes of its key; the key's slot before is left with 0 bytes. When the
    slots are used up, those with a key move together. length: how many requests are asked at most in one go; with a
    fair part of the distinct keys, going through all slots for it costs little.
    """

    def __init__(self, largest: NDArray[np.int64], length: int) -> None:
        self.length = length
        self._largest = largest
        self._slots = np.full(len(largest), -1, dtype=np.int64)  # of each key
        self._bytes = np.zeros(2 * (len(largest) + length), dtype=np.int64)  # of each slot
        self._used = 0

    def ask(self, keys: NDArray[np.integer]) -> NDArray[np.int64]:
        """The bytes that each of these requests, the next ones, needs; -1 for the first of a key."""
        if self._used + len(keys) > len(self._bytes):
            self._move_together()
        start, end = self._used, self._used + len(keys)
        sizes = self._largest[keys]
        slots = self._slots_before(keys)
        self._bytes[start:end] = sizes
        summed = np.concatenate(([0], np.cumsum(self._bytes[:end])))
        # What came after the key's slot before these requests (less than 0 when it is one of them), then among them.
        needed = summed[start] - summed[slots + 1] + _smaller_before(slots, sizes) + sizes
        self._bytes[slots[slots >= 0]] = 0
        self._slots[keys] = np.arange(start, end)  # the last one of a key stays
        self._used = end
        return np.where(slots < 0, -1, needed)

    def _slots_before(self, keys: NDArray[np.integer]) -> NDArray[np.int64]:
        """For each request the slot of its key's request before, -1 for none."""
        bits = len(keys).bit_length()
        both = np.sort(keys.astype(np.int64) << bits | np.arange(len(keys)))
        asked, places = both >> bits, both & ((1 << bits) - 1)
        slots = np.empty(len(keys), dtype=np.int64)
        slots[places] = self._slots[asked]
        again = np.flatnonzero(asked[1:] == asked[:-1])
        slots[places[again + 1]] = self._used + places[again]
        return slots

    def _move_together(self) -> None:
        asked = np.flatnonzero(self._slots >= 0)
        keys = np.full(self._used, -1, dtype=np.int64)
        keys[self._slots[asked]] = asked
        keys = keys[keys >= 0]
        self._used = len(keys)
        self._slots[keys] = np.arange(self._used)
        self._bytes[: self._used] = self._largest[keys]


def _smaller_before(values: NDArray[np.int64], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each element the weight of those before it that have a smaller value; anything where values are equal.

    All are put in order of their values, then halved by position again and again. Whatever is in the early half of a
    part and stands before an element of its late half is counted for that one.
    """
    bits = max(len(values) - 1, 0).bit_length()
    order = np.arange(1 << bits)
    order[: len(values)] = np.sort((values + 1) << bits | order[: len(values)]) & (len(order) - 1)
    weights = np.concatenate((weights, np.zeros(len(order) - len(values), dtype=np.int64)))
    sums = np.zeros(len(order), dtype=np.int64)
    for bit in reversed(range(bits)):
        late = (order >> bit & 1).astype(np.bool_)
        counted = np.where(late, 0, weights[order])
        summed = np.cumsum(counted)
        parts = (-1, 1 << bit)
        lates, earlies = np.flatnonzero(late).reshape(parts), np.flatnonzero(~late).reshape(parts)
        before = summed[:: 2 << bit] - counted[:: 2 << bit]
        sums[order[lates]] += summed[lates] - before[:, None]
        order = order[np.concatenate((earlies, lates), axis=1).ravel()]
    return sums[: len(values)]
