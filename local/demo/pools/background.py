"""Conversations held in the background, while something else happens."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from local.demo.background import BackgroundAnswers
from local.demo.pools.chat_client import ChatAnswer
from local.demo.pools.replay import Replay
from local.demo.pools.trace import Conversation


class BackgroundConversations(BackgroundAnswers[ChatAnswer]):
    """Holds conversations round and round from a thread, for the time of a with block.

    Usage:
        with BackgroundConversations(replay, trace.conversations) as load:
            load.wait_for(100)                                                  # 100 more answers have come
            load.wait_until(lambda answer: answer.replica == "large-3", 10)     # 10 more of that kind
        load.answers

    Leaving the block waits for the conversations to take no further turn. Waiting raises TimeoutError after a minute.
    """

    _PATIENCE_SECONDS = 60.0

    def __init__(self, replay: Replay, conversations: Sequence[Conversation]) -> None:
        super().__init__("conversations")
        self._replay = replay
        self._conversations = conversations

    def wait_until(
        self, found: Callable[[ChatAnswer], bool], count: int, patience_seconds: float | None = None
    ) -> bool:
        """Return when that many more answers of a kind have come. Raises TimeoutError when they do not."""
        patience = self._PATIENCE_SECONDS if patience_seconds is None else patience_seconds
        if not super().wait_until(found, count, patience):
            raise TimeoutError(f"fewer than {count} such answers came in {patience:g} s")
        return True

    def _ask(self, note: Callable[[ChatAnswer], None], is_over: Callable[[], bool]) -> None:
        self._replay.run(itertools.cycle(self._conversations), note, is_over)
