"""The balancer of one upstream."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local.kong.balancer.algorithm import Algorithm, Handle
from local.kong.balancer.health import Health
from local.kong.balancer.latency import Latency
from local.kong.balancer.least_connections import LeastConnections
from local.kong.balancer.probes import Probes
from local.kong.balancer.ring import Ring
from local.kong.balancer.round_robin import RoundRobin
from local.kong.balancer.target import Address, Target

RESOLVED_SECONDS, UNRESOLVED_SECONDS = 10.0, 1.0
NAME_ERROR = "dns server error: 3 name error"


class Balancer:
    """Chooses among the targets of an upstream, in step with its entities: call `update` with them, then `ready` before
    `pick`. `close` ends its health checks.

    An address stays the same object over updates as long as its target does, with its health and its connections.
    """

    def __init__(self, upstream: Mapping[str, Any], targets: Sequence[Mapping[str, Any]]) -> None:
        self.upstream, self._rows = upstream, list(targets)
        self.targets: list[Target] = []
        self.health = Health(upstream["name"], upstream["healthchecks"])
        self._probes = Probes(self.health, self.addresses)
        self._resolution: asyncio.Task[None] | None = None
        self._algorithm: Algorithm
        self._take_targets()
        self._probes.start(upstream["healthchecks"]["active"], upstream["host_header"])

    def update(self, upstream: Mapping[str, Any], targets: Sequence[Mapping[str, Any]]) -> None:
        """Takes what changed of the entities; nothing happens when nothing did."""
        if upstream == self.upstream and list(targets) == self._rows:
            return
        same_checks = all(upstream[name] == self.upstream[name] for name in ("healthchecks", "host_header"))
        self.upstream, self._rows = upstream, list(targets)
        self._take_targets()
        if not same_checks:
            self.health.configure(upstream["healthchecks"])
            self._probes.start(upstream["healthchecks"]["active"], upstream["host_header"])

    def close(self) -> None:
        """Ends what runs in the background."""
        self._probes.stop()
        if self._resolution is not None:
            self._resolution.cancel()

    def addresses(self) -> Iterator[Address]:
        """Every address of every target."""
        return (address for target in self.targets for address in target.addresses)

    @property
    def total_weight(self) -> int:
        return sum(target.total_weight for target in self.targets)

    @property
    def unavailable_weight(self) -> int:
        return sum(target.unavailable_weight for target in self.targets)

    @property
    def is_healthy(self) -> bool:
        """More than `healthchecks.threshold` per cent of the weight is available."""
        total = self.total_weight
        threshold = self.upstream["healthchecks"]["threshold"] or 0
        return total > 0 and (total - self.unavailable_weight) / total * 100 > threshold

    async def ready(self) -> None:
        """Waits for names that have never been resolved; the others are resolved again in the background."""
        while due := [target for target in self.targets if target.is_due]:
            if self._resolution is None or self._resolution.done():
                self._resolution = asyncio.create_task(self._resolve(due))
            if all(target.expires for target in due):
                return
            await asyncio.wait([self._resolution])

    def pick(self, handle: Handle) -> Address | None:
        """The address for a request's next try, None when there is none."""
        return self._algorithm.pick(handle) if self.is_healthy else None

    def _take_targets(self) -> None:
        old_targets = {(target.host, target.port): target for target in self.targets}
        self.targets = []
        for row in self._rows:
            target = Target.of(row["target"], row["weight"])
            old = old_targets.get((target.host, target.port))
            if not target.is_name:
                _set_addresses(target, [target.host], old)
            elif old is not None:
                _set_addresses(target, [address.ip for address in old.addresses], old)
                target.error, target.expires = old.error, old.expires
            self.targets.append(target)
        self._addresses_changed()

    def _addresses_changed(self) -> None:
        self.health.keep(set(self.addresses()))
        match self.upstream["algorithm"]:
            case "consistent-hashing":
                self._algorithm = Ring(self.targets, self.upstream["slots"])
            case "least-connections":
                self._algorithm = LeastConnections(self.targets)
            case "latency":
                self._algorithm = Latency(self.targets)
            case _:
                self._algorithm = RoundRobin(self.targets)

    async def _resolve(self, targets: Sequence[Target]) -> None:
        found = await asyncio.gather(*(_ips(target.host) for target in targets))
        changed = False
        for target, ips in zip(targets, found, strict=True):
            changed |= ips != [address.ip for address in target.addresses]
            _set_addresses(target, ips, target)
            target.error = None if ips else NAME_ERROR
            target.expires = time.monotonic() + (RESOLVED_SECONDS if ips else UNRESOLVED_SECONDS)
        if changed:
            self._addresses_changed()


def _set_addresses(target: Target, ips: Sequence[str], old: Target | None) -> None:
    known = {address.ip: address for address in old.addresses} if old else {}
    target.addresses = [known.get(ip) or Address(ip, target.port, target.host, target.weight) for ip in ips]
    for address in target.addresses:
        address.weight = target.weight


async def _ips(host: str) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(address[4][0]) for address in found})
