"""Asks by the client transport, so that an edge can answer."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx

from client import AsyncPredictionTransport, CacheStatus
from local.demo.client import TIMEOUT_SECONDS, Answer, Ask, PredictionClient, parsed
from local.demo.workload import Prediction


class EdgeClient(PredictionClient):
    """Posts predictions through the transport of `client/`, which turns them into GET with one URL a question.

    Usage as PredictionClient. Raises httpx.HTTPError in an ExceptionGroup when the connection fails.
    """

    def send(
        self, predictions: Iterable[Prediction], on_answer: Callable[[Answer], None] = lambda _: None
    ) -> list[Answer]:
        """Send all and return the answers; what waited at the edge is only known, and marked, at the end."""
        return with_waited(super().send(predictions, on_answer))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Ask]:
        async with httpx.AsyncClient(
            transport=AsyncPredictionTransport(), headers=self._headers, timeout=TIMEOUT_SECONDS
        ) as session:
            yield lambda prediction: self._get(session, prediction)

    async def _get(self, session: httpx.AsyncClient, prediction: Prediction) -> Answer:
        started = time.perf_counter()
        response = await session.post(self.url, content=prediction.body)
        took = time.perf_counter() - started
        status: CacheStatus = response.extensions["cache_status"]
        return Answer(
            index=prediction.index,
            milliseconds=took * 1000,
            status=response.status_code,
            document=parsed(response.content),
            hit=status.hit,
            waited=status.detail == "collapsed",
            at_edge=status.hit and status.source == "edge",
            sent_at=started,
        )


def with_waited(answers: Sequence[Answer]) -> list[Answer]:
    """Mark the hits at the edge that were sent while the model was being asked the same: no header tells of them."""
    misses = [answer for answer in answers if not answer.hit]

    def waited(hit: Answer) -> bool:
        return any(miss.index == hit.index and miss.sent_at <= hit.sent_at < miss.came_at for miss in misses)

    return [replace(answer, waited=answer.waited or (answer.at_edge and waited(answer))) for answer in answers]
