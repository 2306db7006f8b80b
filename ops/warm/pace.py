"""How fast questions are asked."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable


class Pace:
    """At most `per_second` turns a second, evenly spaced; time that was lost is never made up.

    Usage: ``if await pace.turn(): ...`` before each question; ``pace.pause(seconds)`` lets all wait, ``pace.stop()``
    ends it. To be made within an event loop.
    """

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        self._seconds, self._clock, self._sleep = 1 / per_second, clock, sleep or self._until_over
        self._next = self._paused_until = clock()
        self._over = asyncio.Event()

    async def turn(self) -> bool:
        """Returns when the next question may be asked; False: never again."""
        while not self._over.is_set():
            at = max(self._clock(), self._next, self._paused_until)
            self._next = at + self._seconds
            await self._sleep(at - self._clock())
            if not self.is_paused:  # by somebody else meanwhile
                break
        return not self._over.is_set()

    def pause(self, seconds: float) -> None:
        """Nobody gets a turn for so long."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def stop(self) -> None:
        """Nobody gets a turn again; who waits is told at once."""
        self._over.set()

    @property
    def is_paused(self) -> bool:
        return self._clock() < self._paused_until

    async def _until_over(self, seconds: float) -> None:
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), seconds)
