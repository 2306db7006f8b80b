"""The lowest latency by weight, as kong/runloop/balancer/latency.lua does it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from local.kong.balancer.algorithm import Handle
from local.kong.balancer.target import Address, Target

DECAY_SECONDS = 10.0


def _decayed(address: Address, seconds: float, now: float) -> float:
    weight = math.exp(-max(0.0, now - address.measured_at) / DECAY_SECONDS)
    return address.latency_seconds * weight + seconds * (1.0 - weight)


def measure(address: Address, seconds: float) -> None:
    """Takes one answer's time into the address's moving average."""
    now = time.monotonic()
    address.latency_seconds, address.measured_at = _decayed(address, seconds, now), now


class Latency:
    """Chooses the smallest decayed latency / weight; a new address begins with the average of the others."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._addresses = [address for target in targets for address in target.addresses if address.weight]
        measured = [address.latency_seconds for address in self._addresses if address.measured_at]
        for address in self._addresses:
            if not address.measured_at and measured:
                address.latency_seconds, address.measured_at = sum(measured) / len(measured), time.monotonic()

    def pick(self, handle: Handle) -> Address | None:
        """The fastest available address that this request has not tried yet."""
        now = time.monotonic()
        untried = [address for address in self._addresses if address.available and address not in handle.failed]
        return min(untried, key=lambda address: _decayed(address, 0.0, now) / address.weight, default=None)
