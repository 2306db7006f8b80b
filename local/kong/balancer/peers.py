"""The tries of one request at the targets of an upstream."""

from __future__ import annotations

import time

from local.kong.balancer.algorithm import Handle
from local.kong.balancer.balancer import Balancer
from local.kong.balancer.latency import measure
from local.kong.balancer.target import Address
from local.kong.upstream import Peer, UpstreamError

# Kong reports by a timer, and fast tries come before it: a hashed request meets a target that refuses it four times.
TRIES_BEFORE_A_REPORT, REPORT_SECONDS = 4, 0.05
NO_PEER = "failure to get a peer from the ring-balancer"


class Peers:
    """Gives each try its target and tells the balancer how it went.

    `next` before every try (after `failed` of the one before), `finish` once when the request is over.
    """

    def __init__(self, balancer: Balancer, value: str) -> None:
        self._balancer, self._handle = balancer, Handle(value)
        self._tried_at = 0.0
        self._failures: list[tuple[Address, bool, float]] = []

    async def next(self) -> Peer:
        """The target of the next try. Raises UpstreamError 503 when there is none."""
        await self._balancer.ready()
        is_retry = self._handle.address is not None
        self._release()
        if len(self._failures) == TRIES_BEFORE_A_REPORT or self._oldest_failure_seconds() > REPORT_SECONDS:
            self._report_failures()
        address = self._balancer.pick(self._handle)
        if address is None:
            raise UpstreamError(503, None if is_retry else NO_PEER)
        address.connections += 1
        self._handle.address, self._tried_at = address, time.monotonic()
        return Peer(address.ip, address.port, self._balancer.upstream["host_header"] or address.hostname)

    def failed(self, timed_out: bool) -> None:
        """The try had no answer, and another follows."""
        address = self._handle.address
        assert address is not None
        self._handle.failed.add(address)
        self._failures.append((address, timed_out, time.monotonic()))

    def _report_failures(self) -> None:
        for address, timed_out, _ in self._failures:
            if timed_out:
                self._balancer.health.report_timeout(address)
            else:
                self._balancer.health.report_tcp_failure(address)
        self._failures.clear()

    def _oldest_failure_seconds(self) -> float:
        return time.monotonic() - self._failures[0][2] if self._failures else 0.0

    def finish(self, status: int | None) -> None:
        """`status`: of the upstream, or the gateway's own 502 or 504 after the last try; None: the client has left."""
        self._report_failures()
        address = self._handle.address
        if address is not None and status is not None:
            if status == 504:
                self._balancer.health.report_timeout(address)
            else:
                self._balancer.health.report_status(address, status)
            measure(address, time.monotonic() - self._tried_at)
        self._release()

    def _release(self) -> None:
        if self._handle.address is not None:
            self._handle.address.connections -= 1
            self._handle.address = None
