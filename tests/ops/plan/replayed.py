"""Sends requests at given times, and tells how each was answered and how late it was.

sent = replay("http://127.0.0.1:8000/digits/predict", {"apikey": "..."}, [(0.25, b"{...}"), ...])
hit_ratio(sent), latest_seconds(sent)
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp

_CONNECTIONS = 64
_LEAD_SECONDS = 0.5


@dataclass(frozen=True)
class Sent:
    """One request: the answer's status, body and Cache-Status, and how long after its time it was answered."""

    status: int
    body: bytes
    cache_status: str
    late_seconds: float

    @property
    def hit(self) -> bool:
        """Whether the cache answered."""
        return "; hit" in self.cache_status


def replay(url: str, headers: Mapping[str, str], due: Sequence[tuple[float, bytes]]) -> list[Sent]:
    """`due`: seconds after the start, which is the beginning of a whole second of the clock, and bodies."""
    return asyncio.run(_replay(url, {"Content-Type": "application/json", **headers}, due))


def hit_ratio(sent: Sequence[Sent]) -> float:
    """The share of hits, from Cache-Status alone."""
    return sum(one.hit for one in sent) / len(sent)


def latest_seconds(sent: Sequence[Sent]) -> float:
    """By how much the latest answer was late."""
    return max(one.late_seconds for one in sent)


async def _replay(url: str, headers: Mapping[str, str], due: Sequence[tuple[float, bytes]]) -> list[Sent]:
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        start = math.ceil(time.time() + _LEAD_SECONDS)

        async def send(seconds: float, body: bytes) -> Sent:
            await asyncio.sleep(start + seconds - time.time())
            async with session.post(url, data=body) as answer:
                text = await answer.read()
            late = time.time() - start - seconds
            return Sent(answer.status, text, answer.headers.get("Cache-Status", ""), late)

        return await asyncio.gather(*(send(seconds, body) for seconds, body in due))
