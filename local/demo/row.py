"""One row of the demo's table: the same requests by one way, summed up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.demo.client import Answer

PARTS = {
    "hit": "hits, at once",
    "waited": "hits, waited",
    "miss": "misses",
}


@dataclass(frozen=True)
class Row:
    """How one way to the model did.

    Usage:
        row = Row("inference-edge", answers, expected, model_calls=20)
        row.p50_ms, row.hits, row.wrong

    answers: in the order of the requests. expected: the model's own answer for each input. gateway_requests: how many
    of the requests the gateway had, None where it does not count them.
    An answer is wrong unless its status is 200 and it equals the model's own.
    """

    name: str
    answers: Sequence[Answer]
    expected: Sequence[Any]
    model_calls: int
    gateway_requests: int | None = None

    @property
    def hits(self) -> int:
        """Answers that came from a cache."""
        return len(self.hit_times_ms)

    @property
    def edge_hits(self) -> int:
        """Answers that the edge gave without asking the gateway."""
        return sum(answer.at_edge for answer in self.answers)

    @property
    def wrong(self) -> int:
        """Answers that differ from the model's own."""
        return sum(self.is_wrong(answer) for answer in self.answers)

    @property
    def hit_times_ms(self) -> list[float]:
        """Times of the answers that came from a cache, also of those that waited for it."""
        return [answer.milliseconds for answer in self.answers if answer.hit]

    @property
    def p50_ms(self) -> float | None:
        """Median time of an answer."""
        return percentile([answer.milliseconds for answer in self.answers], 50)

    def part_of(self, answer: Answer) -> str:
        """Return the part that an answer belongs to: hit, waited or miss."""
        if not answer.hit:
            return "miss"
        return "waited" if answer.waited else "hit"

    def _part(self, part: str) -> dict[str, Any]:
        answers = [answer for answer in self.answers if self.part_of(answer) == part]
        return {"requests": len(answers), **percentiles(answers)}

    def is_wrong(self, answer: Answer) -> bool:
        """Say whether an answer of this row is not the model's own."""
        return answer.status != 200 or answer.document != self.expected[answer.index]

    def as_json(self) -> dict[str, Any]:
        """Return the row for the report: counts, times in milliseconds, and every single answer."""
        return {
            "name": self.name,
            "requests": len(self.answers),
            **percentiles(self.answers),
            "hits": self.hits,
            "misses": len(self.answers) - self.hits,
            "edge_hits": self.edge_hits,
            "gateway_requests": self.gateway_requests,
            "model_calls": self.model_calls,
            "wrong": self.wrong,
            **{part: self._part(part) for part in PARTS},
            "answers": [
                {"ms": round(answer.milliseconds, 3), "part": self.part_of(answer), "wrong": self.is_wrong(answer)}
                for answer in self.answers
            ],
        }


def percentiles(answers: Sequence[Answer]) -> dict[str, float | None]:
    """Return p50_ms, p95_ms and p99_ms, None without any answer."""
    return {f"p{share}_ms": percentile([answer.milliseconds for answer in answers], share) for share in (50, 95, 99)}


def percentile(times_ms: Sequence[float], share: int) -> float | None:
    """Return the smallest time that at least `share` per cent of the times do not exceed (nearest rank)."""
    if not times_ms:
        return None
    rank = math.ceil(share / 100 * len(times_ms))
    return round(sorted(times_ms)[max(rank, 1) - 1], 3)


def time_text(milliseconds: float | None, decimals: int = 1) -> str:
    """Return a time for people: no decimals where they say nothing, a dash where there is none."""
    if milliseconds is None:
        return "–"
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.{decimals}f}"
