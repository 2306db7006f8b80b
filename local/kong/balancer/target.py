"""One target of an upstream and the addresses that its name has."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from local.kong.balancer.address import parse
from local.kong.balancer.resolver import Record


@dataclass(eq=False)
class Address:
    """One IP address and port that requests can go to; it stays the same object as long as it is in the balancer.

    `hostname`: of the target. `available`: what health checks say. `connections`: requests on their way, for
    least-connections. `latency_seconds` was `measured_at` (time.monotonic), for latency.
    """

    ip: str
    port: int
    hostname: str
    weight: int
    available: bool = True
    connections: int = 0
    latency_seconds: float = 0.0
    measured_at: float = 0.0


@dataclass
class Target:
    """One `host:port` with a weight.

    `error`: why its name has no address. `records`: of its name. `expires`: the time.monotonic at which to ask for them
    again.
    """

    host: str
    port: int
    weight: int
    is_name: bool
    addresses: list[Address] = field(default_factory=list)
    records: Sequence[Record] = ()
    error: str | None = None
    expires: float = 0.0

    @classmethod
    def of(cls, text: str, weight: int) -> Target:
        """The target of an entity's `host:port`; a name is not resolved yet."""
        found = parse(text)
        assert found is not None and found.port is not None, text
        return cls(found.host, found.port, weight, found.kind == "name")

    @property
    def is_due(self) -> bool:
        """Its name must be resolved (again)."""
        return self.is_name and time.monotonic() >= self.expires

    @property
    def unavailable_weight(self) -> int:
        return sum(address.weight for address in self.addresses if not address.available)

    @property
    def total_weight(self) -> int:
        return sum(address.weight for address in self.addresses)
