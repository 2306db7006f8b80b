"""Round-robin by weight, as kong/runloop/balancer/round_robin.lua does it."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from local.kong.balancer.algorithm import Handle
from local.kong.balancer.target import Address, Target


class RoundRobin:
    """Goes round a shuffled wheel on which every address has as many places as its weight by the common divisor."""

    def __init__(self, targets: Sequence[Target]) -> None:
        addresses = [address for target in targets for address in target.addresses]
        divisor = math.gcd(*(address.weight for address in addresses)) or 1
        self._wheel = [address for address in addresses for _ in range(address.weight // divisor)]
        random.shuffle(self._wheel)
        self._pointer = 0

    def pick(self, handle: Handle) -> Address | None:
        """The next available address of the wheel."""
        for _ in self._wheel:
            self._pointer = (self._pointer + 1) % len(self._wheel)
            if self._wheel[self._pointer].available:
                return self._wheel[self._pointer]
        return None
