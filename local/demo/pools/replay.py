"""Holds many conversations at once, each turn after the answer to the one before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass

from local.demo.pools.chat_client import ChatAnswer, ChatClient
from local.demo.pools.trace import Conversation


@dataclass(frozen=True)
class Replay:
    """How conversations are held: where, with which key and model, how many at once, with streamed answers or whole.

    Usage:
        answers = Replay(url, key, "chat", at_once=24, is_streamed=True).run(trace.conversations)

    A conversation ends with its last turn or with an answer that failed.
    """

    url: str
    key: str
    model: str
    at_once: int
    is_streamed: bool

    def run(
        self,
        conversations: Iterable[Conversation],
        on_answer: Callable[[ChatAnswer], None] = lambda _: None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> list[ChatAnswer]:
        """Hold all, or until `is_over`, and return the answers in the order in which they ended."""
        return asyncio.run(self._run(iter(conversations), on_answer, is_over))

    async def _run(
        self,
        conversations: Iterator[Conversation],
        on_answer: Callable[[ChatAnswer], None],
        is_over: Callable[[], bool],
    ) -> list[ChatAnswer]:
        answers: list[ChatAnswer] = []

        async def work() -> None:
            for conversation in conversations:
                async for answer in self._held(client, conversation):
                    answers.append(answer)
                    on_answer(answer)
                    if is_over():
                        return

        async with ChatClient(self.url, self.key) as client, asyncio.TaskGroup() as group:
            for _ in range(self.at_once):
                group.create_task(work())
        return answers

    async def _held(self, client: ChatClient, conversation: Conversation) -> AsyncIterator[ChatAnswer]:
        messages = [{"role": "system", "content": conversation.system}]
        for turn in conversation.turns:
            messages.append({"role": "user", "content": turn.text})
            answer = await client.ask(self.model, messages, turn.tokens, self.is_streamed)
            yield answer
            if answer.has_failed:
                return
            messages.append({"role": "assistant", "content": answer.text})
