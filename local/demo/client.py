"""Sends predictions with a few clients at once and times each answer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from local.demo.workload import Prediction

TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What came back for one prediction.

    milliseconds: from sending to the last byte. sent_at: seconds of time.perf_counter. waited: a cache held it back
    for the same question under way. at_edge: a hit of the edge, which did not ask the gateway. off: verification has
    switched the cache off.
    """

    index: int
    milliseconds: float
    status: int
    document: Any
    hit: bool
    waited: bool = False
    at_edge: bool = False
    sent_at: float = 0.0
    off: bool = False

    @property
    def came_at(self) -> float:
        """When its last byte came, as sent_at."""
        return self.sent_at + self.milliseconds / 1000


Ask = Callable[[Prediction], Awaitable[Answer]]


class PredictionClient:
    """Posts predictions to one URL, as they are.

    Usage:
        client = PredictionClient("http://127.0.0.1:8000/digits/predict", {"apikey": "..."}, clients=4)
        answers = client.send(workload.predictions)       # in the order of the predictions

    `on_answer` is called for each answer as it comes. Raises aiohttp.ClientError or TimeoutError when the
    connection fails; an answer with any status is an Answer.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, clients: int = 4) -> None:
        self.url = url
        self._headers = {"Content-Type": "application/json", **(headers or {})}
        self._clients = clients

    def send(
        self, predictions: Iterable[Prediction], on_answer: Callable[[Answer], None] = lambda _: None
    ) -> list[Answer]:
        """Send all and return the answers; each client takes the next prediction when it has its answer."""
        return asyncio.run(self._send(predictions, on_answer))

    async def _send(self, predictions: Iterable[Prediction], on_answer: Callable[[Answer], None]) -> list[Answer]:
        queue = iter(enumerate(predictions))
        answers: dict[int, Answer] = {}
        async with self._connected() as ask:

            async def work(items: Iterable[tuple[int, Prediction]]) -> None:
                for position, prediction in items:
                    answers[position] = await ask(prediction)
                    on_answer(answers[position])

            async with asyncio.TaskGroup() as group:
                for _ in range(self._clients):
                    group.create_task(work(queue))
        return [answers[position] for position in sorted(answers)]

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Ask]:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(headers=self._headers, timeout=timeout) as session:
            yield lambda prediction: self._post(session, self._next_url(), prediction)

    def _next_url(self) -> str:
        return self.url

    async def _post(self, session: aiohttp.ClientSession, url: str, prediction: Prediction) -> Answer:
        started = time.perf_counter()
        async with session.post(url, data=prediction.body) as response:
            body = await response.read()
            took = time.perf_counter() - started
            status = response.headers.get("Cache-Status", "")
            return Answer(
                index=prediction.index,
                milliseconds=took * 1000,
                status=response.status,
                document=parsed(body),
                hit=is_hit(response.headers),
                waited="detail=collapsed" in status,
                sent_at=started,
                off="detail=mismatch" in status,
            )


def is_hit(headers: Mapping[str, str]) -> bool:
    """Say whether an answer came from a cache: Cache-Status of RFC 9211, or X-Cache-Status of Kong's proxy-cache."""
    if headers.get("X-Cache-Status") == "Hit":
        return True
    return any("hit" in _parameters(member) for member in headers.get("Cache-Status", "").split(","))


def _parameters(member: str) -> list[str]:
    return [parameter.strip() for parameter in member.split(";")[1:]]


def parsed(body: bytes) -> Any:
    """Return the JSON document of an answer, or the start of what is none."""
    try:
        return json.loads(body)
    except ValueError:
        return body[:200].decode(errors="replace")
