"""What a model's calls cost, and what a cache saves of it.

Usage::

    price = Price(per_call=0.0002, currency="USD", as_of=date(2026, 11, 1))
    savings(price, saved_calls=1_000, calls=400, mean_seconds=0.12, span_seconds=3600.0)
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

DAY_SECONDS = 86_400
MONTH_DAYS = 30


@dataclass(frozen=True)
class Price:
    """Per call, or per second in which the model is busy with one; the other is None."""

    currency: str
    as_of: datetime.date | None
    per_call: float | None = None
    per_busy_second: float | None = None

    @classmethod
    def per_instance_hour(
        cls, price: float, concurrency: int, currency: str, as_of: datetime.date | None = None
    ) -> Price:
        """An instance that answers `concurrency` calls at once."""
        return cls(currency, as_of, per_busy_second=price / 3_600 / concurrency)


@dataclass(frozen=True)
class Savings:
    """At the log's rate, per day: calls; money where the price is known, for instance hours also the calls' time."""

    calls_per_day: float
    saved_calls_per_day: float
    cost_per_day: float | None
    saved_per_day: float | None
    currency: str | None
    as_of: str | None

    @property
    def saved_per_month(self) -> float | None:
        """Of 30 days."""
        return None if self.saved_per_day is None else self.saved_per_day * MONTH_DAYS


def savings(price: Price | None, *, saved_calls: int, calls: int, mean_seconds: float, span_seconds: float) -> Savings:
    """`calls`: those that the cache leaves; mean_seconds: that a call takes, 0 unknown; span_seconds: of the log."""
    days = span_seconds / DAY_SECONDS
    of_call = None if price is None else price.per_call
    if price is not None and price.per_busy_second is not None and mean_seconds:
        of_call = price.per_busy_second * mean_seconds
    return Savings(
        calls_per_day=calls / days,
        saved_calls_per_day=saved_calls / days,
        cost_per_day=None if of_call is None else calls / days * of_call,
        saved_per_day=None if of_call is None else saved_calls / days * of_call,
        currency=price.currency if price else None,
        as_of=price.as_of.isoformat() if price and price.as_of else None,
    )
