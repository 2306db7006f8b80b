"""Whether two models have the same callers, as far as consumers tell."""

from __future__ import annotations

from .models import ModelSettings, Settings


def caller_of_one_alone(one: ModelSettings, other: ModelSettings, settings: Settings) -> int | None:
    """The place of a consumer that names one of two models of the same mode alone; None where there is none."""
    for index, consumer in enumerate(settings.consumers):
        if consumer.models is not None and (one.name in consumer.models) != (other.name in consumer.models):
            return index
    return None
