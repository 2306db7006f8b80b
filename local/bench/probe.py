"""What a server answers to a few questions at once, where it may well answer with an error or not at all."""

from __future__ import annotations

import asyncio
import collections
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from local.demo.client import is_hit, parsed
from local.demo.row import percentile
from local.demo.target import Target
from local.demo.workload import Prediction

_NOTHING = 0


@dataclass(frozen=True)
class Probed:
    """One answer; status 0: none came in time, or the connection failed."""

    index: int
    status: int
    milliseconds: float
    hit: bool
    document: Any


def probe(target: Target, predictions: Sequence[Prediction], patience_seconds: float) -> list[Probed]:
    """Ask all at once, each by a connection of its own, and wait for each so long."""
    return asyncio.run(_probe(target, predictions, patience_seconds))


def summed(answers: Sequence[Probed]) -> dict[str, Any]:
    """Return the statuses as text, the median time and the longest, and how many were hits."""
    counts = collections.Counter(str(answer.status) if answer.status else "none" for answer in answers)
    return {
        "statuses": ", ".join(f"{count} × {status}" for status, count in sorted(counts.items())),
        "hits": sum(answer.hit for answer in answers),
        "p50_ms": percentile([answer.milliseconds for answer in answers], 50),
        "longest_ms": percentile([answer.milliseconds for answer in answers], 100),
    }


async def _probe(target: Target, predictions: Sequence[Prediction], patience_seconds: float) -> list[Probed]:
    headers = {"Content-Type": "application/json", **target.headers}

    async def one(client: httpx.AsyncClient, prediction: Prediction) -> Probed:
        started = time.perf_counter()
        status, hit, document = _NOTHING, False, None
        try:
            response = await client.post(target.url, content=prediction.body)
            status, hit, document = response.status_code, is_hit(response.headers), parsed(response.content)
        except httpx.HTTPError as error:
            document = type(error).__name__
        return Probed(prediction.index, status, (time.perf_counter() - started) * 1000, hit, document)

    async with httpx.AsyncClient(headers=headers, timeout=patience_seconds) as client:
        return await asyncio.gather(*(one(client, prediction) for prediction in predictions))
