"""The balancer of one upstream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local.kong.balancer.algorithm import Algorithm, Handle
from local.kong.balancer.health import Health
from local.kong.balancer.latency import Latency
from local.kong.balancer.least_connections import LeastConnections
from local.kong.balancer.probes import Probes
from local.kong.balancer.resolver import Record, Records, ResolveError, Resolver
from local.kong.balancer.ring import Ring
from local.kong.balancer.round_robin import RoundRobin
from local.kong.balancer.target import Address, Target

UNRESOLVED_SECONDS = 1.0
LEAST_RENEWAL_SECONDS = 0.5


class Balancer:
    """Chooses among the targets of an upstream, in step with its entities: call `update` with them, then `ready` before
    `pick`. `close` ends its health checks. Names are resolved from the beginning, and again when their records expire.

    An address stays the same object over updates as long as its target does, with its health and its connections.
    """

    def __init__(self, upstream: Mapping[str, Any], targets: Sequence[Mapping[str, Any]], resolver: Resolver) -> None:
        self.upstream, self._rows, self._resolver = upstream, list(targets), resolver
        self.targets: list[Target] = []
        self.health = Health(upstream["name"], upstream["healthchecks"])
        self._probes = Probes(self.health, self.addresses)
        self._resolution: asyncio.Task[None] | None = None
        self._renewal: asyncio.TimerHandle | None = None
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
        if self._renewal is not None:
            self._renewal.cancel()

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
        """Waits for names that have never been resolved."""
        while any(target.is_name and not target.expires for target in self.targets):
            await asyncio.wait([self._renew()])

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
                self._set_addresses(target, [Record(target.host)], old)
            elif old is not None:
                target.records, target.error, target.expires = old.records, old.error, old.expires
                self._set_addresses(target, target.records, old)
            self.targets.append(target)
        self._addresses_changed()
        if any(target.is_due for target in self.targets):
            self._renew()

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

    def _renew(self) -> asyncio.Task[None]:
        """Resolves what is due; one resolution at a time."""
        if self._resolution is None or self._resolution.done():
            self._resolution = asyncio.create_task(self._resolve([one for one in self.targets if one.is_due]))
        return self._resolution

    async def _resolve(self, targets: Sequence[Target]) -> None:
        answers = await asyncio.gather(*(self._answer(target) for target in targets))
        changed = False
        for target, (found, error) in zip(targets, answers, strict=True):
            changed |= found.records != target.records
            target.records, target.error = found.records, error
            target.expires = time.monotonic() + found.ttl_seconds
            self._set_addresses(target, found.records, target)
        if changed:
            self._addresses_changed()
        self._plan_renewal()

    async def _answer(self, target: Target) -> tuple[Records, str | None]:
        """What is known from now on, and why that is nothing."""
        try:
            return await self._resolver.resolve(target.host), None
        except ResolveError as error:
            known = [] if error.is_final else target.records
            return Records(known, UNRESOLVED_SECONDS), None if known else error.message

    def _plan_renewal(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
        expiries = [target.expires for target in self.targets if target.is_name]
        if expiries:
            delay = max(0.0, min(expiries) - time.monotonic()) + LEAST_RENEWAL_SECONDS
            self._renewal = asyncio.get_running_loop().call_later(delay, self._renew)

    def _set_addresses(self, target: Target, records: Sequence[Record], old: Target | None) -> None:
        known = {(address.ip, address.port): address for address in old.addresses} if old else {}
        target.addresses = []
        for record in records:
            port = record.port or target.port
            address = known.get((record.ip, port)) or Address(record.ip, port, target.host, target.weight)
            address.weight = target.weight if record.weight is None else record.weight
            address.hostname = record.name if record.name and self.upstream["use_srv_name"] else target.host
            target.addresses.append(address)
