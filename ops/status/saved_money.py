"""What the calls that a cache saved would have cost."""

from __future__ import annotations

from settings.cost_models import CostSettings

_SECONDS_AN_HOUR = 3600


def saved_money(cost: CostSettings, saved_calls: float, mean_miss_seconds: float | None) -> float | None:
    """In the price's currency. None when the price is one of time, and no miss has told how long a call takes."""
    if cost.per_call is not None:
        return saved_calls * cost.per_call
    if cost.per_instance_hour is None:
        return None
    if not saved_calls:
        return 0.0
    if mean_miss_seconds is None:
        return None
    return saved_calls * mean_miss_seconds * cost.per_instance_hour / _SECONDS_AN_HOUR / cost.concurrency
