"""What a cache would have done for one model, and what to set: pure arithmetic on its trace.

Usage::

    plan = plan_model(log, Terms(store="memory", price=Price("USD", date(2026, 11, 1), per_call=0.0002)))
    plan.advice.ttl_seconds, plan.advice.hit_ratio, plan.advice.exclude_fields, plan.advice.memory_bytes

The rule: of the TTLs within which no recorded answer had changed, the shortest whose hit ratio is within 1 point, and
2 %, of the best of them. A field is left out of the key only where that brings hits, and at least 100 recorded answers
could be compared of which none would have been wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ops.plan.curves import (
    MIB,
    AnswerChanges,
    MemoryPoint,
    TtlPoint,
    answer_changes,
    grid_seconds,
    memory_curve,
    ttl_curve,
)
from ops.plan.entry_size import Store, entry_bytes
from ops.plan.fields import FieldFinding, field_finding, no_gain
from ops.plan.price import Price, Savings, savings
from ops.plan.simulation import Replay
from ops.plan.trace import Trace
from ops.plan.traces import ModelLog

ASSUMED_ANSWER_BYTES = 1_024
_LOST_TO_MEMORY = 0.001  # so much hit ratio is given up for half the memory


@dataclass(frozen=True)
class Terms:
    """What holds for the model beside its log. ttl_seconds: its present TTL, or its profile's default."""

    store: Store = "proxy-cache"
    ttl_seconds: int = 300
    price: Price | None = None
    max_memory_bytes: int = 512 * MIB


@dataclass(frozen=True)
class Advice:
    """What to set. ttl_seconds None: no cache; then memory_bytes is 0. hit_ratio: what to expect of it."""

    ttl_seconds: int | None
    hits: int
    hit_ratio: float
    exclude_field: str | None
    memory_bytes: int
    is_memory_enough: bool


@dataclass(frozen=True)
class ModelPlan:
    """Everything found about one model. Times in seconds (start: since 1970); hit ratios are of all requests.

    ttl_curve: with the whole body in the key. advised_ttl_curve: without the advised field; the same where there is
    none. fields_ttl_seconds: the TTL of `fields`, the advised one where there is one. memory_curve: with the advised
    TTL. entry_bytes: what an answer takes in the store, on average; is_size_assumed: the log does not tell how large
    answers are.
    """

    model: str
    requests: int
    start: float
    span_seconds: float
    distinct: int
    callers: int
    bypasses: dict[str, int]
    has_bodies: bool
    store: Store
    max_memory_bytes: int
    ttl_curve: Sequence[TtlPoint]
    advised_ttl_curve: Sequence[TtlPoint]
    changes: AnswerChanges
    fields_ttl_seconds: int
    fields: Sequence[FieldFinding]
    memory_curve: Sequence[MemoryPoint]
    entry_bytes: int
    is_size_assumed: bool
    mean_seconds: float
    advice: Advice
    savings: Savings | None

    def at(self, ttl_seconds: int) -> TtlPoint:
        """The advised curve's point for one of its TTLs."""
        return next(point for point in self.advised_ttl_curve if point.ttl_seconds == ttl_seconds)


@dataclass(frozen=True)
class _Choice:
    """A key, and the TTL that it is best used with."""

    field: str | None
    keys: NDArray[np.integer]
    replay: Replay
    curve: list[TtlPoint]
    changes: AnswerChanges
    ttl_seconds: int | None


