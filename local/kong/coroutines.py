"""What Lua's coroutines wait for: the operations that they leave to Python, and the timers themselves."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from local.kong.light_threads import LightThreads
from local.kong.tcp_sockets import TcpSockets

LOG = logging.getLogger("local.kong")


class Coroutines:
    """Resumes Lua with the results of what it waits for.

    Usage:
        coroutines = Coroutines(trusted_certificates=None)
        host = load(library=coroutines.library())
        coroutines.bind(host)
        event = await coroutines.finish(request_id, event)  # of ("await", operation, arguments...)
        coroutines.release(request_id)                      # its sockets close
        await coroutines.close()

    `trusted_certificates`: a PEM file, None for the system's.
    """

    def __init__(self, trusted_certificates: str | None) -> None:
        self._sockets = sockets = TcpSockets(trusted_certificates)
        self._operations: dict[str, Callable[..., Awaitable[Sequence[object]]]] = {
            "sleep": _sleep,
            "connect": sockets.connect,
            "secure": sockets.secure,
            "drain": sockets.drain,
            "read": sockets.read,
        }
        self._threads = LightThreads()
        self._operations["first"] = self._threads.first
        self._host: Any = None
        self._pending: dict[int, asyncio.TimerHandle] = {}
        self._running: set[asyncio.Task[None]] = set()

    def bind(self, host: Any) -> None:
        """`host`: the table of lua/host.lua."""
        self._host = host

    def release(self, number: int) -> None:
        """The request or timer has ended: what it left open goes with it."""
        self._threads.release(number)
        self._sockets.release(number)

    def library(self) -> dict[str, Callable[..., Any]]:
        """The functions for Lua that answer at once."""
        sockets = self._sockets
        return {
            "timer": self._start,
            "socket_take": sockets.take,
            "socket_send": sockets.send,
            "socket_keep": sockets.keep,
            "socket_close": sockets.close,
            "thread_await": self._start_thread,
            "thread_kill": self._threads.kill,
        }

    async def finish(self, number: int, event: Any) -> Any:
        """Goes on until the coroutine has another event than a wait."""
        while event[0] == "await":
            results = await self._operations[event[1]](*event[2:])
            event = self._host.resume(number, time.time(), *results)
        return event

    async def close(self) -> None:
        """Ends: timers that have not begun are told (`premature`), all others are left where they are."""
        for number in list(self._pending):
            self._pending.pop(number).cancel()
            self._host.run_timer(number, time.time(), True)
            self.release(number)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._sockets.close_all()

    def _start_thread(self, number: int, thread: int, operation: str, *arguments: Any) -> None:
        self._threads.start(number, thread, self._operations[operation](*arguments))

    def _start(self, number: int, delay_seconds: float) -> None:
        self._pending[number] = asyncio.get_running_loop().call_later(delay_seconds, self._begin, number)

    def _begin(self, number: int) -> None:
        del self._pending[number]
        task = asyncio.create_task(self._run(number))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, number: int) -> None:
        try:
            await self.finish(number, self._host.run_timer(number, time.time(), False))
        except Exception:
            LOG.exception("timer")
        finally:
            self.release(number)


async def _sleep(seconds: float) -> Sequence[object]:
    await asyncio.sleep(seconds)
    return ()
