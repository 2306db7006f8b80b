"""Rules about a model's cost and about the verification of its cached answers."""

from __future__ import annotations

from collections.abc import Iterator

from .conflict import Conflict
from .cost_models import CostSettings
from .models import Settings
from .problems import Path
from .verify_models import VerifySettings


def verification_conflicts(settings: Settings) -> Iterator[Conflict]:
    """Conflicts within ``cost`` and ``cache.verify``."""
    for index, model in enumerate(settings.models):
        at = ("models", index)
        if model.cost is not None:
            yield from _cost((*at, "cost"), model.cost)
        if model.cache.verify is not None:
            if not model.cache.enabled:
                enabled = (*at, "cache", "enabled")
                yield Conflict((*at, "cache", "verify"), "needs cache.enabled: there are no hits without", (enabled,))
            yield from _tolerances((*at, "cache", "verify"), model.cache.verify)


def _cost(at: Path, cost: CostSettings) -> Iterator[Conflict]:
    if (cost.per_call is None) == (cost.per_instance_hour is None):
        yield Conflict(at, "must have either perCall or perInstanceHour")
    if cost.per_instance_hour is None and cost.concurrency != 1:
        yield Conflict((*at, "concurrency"), "only with perInstanceHour", ((*at, "perInstanceHour"),))


def _tolerances(at: Path, verify: VerifySettings) -> Iterator[Conflict]:
    named = [tolerance.field for tolerance in verify.tolerances]
    for place, field in enumerate(named):
        first = named.index(field)
        if first != place:
            message = f"must be unique; tolerances[{first}] has this field too"
            yield Conflict((*at, "tolerances", place, "field"), message, ((*at, "tolerances", first, "field"),))
