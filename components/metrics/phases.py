"""What counts a model's requests, as the deployed Lua has it."""

import dataclasses
from typing import Any, Optional

from .. import lua
from ..lua import Phases
from .day import unix_time

_SECONDS_PER_HOUR = 3600


@dataclasses.dataclass(frozen=True)
class Metrics:
    """A model's metrics: its requests by outcome, how long they took, and what a call costs.

    metrics = Metrics("digits", "1", Cost(per_call=0.0002, as_of="2026-11-01"))
    lua.merged(phases, metrics.phases())   # of post-function
    """

    model: str
    version: str
    cost: Optional["Cost"] = None

    def phases(self) -> Phases:
        """The phases of post-function."""
        known: dict[str, Any] = {"model": self.model, "version": self.version}
        known |= (self.cost or Cost()).lua_values()
        return {"log": [lua.chunk({"C": known}, "metrics/metric", "metrics/requests_log")]}


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a call costs: so much, or the share of an instance's hour that it takes; nothing is an unknown price."""

    per_call: float = 0
    per_instance_hour: float = 0
    concurrency: int = 1
    as_of: str = "1970-01-01"

    def lua_values(self) -> dict[str, Any]:
        """The prices, both, so that the one that is given no longer is 0."""
        per_second = self.per_instance_hour / _SECONDS_PER_HOUR / self.concurrency
        return {
            "price": {"call": self.per_call, "busy_second": per_second},
            "price_as_of_seconds": unix_time(self.as_of),
        }
