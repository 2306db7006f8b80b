"""Answers that come from a thread, while something else happens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

Answer = TypeVar("Answer")


class BackgroundAnswers(Generic[Answer]):
    """Asks from a thread, for the time of a with block; a subclass says what, in `_ask`.

    Usage:
        with BackgroundTraffic(client, predictions) as traffic:
            traffic.wait_for(30)                                        # 30 more answers have come
            traffic.wait_until(lambda answer: answer.hit, 10, 60.0)     # 10 more of that kind, in a minute
        traffic.answers

    Leaving the block waits for what is under way. Whatever ended the thread is raised by waiting and on leaving.
    """

    def __init__(self, name: str) -> None:
        self.answers: list[Answer] = []
        self._stop = threading.Event()
        self._answered = threading.Condition()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        if self._error and error is None:
            raise self._error

    def wait_for(self, count: int) -> None:
        """Return when that many more answers have come."""
        self.wait_until(lambda _: True, count)

    def wait_until(self, found: Callable[[Answer], bool], count: int, patience_seconds: float | None = None) -> bool:
        """Return when that many more answers of a kind have come, or False when they do not come in time."""
        with self._answered:
            start = len(self.answers)
            came = self._answered.wait_for(
                lambda: self._error or sum(map(found, self.answers[start:])) >= count, patience_seconds
            )
        if self._error:
            raise self._error
        return bool(came)

    def _ask(self, note: Callable[[Answer], None], is_over: Callable[[], bool]) -> None:
        """Ask until `is_over`, and give each answer to `note`."""
        raise NotImplementedError

    def _run(self) -> None:
        try:
            self._ask(self._note, self._stop.is_set)
        except Exception as error:
            with self._answered:
                self._error = error
                self._answered.notify_all()

    def _note(self, answer: Answer) -> None:
        with self._answered:
            self.answers.append(answer)
            self._answered.notify_all()
