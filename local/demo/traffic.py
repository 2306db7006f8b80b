"""Predictions asked in the background, while something else happens."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType

import aiohttp

from local.demo.client import Answer, PredictionClient
from local.demo.workload import Prediction


class BackgroundTraffic:
    """Asks predictions round and round from a thread, for the time of a with block.

    Usage:
        with BackgroundTraffic(client, predictions) as traffic:
            traffic.wait_for(30)        # 30 more answers have come
            engine.up()
            traffic.wait_for(30)
        traffic.answers

    Leaving the block waits for the answers under way. A connection that fails is raised by wait_for and on leaving
    the block.
    """

    def __init__(self, client: PredictionClient, predictions: Sequence[Prediction]) -> None:
        self.answers: list[Answer] = []
        self._client = client
        self._predictions = predictions
        self._stop = threading.Event()
        self._answered = threading.Condition()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._ask, name="traffic", daemon=True)

    def __enter__(self) -> BackgroundTraffic:
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
        with self._answered:
            wanted = len(self.answers) + count
            self._answered.wait_for(lambda: self._error or len(self.answers) >= wanted)
        if self._error:
            raise self._error

    def wait_until(self, found: Callable[[Answer], bool], count: int, patience_seconds: float) -> bool:
        """Return when that many more answers of a kind have come, or False when they do not come in time."""
        with self._answered:
            start = len(self.answers)
            came = self._answered.wait_for(
                lambda: self._error or sum(map(found, self.answers[start:])) >= count, patience_seconds
            )
        if self._error:
            raise self._error
        return bool(came)

    def _ask(self) -> None:
        try:
            self._client.send(self._until_stopped(), self._note)
        except (aiohttp.ClientError, TimeoutError, ExceptionGroup) as error:
            with self._answered:
                self._error = error
                self._answered.notify_all()

    def _until_stopped(self) -> Iterator[Prediction]:
        return itertools.takewhile(lambda _: not self._stop.is_set(), itertools.cycle(self._predictions))

    def _note(self, answer: Answer) -> None:
        with self._answered:
            self.answers.append(answer)
            self._answered.notify_all()
