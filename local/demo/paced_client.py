"""Asks at the pace of callers that do something else in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from local.demo.client import Answer, Ask, PredictionClient
from local.demo.workload import Prediction


class PacedClient(PredictionClient):
    """Posts predictions, each client some time after its last answer.

    Usage as PredictionClient: PacedClient(target.url, target.headers, clients=4, pause_seconds=0.02)
    """

    def __init__(self, url: str, headers: Mapping[str, str], clients: int, pause_seconds: float) -> None:
        super().__init__(url, headers, clients)
        self._pause_seconds = pause_seconds

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Ask]:
        async with super()._connected() as ask:

            async def asked(prediction: Prediction) -> Answer:
                await asyncio.sleep(self._pause_seconds)
                return await ask(prediction)

            yield asked
