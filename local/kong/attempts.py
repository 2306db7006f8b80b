"""The tries of one request at its upstream, as nginx's variables and Kong's balancer_data show them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

from local.kong.balancer.address import joined


@dataclass
class Attempt:
    """One try at `ip`:`port`.

    `status`: 502 or 504 when it failed. `is_reused`: over a connection that had been kept. Seconds are since its begin,
    None until they are known.
    """

    ip: str
    port: int
    name: str
    started: float = field(default_factory=time.monotonic)
    status: int | None = None
    header_seconds: float | None = None
    response_seconds: float | None = None
    failed: bool = False
    is_reused: bool = False

    def answered(self, status: int) -> None:
        """The head of its answer is there."""
        self.status, self.header_seconds = status, self._elapsed()

    def ended(self) -> None:
        """Nothing more comes of it."""
        if self.response_seconds is None:
            self.response_seconds = self._elapsed()

    def has_failed(self, status: int) -> None:
        """It has no answer; another may follow."""
        self.status, self.failed = status, True
        self.ended()

    def _elapsed(self) -> float:
        return time.monotonic() - self.started


class Attempts:
    """All tries of one request, in order.

    Usage:
        attempts.begin("127.0.0.1", 8080, "localhost").answered(200)
        attempts.variable("addr", in_log=True)   # of $upstream_addr
    """

    def __init__(self) -> None:
        self.made: list[Attempt] = []

    def begin(self, ip: str, port: int, name: str) -> Attempt:
        attempt = Attempt(ip, port, name)
        self.made.append(attempt)
        return attempt

    def ended(self) -> None:
        """The last answer has ended."""
        if self.made:
            self.made[-1].ended()

    def variable(self, name: str, in_log: bool) -> str | None:
        """nginx's $upstream_<name>: addr, status, header_time, response_time; None before any try.

        As in nginx the answer's end is known in the log phase alone.
        """
        if not self.made:
            return None
        if in_log:
            self.ended()
        return ", ".join(self._one(name, attempt, in_log or attempt is not self.made[-1]) for attempt in self.made)

    @staticmethod
    def _one(name: str, attempt: Attempt, over: bool) -> str:
        if name == "addr":
            return joined(attempt.ip, attempt.port)
        if name == "status":
            return "-" if attempt.status is None else str(attempt.status)
        seconds: float | None = getattr(attempt, name.removesuffix("time") + "seconds")
        if seconds is None or name == "response_time" and not over:
            return "-"
        return f"{int(seconds * 1000) / 1000:.3f}"

    def document(self) -> str:
        """What Lua's ngx.ctx.balancer_data knows of the tries, as JSON."""
        tries = [
            {"ip": attempt.ip, "port": attempt.port}
            | ({"state": "failed", "code": attempt.status} if attempt.failed else {})
            for attempt in self.made
        ]
        last = {"ip": self.made[-1].ip, "hostname": self.made[-1].name} if self.made else {}
        return json.dumps({"tries": tries, "try_count": len(tries), **last})
