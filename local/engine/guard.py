"""Fail-fast and progress of one operation."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from local.engine.errors import EngineError, Interrupted
from local.engine.results import Event, Step

Notify = Callable[[Event], None]


class Guard:
    """Lets steps start until the first one fails or the user interrupts, and tells how they go.

    Usage: ``with guard.part("kong:... name"): ...`` around work that may fail, ``with guard.step(step): ...`` around
    a change. The first failure is kept for `raise_failure`. `done` counts the changes that were carried out.
    """

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._lock = threading.Lock()
        self._failure: EngineError | None = None
        self._canceled = False
        self.done = 0

    def log(self, message: str, severity: str) -> None:
        """Report a message of the program."""
        with self._lock:
            self._notify(Event("log", message=message, severity=severity))

    def cancel(self) -> None:
        """Start nothing more; what is under way ends and is saved."""
        self._canceled = True

    def raise_failure(self) -> None:
        """Raise the first failure, or say that the operation was interrupted."""
        if self._failure is not None:
            raise self._failure
        if self._canceled:
            raise Interrupted("interrupted: the steps under way were finished and saved; run it again to go on")

    @contextlib.contextmanager
    def part(self, what: str) -> Iterator[None]:
        """Run a part of a resource's step; a failure gets the resource's name, `what`, in front."""
        if self._failure is not None or self._canceled:
            raise Interrupted(f"{what}: not started")
        try:
            yield
        except Interrupted:
            raise
        except Exception as error:
            message = str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
            failure = EngineError(message if not what or what in message else f"{what}: {message}")
            failure.__cause__ = error
            with self._lock:
                self._failure = self._failure or failure
            raise failure from error

    @contextlib.contextmanager
    def step(self, step: Step) -> Iterator[None]:
        """Run a change, and report its start and its end."""
        with self._lock:
            self._notify(Event("start", step))
        try:
            yield
        except Exception as error:
            with self._lock:
                self._notify(Event("failed", step, str(error)))
            raise
        with self._lock:
            self.done += 1
            self._notify(Event("done", step))
