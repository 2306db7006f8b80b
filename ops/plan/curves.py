"""How the hit ratio depends on the TTL and on memory: exact, from every request.

Usage::

    replay = Replay(trace.times, trace.keys, trace.durations)
    changes = answer_changes(trace, trace.keys)                 # what recorded answers say about a safe TTL
    ttl_curve(replay, trace, changes, (60, 300, 3600))          # a TtlPoint each
    memory_curve(replay, trace.keys, sizes, 300, "memory", 512 * MIB)     # a MemoryPoint each

The hit ratio is that of all requests, those that bypass included.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ops.plan.entry_size import Store, usable_bytes
from ops.plan.memory import needed_bytes
from ops.plan.simulation import Replay
from ops.plan.trace import Trace

MIB = 2**20
TTL_GRID_SECONDS = (
    *(1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200),
    *(86_400, 172_800, 259_200, 604_800),
)


@dataclass(frozen=True)
class TtlPoint:
    """With this TTL: hits, and of those whose answers the log knows (comparable) how many would have been wrong."""

    ttl_seconds: int
    hits: int
    hit_ratio: float
    comparable: int
    wrong: int


@dataclass(frozen=True)
class MemoryPoint:
    """With this much memory: hits."""

    memory_bytes: int
    hits: int
    hit_ratio: float


@dataclass(frozen=True)
class AnswerChanges:
    """What the recorded answers say: of `compared` repeats of a question `changed` had another answer than before.

    returned: of these, how many had one that the question had had still earlier. shortest_seconds: the shortest time
    from an answer to the request that got another one; infinite without changes. first, last: microseconds since 1970
    of the first and last changed answers; 0 without.
    """

    compared: int
    changed: int
    returned: int
    shortest_seconds: float
    first: int
    last: int

    def allow(self, ttl_seconds: float) -> bool:
        """Whether no answer had changed before this TTL was over."""
        return ttl_seconds <= self.shortest_seconds

    @property
    def is_usual(self) -> bool:
        """Whether the model answers differently from call to call: most repeats differ, or answers come and go.

        Neither does a new version do, nor one that is rolled back: there at most half of the changes are returns.
        """
        return self.changed > 0.5 * self.compared or self.returned > 0.6 * self.changed


def grid_seconds(span_seconds: float, *more: int) -> tuple[int, ...]:
    """The TTLs that a log of this length can tell about, and `more` of them."""
    return tuple(sorted({1, *(ttl for ttl in (*TTL_GRID_SECONDS, *more) if ttl <= span_seconds)}))


def ttl_curve(replay: Replay, trace: Trace, changes: AnswerChanges, ttls: Iterable[int]) -> list[TtlPoint]:
    """A point for each TTL, with unlimited memory. `changes`: of the trace with the keys of `replay`."""
    known = trace.answers >= 0
    is_simple = not changes.changed and bool(np.all(known | (trace.keys < 0)))  # every answer known, none wrong
    if is_simple or not np.any(known):
        return [_simple_point(replay, trace.requests, ttl, is_simple) for ttl in ttls]
    return [_point(replay, trace.answers, ttl) for ttl in ttls]


def _simple_point(replay: Replay, requests: int, ttl_seconds: int, is_compared: bool) -> TtlPoint:
    hits = requests - int(np.count_nonzero(replay.model_calls(ttl_seconds)))
    return TtlPoint(ttl_seconds, hits, _share(hits, requests), hits * is_compared, 0)


def _point(replay: Replay, answers: NDArray[np.int64], ttl_seconds: int) -> TtlPoint:
    origins = replay.origins(ttl_seconds)
    is_hit = origins != np.arange(len(answers))
    served = answers[origins]
    is_comparable = is_hit & (answers >= 0) & (served >= 0)
    wrong = int(np.count_nonzero(is_comparable & (served != answers)))
    hits = int(np.count_nonzero(is_hit))
    return TtlPoint(ttl_seconds, hits, _share(hits, len(answers)), int(np.count_nonzero(is_comparable)), wrong)


def memory_curve(
    replay: Replay,
    keys: NDArray[np.integer],
    sizes: NDArray[np.int64],
    ttl_seconds: int,
    store: Store,
    most_bytes: int,
) -> list[MemoryPoint]:
    """A point for each power of two from 1 MiB up to `most_bytes`, no further than where no hit is lost.

    sizes: bytes of the entries.
    """
    needed = needed_bytes(keys, sizes)
    most_hits = len(keys) - int(np.count_nonzero(replay.model_calls(ttl_seconds)))
    points: list[MemoryPoint] = []
    memory_bytes = MIB
    while memory_bytes <= most_bytes:
        evicted = needed > usable_bytes(memory_bytes, store)
        hits = len(keys) - int(np.count_nonzero(replay.model_calls(ttl_seconds, evicted=evicted)))
        points.append(MemoryPoint(memory_bytes, hits, _share(hits, len(keys))))
        if hits == most_hits:
            break
        memory_bytes *= 2
    return points


def answer_changes(trace: Trace, keys: NDArray[np.integer]) -> AnswerChanges:
    """The recorded answers of each key, one after the other."""
    known = np.flatnonzero((keys >= 0) & (trace.answers >= 0))
    if not len(known):
        return AnswerChanges(0, 0, 0, math.inf, 0, 0)
    order = known[np.argsort(keys[known], kind="stable")]
    is_repeat = keys[order[1:]] == keys[order[:-1]]
    is_change = is_repeat & (trace.answers[order[1:]] != trace.answers[order[:-1]])
    compared, changed = int(np.count_nonzero(is_repeat)), int(np.count_nonzero(is_change))
    if not changed:
        return AnswerChanges(compared, 0, 0, math.inf, 0, 0)
    # A run is one key's same answer several times; it counts until the last of them is over.
    runs = np.concatenate(([0], np.flatnonzero(is_change | ~is_repeat) + 1))
    ends = np.maximum.reduceat(trace.times[order] + trace.durations[order], runs)
    after = np.flatnonzero(is_change[runs[1:] - 1]) + 1
    times = trace.times[order[runs[after]]]
    shortest = max(0, int((times - ends[after - 1]).min())) / 1e6
    pairs = keys[order[runs]].astype(np.int64) * (int(trace.answers.max()) + 1) + trace.answers[order[runs]]
    returned = len(runs) - len(np.unique(pairs))
    return AnswerChanges(compared, changed, returned, shortest, int(times.min()), int(times.max()))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
