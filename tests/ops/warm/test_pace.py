"""Questions are asked at a steady pace."""

from __future__ import annotations

import asyncio

from ops.warm.pace import Pace


class FakeClock:
    """Time passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + max(0.0, seconds)
        await asyncio.sleep(0)
        self.now = max(self.now, until)


async def turns(pace: Pace, clock: FakeClock, count: int) -> list[float]:
    found: list[float] = []
    for _ in range(count):
        assert await pace.turn()
        found.append(round(clock.now - 100, 6))
    return found


async def test_turns_are_evenly_spaced() -> None:
    clock = FakeClock()
    assert await turns(Pace(4, clock, clock.sleep), clock, 5) == [0, 0.25, 0.5, 0.75, 1]


async def test_lost_time_is_not_made_up() -> None:
    clock = FakeClock()
    pace = Pace(4, clock, clock.sleep)
    await turns(pace, clock, 1)
    clock.now += 10
    assert await turns(pace, clock, 3) == [10, 10.25, 10.5]


async def test_several_at_once_share_the_pace() -> None:
    clock = FakeClock()
    pace = Pace(2, clock, clock.sleep)
    at: list[float] = []

    async def worker() -> None:
        for _ in range(3):
            await pace.turn()
            at.append(clock.now)

    await asyncio.gather(worker(), worker(), worker())
    assert clock.now - 100 == 4  # nine turns


async def test_all_wait_while_it_is_paused() -> None:
    clock = FakeClock()
    pace = Pace(4, clock, clock.sleep)
    await turns(pace, clock, 2)
    pace.pause(7)
    assert pace.is_paused
    assert await turns(pace, clock, 2) == [7.25, 7.5]


async def test_who_waits_is_told_that_it_is_over() -> None:
    pace = Pace(0.001)
    assert await pace.turn()
    waiting = asyncio.ensure_future(pace.turn())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    pace.stop()
    assert not await asyncio.wait_for(waiting, 5)
    pace.pause(1_000)
    assert not await pace.turn()
