"""Conversations held in the background, while something else happens."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from types import TracebackType

from local.demo.pools.chat_client import ChatAnswer
from local.demo.pools.replay import Replay
from local.demo.pools.trace import Conversation


class BackgroundConversations:
    """Holds conversations round and round from a thread, for the time of a with block.

    Usage:
        with BackgroundConversations(replay, trace.conversations) as load:
            load.wait_for(100)                                                  # 100 more answers have come
            load.wait_until(lambda answer: answer.replica == "large-3", 10)     # 10 more of that kind
        load.answers

    Leaving the block waits for the conversations to take no further turn. Waiting raises TimeoutError after a minute,
    and whatever ended the thread.
    """

    _PATIENCE_SECONDS = 60.0

    def __init__(self, replay: Replay, conversations: Sequence[Conversation]) -> None:
        self.answers: list[ChatAnswer] = []
        self._replay = replay
        self._conversations = conversations
        self._stop = threading.Event()
        self._answered = threading.Condition()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._hold, name="conversations", daemon=True)

    def __enter__(self) -> BackgroundConversations:
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

    def wait_until(self, found: Callable[[ChatAnswer], bool], count: int) -> None:
        """Return when that many more answers of a kind have come."""
        with self._answered:
            start = len(self.answers)
            came = self._answered.wait_for(
                lambda: self._error or sum(map(found, self.answers[start:])) >= count, self._PATIENCE_SECONDS
            )
        if self._error:
            raise self._error
        if not came:
            raise TimeoutError(f"fewer than {count} such answers came in {self._PATIENCE_SECONDS:g} s")

    def _hold(self) -> None:
        try:
            self._replay.run(itertools.cycle(self._conversations), self._note, self._stop.is_set)
        except Exception as error:
            with self._answered:
                self._error = error
                self._answered.notify_all()

    def _note(self, answer: ChatAnswer) -> None:
        with self._answered:
            self.answers.append(answer)
            self._answered.notify_all()
