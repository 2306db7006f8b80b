"""Least connections by weight, as kong/runloop/balancer/least_connections.lua does it."""

from __future__ import annotations

from collections.abc import Sequence

from local.kong.balancer.algorithm import Handle
from local.kong.balancer.target import Address, Target


class LeastConnections:
    """Chooses the smallest (connections + 1) / weight; a retry avoids what failed, as long as there is another."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._addresses = [address for target in targets for address in target.addresses if address.weight]

    def pick(self, handle: Handle) -> Address | None:
        """The least loaded available address."""
        available = [address for address in self._addresses if address.available]
        untried = [address for address in available if address not in handle.failed]
        return min(untried or available, key=lambda one: (one.connections + 1) / one.weight, default=None)
