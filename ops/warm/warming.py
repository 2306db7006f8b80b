"""Asks the questions, at a steady pace, until all are asked or there is no use in going on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from client import AsyncPredictionTransport
from ops.warm.outcome import Outcome, outcome_of, wait_seconds
from ops.warm.pace import Pace
from ops.warm.progress import Progress
from ops.warm.target import Target

MAX_FAILURES = 5
MAX_PAUSES = 5
MAX_PAUSE_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 1.0
LOOK_AT = 20
UNREACHABLE, USELESS, WAIT, INTERRUPTED = "no connection", "useless", "wait", "interrupted"
UNSAVED, CHANGED = "unsaved", "changed"
_TO_THE_END = 2  # times the wait for an answer's beginning
_MOST_CHARACTERS = 200
_BUSY = 503
_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")


@dataclass(frozen=True)
class Stopped:
    """Why a run ended before its time.

    `cause` is a status, "timeout", UNREACHABLE, USELESS, WAIT, INTERRUPTED, UNSAVED (the progress cannot be kept) or
    CHANGED (the file cannot be read any more).
    """

    cause: str
    detail: str = ""


class Warming:
    """One run.

    Usage, within an event loop::

        warming = Warming(target, progress, per_second=10, concurrency=2, timeout_seconds=65, on_step=save)
        stopped = await warming.run(zip(numbers, bodies))

    `on_step` is called after each question. Every question is asked once; again only when the gateway wants to
    be asked later (429, 503; that may be one question's fault), and those whose failures ended the run are left to the
    next. `timeout_seconds` is how long an answer may take to begin, and half of the time to its end.
    """

    def __init__(
        self,
        target: Target,
        progress: Progress,
        *,
        per_second: float,
        concurrency: int,
        timeout_seconds: float,
        on_step: Callable[[], None],
    ) -> None:
        self._target, self._progress, self._concurrency, self._on_step = target, progress, concurrency, on_step
        self._timeout_seconds = timeout_seconds
        self._pace = Pace(per_second)
        self._failing: list[tuple[int, Outcome]] = []
        self._pauses = self._asked = self._cached = 0
        self._stopped: Stopped | None = None
        self._error = ""

    async def run(self, questions: Iterator[tuple[int, bytes]]) -> Stopped | None:
        """None when all were asked. Raises what `questions` raises."""
        try:
            async with self._client() as client, asyncio.TaskGroup() as workers:
                for _ in range(self._concurrency):
                    workers.create_task(self._work(client, questions))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        if self._failing and not self._asked:
            self._stop_for_failures()
        if self._stopped is None:
            self._settle_failures()
        return self._stopped

    def stop(self, stopped: Stopped) -> None:
        """Ask nothing more; what was asked is waited for."""
        self._stopped = self._stopped or stopped
        self._pace.stop()

    async def _work(self, client: httpx.AsyncClient, questions: Iterator[tuple[int, bytes]]) -> None:
        for number, body in questions:
            outcome = await self._ask(client, body)
            if outcome is None:
                return
            self._note(number, outcome)
            self._on_step()

    async def _ask(self, client: httpx.AsyncClient, body: bytes) -> Outcome | None:
        """None when the run ended before there was an answer."""
        busy = 0
        while await self._pace.turn():
            try:
                async with (
                    asyncio.timeout(_TO_THE_END * self._timeout_seconds),
                    client.stream("POST", self._target.url, content=body) as response,
                ):
                    async for _ in response.aiter_raw():  # Kong stores an answer once it is read to its end
                        pass
            except (TimeoutError, httpx.TimeoutException):
                return Outcome("failed", "timeout")
            except httpx.HTTPError as error:
                # h11 quotes a line that it cannot read: that may be part of an answer.
                self._error = str(error).partition(": bytearray(")[0][:_MOST_CHARACTERS]
                return Outcome("failed", UNREACHABLE)
            seconds = wait_seconds(response)
            if seconds is None:
                self._pauses = 0
                return outcome_of(response)
            self._pause(seconds, response.status_code)
            busy += response.status_code == _BUSY
            if busy > MAX_PAUSES:
                return Outcome("failed", str(_BUSY))
        return None

    def _pause(self, seconds: float, status: int) -> None:
        if seconds > MAX_PAUSE_SECONDS:
            self.stop(Stopped(WAIT, f"{seconds:.0f}"))
        elif not self._pace.is_paused:  # else it was asked before that
            self._pauses += 1
            if self._pauses > MAX_PAUSES:
                self.stop(Stopped(str(status)))
            self._pace.pause(seconds or FIRST_PAUSE_SECONDS * 2 ** (self._pauses - 1))

    def _note(self, number: int, outcome: Outcome) -> None:
        if outcome.kind == "failed":
            self._failing.append((number, outcome))
            if len(self._failing) >= MAX_FAILURES:
                self._stop_for_failures()
            return
        if self._stopped is None:
            self._settle_failures()
        self._progress.done(number, outcome)
        self._asked += 1
        self._cached += outcome.is_cached
        if self._asked == LOOK_AT and not self._cached:
            self.stop(Stopped(USELESS))

    def _stop_for_failures(self) -> None:
        _, last = self._failing[-1]
        self.stop(Stopped(last.reason, self._error if last.reason == UNREACHABLE else ""))

    def _settle_failures(self) -> None:
        """They were about those questions alone, which are not asked again."""
        for number, outcome in self._failing:
            self._progress.done(number, outcome)
        self._failing = []

    def _client(self) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=self._concurrency, max_keepalive_connections=self._concurrency)
        edge = AsyncPredictionTransport(httpx.AsyncHTTPTransport(limits=limits)) if self._target.is_edge else None
        return httpx.AsyncClient(
            headers={**self._target.headers, **self._target.credential},
            timeout=self._timeout_seconds,
            limits=limits,
            transport=edge,
            mounts=dict.fromkeys(_LOOPBACK),  # not by the environment's proxy
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # a cookie bypasses the cache
        )
