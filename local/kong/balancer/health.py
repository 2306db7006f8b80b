"""Health of an upstream's addresses: what reports of checks and requests make of it (as lua-resty-healthcheck)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from local.kong.balancer.target import Address

LOG = logging.getLogger("local.kong")
Source = Literal["active", "passive"]
State = Literal["healthy", "mostly_healthy", "mostly_unhealthy", "unhealthy"]
FAILURES = ("tcp_failures", "http_failures", "timeouts")


def is_checked(healthchecks: Mapping[str, Any]) -> bool:
    """Any active check or passive failure count is on."""
    active, passive = healthchecks["active"], healthchecks["passive"]
    return bool(
        active["healthy"]["interval"]
        or active["unhealthy"]["interval"]
        or any(passive["unhealthy"][name] for name in FAILURES)
    )


class Health:
    """Counts reports by address, and sets `Address.available` where a threshold of `healthchecks` is reached.

    A threshold of 0 counts nothing. A success forgets the failures counted so far, and a failure the successes.
    """

    def __init__(self, upstream_name: str, healthchecks: Mapping[str, Any]) -> None:
        self._name = upstream_name
        self._states: dict[Address, State] = {}
        self._counters: dict[Address, Counter[str]] = {}
        self.configure(healthchecks)

    def configure(self, healthchecks: Mapping[str, Any]) -> None:
        """Other thresholds; without any, every address is available again."""
        self._checks, self.is_on = healthchecks, is_checked(healthchecks)
        if not self.is_on:
            for address in list(self._states):
                self.set(address, True)

    def keep(self, addresses: set[Address]) -> None:
        """Forgets all other addresses."""
        for gone in set(self._states) - addresses:
            del self._states[gone]
            self._counters.pop(gone, None)

    def set(self, address: Address, available: bool) -> None:
        """Whatever was counted, it is healthy or unhealthy now."""
        self._counters[address] = Counter()
        self._move(address, "healthy" if available else "unhealthy")

    def report_status(self, address: Address, status: int, source: Source = "passive") -> None:
        """An HTTP answer; 0: one that is not HTTP."""
        checks = self._checks[source]
        if status in checks["healthy"]["http_statuses"]:
            self._count(address, "successes", checks["healthy"]["successes"])
        elif status in checks["unhealthy"]["http_statuses"] or status == 0:
            self._count(address, "http_failures", checks["unhealthy"]["http_failures"])

    def report_tcp_failure(self, address: Address, source: Source = "passive") -> None:
        """No connection, or a broken one."""
        self._count(address, "tcp_failures", self._checks[source]["unhealthy"]["tcp_failures"])

    def report_timeout(self, address: Address, source: Source = "passive") -> None:
        """No connection or no answer in time."""
        self._count(address, "timeouts", self._checks[source]["unhealthy"]["timeouts"])

    def _count(self, address: Address, name: str, limit: int) -> None:
        towards: State = "healthy" if name == "successes" else "unhealthy"
        state = self._states.get(address, "healthy")
        if not self.is_on or limit == 0 or state == towards:
            return
        counter = self._counters.setdefault(address, Counter())
        counter[name] += 1
        for other in FAILURES if name == "successes" else ("successes",):
            del counter[other]
        if counter[name] >= limit:
            self._move(address, towards)
        elif state == "healthy":
            self._move(address, "mostly_healthy")
        elif state == "unhealthy":
            self._move(address, "mostly_unhealthy")

    def _move(self, address: Address, state: State) -> None:
        self._states[address] = state
        self._counters.setdefault(address, Counter())
        available = state in ("healthy", "mostly_healthy")
        if available != address.available:
            address.available = available
            LOG.warning("upstream %s: %s:%s is %s", self._name, address.ip, address.port, state)
