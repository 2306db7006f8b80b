"""The requests of one model, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Trace:
    """One model's requests in order of arrival.

    Usage::

        trace = Trace("digits", times, keys, durations, sizes, answers)
        Replay(trace.times, trace.keys, trace.durations).origins(ttl_seconds=3600)

    Every column has one number a request. times: microseconds since 1970, ascending. keys: from 0 without gaps, one a
    distinct (caller, question), which is what the gateway's key tells apart; -1 for a request that bypasses the cache.
    durations: microseconds of the model's answer, 0 unknown. sizes: bytes that the answer takes in the store, 0
    unknown. answers: one number a distinct answer, -1 unknown. alternatives: what the keys would be without this
    top-level field of the body; empty when the bodies are unknown.
    Raises ValueError when the columns are not equally long or the times not ascending.
    """

    model: str
    times: NDArray[np.int64]
    keys: NDArray[np.integer]
    durations: NDArray[np.int64]
    sizes: NDArray[np.int64]
    answers: NDArray[np.int64]
    alternatives: Mapping[str, NDArray[np.integer]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        columns = (self.keys, self.durations, self.sizes, self.answers, *self.alternatives.values())
        if any(len(column) != len(self.times) for column in columns):
            raise ValueError(f"model {self.model}: the columns are not equally long")
        if np.any(self.times[1:] < self.times[:-1]):
            raise ValueError(f"model {self.model}: the requests are not in order of their times")

    @property
    def requests(self) -> int:
        """How many there are."""
        return len(self.times)
