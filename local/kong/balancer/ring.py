"""Consistent hashing on a Ketama ring, as kong/runloop/balancer/consistent_hashing.lua builds it."""

from __future__ import annotations

import bisect
import logging
import math
from collections.abc import Sequence

from local.kong.balancer.algorithm import Handle
from local.kong.balancer.target import Address, Target
from local.kong.balancer.xxhash32 import xxhash32

LOG = logging.getLogger("local.kong")
MIN_SLOTS = 1000
POINTS_OF_A_TARGET = 160


class Ring:
    """A ring of slots on which every target has 160 points (more or fewer by its weight).

    Usage: ``Ring(targets, 10000).pick(Handle("key"))``. Two nodes with the same targets build the same ring, whatever
    the order. Each point needs a slot of its own: a ring that is too small for its targets stays empty, as in Kong, so
    nothing can be picked. Kong's ring has never fewer than 1000 slots.
    """

    def __init__(self, targets: Sequence[Target], slots: int) -> None:
        self._slots = max(slots, MIN_SLOTS)
        self._owners = _continuum(targets, self._slots)
        self._points = sorted(self._owners)

    def pick(self, handle: Handle) -> Address | None:
        """The available address at the value's slot, else the next one going down."""
        start = bisect.bisect_right(self._points, _slot(handle.value, self._slots))
        for step in range(1, len(self._points) + 1):
            address = self._owners[self._points[start - step]]
            if address.available:
                return address
        return None


def _slot(value: str, slots: int) -> int:
    return xxhash32(value.encode("latin-1", "replace")) % slots


def _continuum(targets: Sequence[Target], slots: int) -> dict[int, Address]:
    owners: dict[int, Address] = {}
    total = sum(target.total_weight for target in targets)
    for target in sorted(targets, key=lambda target: (target.host, target.port)):
        for address in sorted(target.addresses, key=lambda address: f"{address.ip}:{address.port}"):
            if address.weight == 0:
                continue
            wanted = max(1, math.floor(address.weight / total * len(targets) * POINTS_OF_A_TARGET))
            number = 0
            while wanted:
                number += 1
                if number > slots:
                    LOG.critical("a ring of %s slots is too small for %s targets: raise `slots`", slots, len(targets))
                    return {}
                slot = _slot(f"{address.ip}::{address.port} {number}", slots)
                if slot not in owners:
                    owners[slot] = address
                    wanted -= 1
    return owners
