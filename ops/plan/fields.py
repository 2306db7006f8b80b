"""What leaving a field of the body out of the key (cache.excludeFields) would gain, and get wrong.

Usage::

    for name in trace.alternatives:
        found = field_finding(trace, name, ttl_seconds=300, hits=1_000)
        print(found.name, found.gain, found.wrong, found.recommended, found.reason)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ops.plan.curves import answer_changes
from ops.plan.numbering import count, pair
from ops.plan.simulation import Replay
from ops.plan.trace import Trace

_CHANCE = 0.001
ENOUGH = 100
"""So many comparable answers it takes to say that a field has no part in them."""


@dataclass(frozen=True)
class FieldFinding:
    """A field left out of the key.

    gain: how much the hit ratio grows, 0.01 is a point. comparable: hits that would have got the answer to a question
    that differs in this field, where the log has both answers; wrong: of these, the answers differ. reason: why it is
    recommended, or why not.
    """

    name: str
    hits: int
    hit_ratio: float
    gain: float
    comparable: int
    wrong: int
    recommended: bool
    reason: str


def field_finding(trace: Trace, name: str, ttl_seconds: int, hits: int) -> FieldFinding:
    """`hits`: those with the whole body in the key, with this TTL. Raises KeyError for a field without other keys."""
    keys = trace.alternatives[name]
    requests = trace.requests
    origins = Replay(trace.times, keys, trace.durations).origins(ttl_seconds)
    is_hit = origins != np.arange(requests)
    found = int(np.count_nonzero(is_hit))
    served = trace.answers[origins]
    # With the same whole key a difference is not the field's: answer_changes tells it.
    is_comparable = is_hit & (trace.answers >= 0) & (served >= 0) & (trace.keys[origins] != trace.keys)
    comparable = int(np.count_nonzero(is_comparable))
    wrong = int(np.count_nonzero(is_comparable & (served != trace.answers)))
    gain = (found - hits) / requests
    # The log's requests may fall otherwise next time: answers that differ within the TTL count, served or not.
    is_safe = not wrong and answer_changes(trace, keys).allow(ttl_seconds)
    reason = _reason(gain, comparable, wrong, is_safe)
    if is_safe and comparable >= ENOUGH and not _is_evidence(trace, origins, is_comparable):
        reason = "too few different questions could be compared, or answers are the same whatever is asked"
        return FieldFinding(name, found, found / requests, gain, comparable, wrong, False, reason)
    recommended = gain > 0 and comparable >= ENOUGH and is_safe
    return FieldFinding(name, found, found / requests, gain, comparable, wrong, recommended, reason)


def no_gain(name: str, hits: int, requests: int) -> FieldFinding:
    """A field whose absence makes no two questions one."""
    reason = "left out, it makes no two questions of the log one"
    return FieldFinding(name, hits, hits / requests, 0.0, 0, 0, False, reason)


def _is_evidence(trace: Trace, origins: NDArray[np.int64], is_comparable: NDArray[np.bool_]) -> bool:
    """Whether the equal answers are those of many questions, and more than chance would give.

    The same two questions asked again and again say no more than once; nor do answers that are nearly always equal.
    """
    asked, answered = trace.keys[is_comparable], trace.keys[origins[is_comparable]]
    pairs = count(pair(answered, asked))
    shares = np.bincount(trace.answers[trace.answers >= 0]) / np.count_nonzero(trace.answers >= 0)
    return pairs >= ENOUGH and float(np.sum(shares**2)) ** pairs < _CHANCE


def _reason(gain: float, comparable: int, wrong: int, is_safe: bool) -> str:
    if gain <= 0:
        return "left out, it brings no more hits"
    if wrong:
        return f"the answer depends on it: {wrong:,} of {comparable:,} would have been wrong"
    if not comparable:
        return "the log has no answers that could show whether they depend on it"
    if not is_safe:
        return "answers to questions that differ in it differ within the TTL"
    if comparable < ENOUGH:
        return f"only {comparable:,} answers could be compared; it takes {ENOUGH}"
    return f"all {comparable:,} answers that could be compared are the same without it"
