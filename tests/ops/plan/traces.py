"""Generated traces, small and full of coincidences."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.ops.plan.brute_force import Request


@st.composite
def traces(draw: st.DrawFn) -> list[Request]:
    """Requests in order of their times: ties, bypasses, answers that take no time or no room, one size a key."""
    distinct = draw(st.integers(1, 8))
    sizes = draw(st.lists(st.integers(0, 12), min_size=distinct, max_size=distinct))
    gaps = st.sampled_from([0, 0, 1, 2, 3, 5, 10, 50, 1000])
    durations = st.sampled_from([0, 0, 1, 2, 7, 40, 2000])
    rows = draw(st.lists(st.tuples(gaps, st.integers(-1, distinct - 1), durations), max_size=60))
    time, trace = draw(st.sampled_from([0, 1_790_000_000_000_000])), []
    for gap, key, duration in rows:
        time += gap
        trace.append(Request(time, key, duration, sizes[key] if key >= 0 else 0))
    return trace


def columns(trace: list[Request]) -> tuple[NDArray[np.int64], ...]:
    """Times, keys, durations and sizes of a trace."""
    rows = np.array([(row.time, row.key, row.duration, row.size) for row in trace], dtype=np.int64).reshape(-1, 4)
    times, keys, durations, sizes = rows.T
    return times.copy(), keys.copy(), durations.copy(), sizes.copy()
