"""Many short questions at once: where prefixes go, which version callers get, and who answers instead."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from local.demo.pools.chat_client import ChatAnswer, ChatClient, Message
from local.demo.pools.spread import share

_QUESTION = [{"role": "user", "content": "Which version are you?"}]


class Probes:
    """Asks one entry path for one name.

    Usage:
        probes = Probes("http://127.0.0.1:8000/v1/chat/completions", key, "chat")
        before = probes.places(400)
        probes.versions(["key-1", "key-2"], times=2)
        probes.stream(tokens=320), probes.questions(40, at_once=8)
    """

    def __init__(self, url: str, key: str, name: str) -> None:
        self._url, self._key, self._name = url, key, name

    def places(self, prefixes: int) -> list[str]:
        """Return the replica of each of so many prefixes, asked one after the other: then none is too busy for its own.

        The prefixes are the same in each call.
        """
        asked = [[{"role": "user", "content": f"prefix {number}"}] for number in range(prefixes)]
        return [answer.replica for answer in self._ask(asked, at_once=1)]

    def versions(self, keys: Sequence[str], times: int) -> list[list[ChatAnswer]]:
        """Return the answers to each caller, who asks so many times."""
        rounds = [self._ask([_QUESTION] * len(keys), at_once=8, keys=keys) for _ in range(times)]
        return [list(answers) for answers in zip(*rounds, strict=True)]

    def questions(self, count: int, at_once: int) -> list[ChatAnswer]:
        """Return the answers to the same question, asked so many times."""
        return self._ask([_QUESTION] * count, at_once)

    def stream(self, tokens: int) -> ChatAnswer:
        """Return one streamed answer of so many tokens."""
        return self._ask([_QUESTION], 1, tokens=tokens, is_streamed=True)[0]

    def _ask(
        self,
        asked: Sequence[Sequence[Message]],
        at_once: int,
        keys: Sequence[str] = (),
        tokens: int = 1,
        is_streamed: bool = False,
    ) -> list[ChatAnswer]:
        async def ask() -> list[ChatAnswer]:
            free = asyncio.Semaphore(at_once)

            async def one(messages: Sequence[Message], key: str) -> ChatAnswer:
                async with free:
                    return await client.ask(self._name, messages, tokens, is_streamed, key)

            async with ChatClient(self._url, self._key) as client:
                given = keys or [""] * len(asked)
                return await asyncio.gather(*(one(*each) for each in zip(asked, given, strict=True)))

        return asyncio.run(ask())


def moved(before: Sequence[str], after: Sequence[str]) -> dict[str, Any]:
    """Compare the replica of each prefix before and after a replica more; replicas: how many there were before."""
    count = sum(old != new for old, new in zip(before, after, strict=True))
    return {
        "prefixes": len(before),
        "moved": count,
        "share": share(count, len(before)),
        "replicas": len({*before} - {""}),
        "unanswered": before.count("") + after.count(""),
    }


def callers(answers: Sequence[Sequence[ChatAnswer]], versions: Mapping[str, int], canary: str) -> dict[str, Any]:
    """Count the callers of each version, those that had more than one, and the requests that failed."""
    models = [{answer.model for answer in each if not answer.has_failed} for each in answers]
    counts = {version: sum(found == {version} for found in models) for version in versions}
    return {
        "callers": len(answers),
        "requests": sum(map(len, answers)),
        "failed": sum(answer.has_failed for each in answers for answer in each),
        "versions": counts,
        "weights": dict(versions),
        "canary": canary,
        "canary_share": share(counts[canary], len(answers)),
        "changed": sum(len(found) > 1 for found in models),
    }
