"""What a model's calls cost, so that what its cache saves can be told in money."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated, Any

from components.metrics.day import unix_time

from .field_types import Decimal, FieldType, Text, Whole, refusal
from .section import Section

# What an unquoted day of a YAML file has become when Pulumi hands it over.
_MIDNIGHT = "T00:00:00Z"


@dataclass(frozen=True)
class Day(FieldType):
    """A day of the calendar, kept as a date."""

    @property
    def must(self) -> str:
        return "must be a day such as 2026-11-01"

    def check(self, value: Any) -> datetime.date:
        text = value.removesuffix(_MIDNIGHT) if isinstance(value, str) else ""
        try:
            if unix_time(text) >= 0:
                return datetime.date.fromisoformat(text)
        except ValueError:
            pass
        raise refusal(self.must)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T00:00:00Z)?$"}


class CostSettings(Section):
    """The price of the model's calls; exactly one of perCall and perInstanceHour."""

    per_call: Annotated[float, Decimal(0.000_000_001, 1_000_000, "of the currency")] | None = None
    """The price of one call."""
    per_instance_hour: Annotated[float, Decimal(0.000_001, 1_000_000, "of the currency")] | None = None
    """The price of one instance for an hour: what a call saves is the time that misses take there."""
    concurrency: Annotated[int, Whole(1, 10_000, "calls")] = 1
    """perInstanceHour only: how many calls an instance answers at once."""
    currency: Annotated[str, Text(r"[A-Z]{3}", "a currency's code such as USD (ISO 4217)")] = "USD"
    """The price's currency."""
    as_of: Annotated[datetime.date, Day()]
    """The day of the price: it stands beside every sum of money."""
