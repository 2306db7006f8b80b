"""Quantiles as PromQL's histogram_quantile has them, although Kong leaves buckets out."""

from __future__ import annotations

import bisect
from math import inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ops.status.histogram import BOUNDS_MS, Histogram

OBSERVATIONS = st.lists(st.integers(0, 90_000), min_size=1, max_size=200)
QUANTILES = st.sampled_from([0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0])


def as_kong_shows(observed: list[int]) -> dict[float, float]:
    """Kong counts an observation in every bucket that it fits in, and shows a bucket once it has counted."""
    counts = {float(bound): sum(value <= bound for value in observed) for bound in (*BOUNDS_MS, inf)}
    return {bound: float(count) for bound, count in counts.items() if count}


def histogram(observed: list[int]) -> Histogram:
    return Histogram.of(as_kong_shows(observed), float(sum(observed)))


@given(OBSERVATIONS, QUANTILES)
def test_it_is_in_the_bucket_of_the_observation_of_that_rank(observed: list[int], q: float) -> None:
    rank = q * len(observed)
    value = sorted(observed)[max(0, int(np.ceil(rank - 1e-9)) - 1)]
    place = bisect.bisect_left(BOUNDS_MS, value)
    found = histogram(observed).quantile(q)
    assert found is not None
    if place == len(BOUNDS_MS):
        assert found == BOUNDS_MS[-1]
    else:
        lower = BOUNDS_MS[place - 1] if place else 0
        assert lower <= found <= BOUNDS_MS[place]


@given(OBSERVATIONS, QUANTILES)
def test_it_is_linear_between_the_bounds(observed: list[int], q: float) -> None:
    """prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile, by NumPy's interpolation."""
    assume(max(observed) <= BOUNDS_MS[-1])
    bounds = np.array([0, *BOUNDS_MS])
    counts = np.array([0, *(sum(value <= bound for value in observed) for bound in BOUNDS_MS)])
    rises = np.flatnonzero(np.diff(counts))  # where several bounds have the same count, the first one is the answer
    xs = np.concatenate([[[counts[i], counts[i + 1] - 1e-9] for i in rises], [[counts[-1], counts[-1]]]]).ravel()
    ys = np.concatenate([[[bounds[i], bounds[i + 1]] for i in rises], [[bounds[rises[-1] + 1]] * 2]]).ravel()
    rank = q * len(observed)
    assume(all(abs(rank - count) > 1e-6 for count in counts[:-1]) or rank == len(observed))
    assert histogram(observed).quantile(q) == pytest.approx(np.interp(rank, xs, ys), rel=1e-6)


@pytest.mark.parametrize(
    ("buckets", "q", "expected"),
    [
        ({inf: 0.0}, 0.5, None),
        ({1.0: 10.0, inf: 10.0}, 0.5, 0.5),
        ({5.0: 10.0, inf: 10.0}, 0.5, 3.5),  # the buckets 1 and 2, which are not shown, are empty: from 2 to 5
        ({5.0: 10.0, inf: 10.0}, 1.0, 5.0),
        ({inf: 3.0}, 0.5, 60_000.0),
        ({1.0: 4.0, 60_000.0: 4.0, inf: 8.0}, 0.5, 1.0),
        ({1.0: 1.0, 7.0: 3.0, inf: 3.0}, 1.0, 7.0),  # a bound of another version
    ],
)
def test_examples(buckets: dict[float, float], q: float, expected: float | None) -> None:
    assert Histogram.of(buckets, 0).quantile(q) == expected


def test_a_bucket_that_is_ahead_of_a_larger_one_is_taken_for_it() -> None:
    assert Histogram.of({10.0: 5.0, 25.0: 4.0, inf: 4.0}, 0).count == 5


@given(OBSERVATIONS)
def test_the_mean_is_that_of_the_observations(observed: list[int]) -> None:
    assert histogram(observed).mean == pytest.approx(np.mean(observed))


def test_there_is_no_mean_of_nothing() -> None:
    assert Histogram.of({}, 0).mean is None
