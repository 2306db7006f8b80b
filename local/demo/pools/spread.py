"""One way to spread the conversations over the replicas, summed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from local.demo.pools.chat_client import ChatAnswer
from local.demo.row import percentile


def summed(name: str, answers: Sequence[ChatAnswer], replicas: Sequence[str], seconds: float) -> dict[str, Any]:
    """Return the row of the report: counts, shares, times in milliseconds, requests of each replica, and each answer.

    replicas: those that could have answered. A failed answer is neither warm nor cold.
    """
    right = [answer for answer in answers if not answer.has_failed]
    requests = Counter(answer.replica for answer in right)
    by_replica = {replica: requests[replica] for replica in replicas}
    return {
        "name": name,
        "requests": len(answers),
        "failed": len(answers) - len(right),
        "seconds": round(seconds, 2),
        "warm": sum(answer.is_warm for answer in right),
        "warm_share": share(sum(answer.is_warm for answer in right), len(right)),
        "cached_share": share(
            sum(answer.cached_tokens for answer in right), sum(answer.prompt_tokens for answer in right)
        ),
        **_percentiles("first_byte", [answer.first_byte_ms for answer in right]),
        **_percentiles("whole", [answer.milliseconds for answer in right]),
        "by_replica": by_replica,
        "imbalance": imbalance(list(by_replica.values())),
        "answers": [
            {"first_byte_ms": round(answer.first_byte_ms, 1), "warm": answer.is_warm, "replica": answer.replica}
            for answer in sorted(right, key=lambda answer: answer.sent_at)
        ],
    }


def share(part: float, whole: float) -> float:
    """Return a part of a whole, 0 of nothing."""
    return round(part / whole, 4) if whole else 0.0


def imbalance(requests: Sequence[int]) -> float:
    """Return how many times the mean the busiest replica has had."""
    return round(max(requests) * len(requests) / sum(requests), 3) if sum(requests) else 0.0


def _percentiles(name: str, times_ms: Sequence[float]) -> dict[str, float | None]:
    return {f"{name}_p{part}_ms": percentile(times_ms, part) for part in (50, 95)}
