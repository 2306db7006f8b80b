"""The Wilson score interval against published figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.status.wilson import wilson_interval


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3: score method without continuity correction.
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_it_is_as_published(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=0.00005)


def test_without_trials_nothing_is_known() -> None:
    assert wilson_interval(0, 0) == (0, 1)


@given(st.integers(1, 10**9), st.floats(0, 1))
def test_its_ends_are_where_the_ratio_is_just_within_the_error(trials: int, share: float) -> None:
    successes = round(share * trials)
    ratio = successes / trials
    low, high = wilson_interval(successes, trials, z=2)
    assert 0 <= low <= ratio <= high <= 1
    for end in {low, high} - {0.0, 1.0}:  # by definition: |ratio - end| is z standard errors at that end
        assert (ratio - end) ** 2 == pytest.approx(4 * end * (1 - end) / trials, rel=1e-3, abs=1e-12)


@given(st.integers(1, 1000), st.integers(0, 1000))
def test_mismatches_and_matches_are_told_alike(trials: int, successes: int) -> None:
    successes = min(successes, trials)
    low, high = wilson_interval(successes, trials)
    assert wilson_interval(trials - successes, trials) == pytest.approx((1 - high, 1 - low))
