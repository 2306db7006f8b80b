"""What went through a stack's edge in an hour."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

HOUR = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class EdgeTraffic:
    """As the cloud counted it; ratios from 0 to 1, None where it does not tell."""

    edge_id: str
    requests: int
    hit_ratio: float | None
    """Of the requests that were looked up in the cache."""
    client_error_ratio: float | None
    """4xx."""
    server_error_ratio: float | None
    """5xx."""
    by_result: dict[str, int] = field(default_factory=dict)
    """Requests by what the cache had for them, where the cloud tells it."""
    origin_p90_ms: float | None = None
    """Of the gateway's answers in the slowest five minutes: 9 of 10 were faster."""
