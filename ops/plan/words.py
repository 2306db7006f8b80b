"""The advice in sentences, the same in the terminal and on the page."""

from __future__ import annotations

from collections.abc import Iterator

from ops.plan.advice import ModelPlan
from ops.plan.curves import MIB
from ops.plan.units import day_and_time, duration, money, number, percent

_ROLLOUT = "If a new version went live then, plan the log of each version for itself: versions share no answers."


def headline(plan: ModelPlan) -> str:
    """What to set and what to expect."""
    advice = plan.advice
    if advice.ttl_seconds is None:
        return "do not cache this model yet"
    field = f" without the field {advice.exclude_field}" if advice.exclude_field else ""
    memory = f"{advice.memory_bytes // MIB} MiB"
    return f"keep answers {duration(advice.ttl_seconds)}{field}, in {memory}: {percent(advice.hit_ratio)} hits"


def reasons(plan: ModelPlan) -> Iterator[str]:
    """Why this TTL, what the recorded answers say about it, and what was assumed."""
    advice = plan.advice
    if advice.ttl_seconds is None:
        yield from _why_not(plan)
    else:
        yield _why(plan)
        yield _checked(plan)
        if plan.changes.changed:
            yield _ROLLOUT
        if not advice.is_memory_enough:
            most = f"{plan.max_memory_bytes // MIB} MiB"
            best = percent(plan.at(advice.ttl_seconds).hit_ratio)
            yield f"More memory than {most} would bring up to {best}: see --max-memory."
        if advice.exclude_field and len(plan.fields) > 1:
            yield "Once that field is left out others may gain, too: put it into the stack, then plan with --stack."
    if plan.is_size_assumed and plan.memory_curve:
        yield f"The log does not tell how large answers are: memory is for entries of {plan.entry_bytes:,} bytes."


def money_words(plan: ModelPlan) -> str:
    """What is saved, at the log's rate."""
    saved = plan.savings
    if saved is None or plan.advice.ttl_seconds is None:
        return ""
    calls = f"Saves {number(saved.saved_calls_per_day)} of "
    calls += f"{number(saved.calls_per_day + saved.saved_calls_per_day)} model calls a day at the log's rate"
    if saved.saved_per_day is None or saved.saved_per_month is None or saved.currency is None:
        return f"{calls}{'; money needs latency_ms in the log' if saved.currency else ''}."
    day, month = (money(value, saved.currency) for value in (saved.saved_per_day, saved.saved_per_month))
    as_of = f" (price as of {saved.as_of})" if saved.as_of else ""
    return f"{calls}: {day} a day, {month} a month of 30 days{as_of}."


def _why(plan: ModelPlan) -> str:
    ttl = plan.advice.ttl_seconds
    assert ttl is not None
    safe = [point for point in plan.advised_ttl_curve if plan.changes.allow(point.ttl_seconds) and not point.wrong]
    best = max(safe, key=lambda point: point.hit_ratio)
    if best.ttl_seconds == ttl:
        return f"{duration(ttl)} is the shortest TTL with the best hit ratio that this log can tell."
    return (
        f"{duration(ttl)} is the shortest TTL within 1 point, and 2 %, of the best: {percent(best.hit_ratio)} "
        f"with {duration(best.ttl_seconds)}."
    )


def _checked(plan: ModelPlan) -> str:
    changes = plan.changes
    if not changes.compared:
        return "The log has no answers to the same question twice: whether they change within it could not be checked."
    if not changes.changed:
        return f"No recorded answer ever changed: {changes.compared:,} repeats compared."
    return (
        f"Longer than {duration(changes.shortest_seconds)} is not advised: {changes.changed:,} of {changes.compared:,} "
        f"repeats had another answer than before, the first after that time ({_when(plan)})."
    )


def _why_not(plan: ModelPlan) -> Iterator[str]:
    changes = plan.changes
    if not any(point.hits for point in plan.advised_ttl_curve):
        yield "No question came again while its answer would have been kept: a cache saves nothing of this log."
        if len(plan.fields) > 1:
            yield "Where several fields differ in every request (id, time), plan with a --stack that excludes them."
        return
    differ = f"{changes.changed:,} of {changes.compared:,} repeats had another answer than before"
    if changes.is_usual:
        yield f"The model answers differently from call to call: {differ}. Any TTL would have served wrong answers."
        yield "If only a field such as an id or the time differs, log answers without it, and plan again."
        return
    soon = duration(changes.shortest_seconds)
    yield f"Answers changed at once: {differ}, one after {soon} ({_when(plan)}). No TTL is sure to be right."
    yield _ROLLOUT


def _when(plan: ModelPlan) -> str:
    first, last = day_and_time(plan.changes.first), day_and_time(plan.changes.last)
    return f"at {first}" if first == last else f"between {first} and {last}"
