"""What the light threads (ngx.thread) of requests and timers wait for."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Sequence

Result = Sequence[object]


class LightThreads:
    """Operations that go on side by side, each known by its thread's number.

    Usage:
        threads = LightThreads()
        threads.start(owner=7, thread=1, operation=sleep(1))
        number, *results = await threads.first(1, 2)   # of the first whose operation has ended
        threads.kill(2)
        threads.release(7)                             # ends all that the owner has left
    """

    def __init__(self) -> None:
        self._tasks: dict[int, asyncio.Future[Result]] = {}
        self._owned: defaultdict[int, set[int]] = defaultdict(set)

    def start(self, owner: int, thread: int, operation: Awaitable[Result]) -> None:
        self._tasks[thread] = asyncio.ensure_future(operation)
        self._owned[owner].add(thread)

    async def first(self, *threads: int) -> Result:
        tasks = {self._tasks[thread]: thread for thread in threads}
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        done = next(task for task in tasks if task.done())
        del self._tasks[tasks[done]]
        return tasks[done], *done.result()

    def kill(self, thread: int) -> None:
        task = self._tasks.pop(thread, None)
        if task:
            task.cancel()

    def release(self, owner: int) -> None:
        for thread in self._owned.pop(owner, ()):
            self.kill(thread)