def plan_model(log: ModelLog, terms: Terms, progress: Callable[[str], None] = lambda step: None) -> ModelPlan:
    """The plan for one model; `progress` is told what is being done. Takes memory for some columns of the trace."""
    trace = log.trace
    span_seconds = float(trace.times[-1] - trace.times[0]) / 1e6
    ttls = grid_seconds(span_seconds, terms.ttl_seconds)
    progress("hit ratio by TTL")
    whole = _choice(trace, None, trace.keys, ttls)
    progress("fields of the body")
    fields_ttl = whole.ttl_seconds or ttls[-1]
    fields = _fields(log, whole, fields_ttl)
    if not whole.ttl_seconds and not any(field.recommended for field in fields):
        fields_ttl = terms.ttl_seconds
        fields = _fields(log, whole, fields_ttl)
    choice = _with_field(trace, whole, fields, ttls)
    if choice.ttl_seconds and choice.ttl_seconds != fields_ttl:
        fields_ttl = choice.ttl_seconds
        fields = _fields(log, whole, fields_ttl)
    known = trace.sizes[trace.sizes > 0]
    typical = round(float(known.mean())) if len(known) else ASSUMED_ANSWER_BYTES
    sizes = entry_bytes(np.where(trace.sizes > 0, trace.sizes, typical), terms.store)
    memory: list[MemoryPoint] = []
    if choice.ttl_seconds is not None:
        progress("hit ratio by memory")
        most = terms.max_memory_bytes
        memory = memory_curve(choice.replay, choice.keys, sizes, choice.ttl_seconds, terms.store, most)
    advice = _advice(trace, choice, memory)
    mean_seconds = _mean_seconds(trace)
    return ModelPlan(
        model=log.model,
        requests=trace.requests,
        start=float(trace.times[0]) / 1e6,
        span_seconds=span_seconds,
        distinct=int(trace.keys.max(initial=-1)) + 1,
        callers=log.callers,
        bypasses=dict(log.bypasses),
        has_bodies=log.has_bodies,
        store=terms.store,
        max_memory_bytes=terms.max_memory_bytes,
        ttl_curve=whole.curve,
        advised_ttl_curve=choice.curve,
        changes=choice.changes,
        fields_ttl_seconds=fields_ttl,
        fields=fields,
        memory_curve=memory,
        entry_bytes=round(float(sizes.mean())),
        is_size_assumed=not len(known),
        mean_seconds=mean_seconds,
        advice=advice,
        savings=savings(
            terms.price,
            saved_calls=advice.hits,
            calls=trace.requests - advice.hits,
            mean_seconds=mean_seconds,
            span_seconds=span_seconds,
        )
        if span_seconds
        else None,
    )


def advised_ttl_seconds(curve: Sequence[TtlPoint], changes: AnswerChanges) -> int | None:
    """The rule of this module; None where there are no hits, or none that is sure to be right."""
    safe = [point for point in curve if changes.allow(point.ttl_seconds) and not point.wrong]
    best = max((point.hit_ratio for point in safe), default=0.0)
    enough = max(best - 0.01, best * 0.98)
    return min(point.ttl_seconds for point in safe if point.hit_ratio >= enough) if best else None


def _choice(trace: Trace, field: str | None, keys: NDArray[np.integer], ttls: Sequence[int]) -> _Choice:
    replay = Replay(trace.times, keys, trace.durations)
    changes = answer_changes(trace, keys)
    curve = ttl_curve(replay, trace, changes, ttls)
    return _Choice(field, keys, replay, curve, changes, advised_ttl_seconds(curve, changes))


def _fields(log: ModelLog, whole: _Choice, ttl_seconds: int) -> list[FieldFinding]:
    """Of every field, the most gain first."""
    trace = log.trace
    hits = trace.requests - int(np.count_nonzero(whole.replay.model_calls(ttl_seconds)))
    found = [
        field_finding(trace, name, ttl_seconds, hits)
        if name in trace.alternatives
        else no_gain(name, hits, trace.requests)
        for name in log.fields
    ]
    return sorted(found, key=lambda field: (not field.recommended, -field.gain, field.name))


def _with_field(trace: Trace, whole: _Choice, fields: Sequence[FieldFinding], ttls: Sequence[int]) -> _Choice:
    """The key without the one recommended field that gains most, with its own TTL; else the whole key."""
    for field in (field for field in fields if field.recommended):
        choice = _choice(trace, field.name, trace.alternatives[field.name], ttls)
        if choice.ttl_seconds is None:
            continue
        hits = next(point.hits for point in whole.curve if point.ttl_seconds == choice.ttl_seconds)
        if field_finding(trace, field.name, choice.ttl_seconds, hits).recommended:
            return choice
    return whole


def _advice(trace: Trace, choice: _Choice, memory: Sequence[MemoryPoint]) -> Advice:
    if choice.ttl_seconds is None:
        return Advice(None, 0, 0.0, None, 0, True)
    unlimited = next(point for point in choice.curve if point.ttl_seconds == choice.ttl_seconds)
    enough = [point for point in memory if point.hit_ratio >= unlimited.hit_ratio - _LOST_TO_MEMORY]
    point = enough[0] if enough else memory[-1]
    return Advice(choice.ttl_seconds, point.hits, point.hit_ratio, choice.field, point.memory_bytes, bool(enough))


def _mean_seconds(trace: Trace) -> float:
    """Of the model's answers that the log has times of; 0 without."""
    known = trace.durations[trace.durations > 0]
    return float(known.mean()) / 1e6 if len(known) else 0.0
