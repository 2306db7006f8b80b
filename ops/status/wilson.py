"""How sure a ratio is that was counted in a sample."""

from __future__ import annotations

from math import sqrt

_Z_95 = 1.959963984540054  # the normal distribution's 97.5 % quantile


def wilson_interval(successes: float, trials: float, z: float = _Z_95) -> tuple[float, float]:
    """The Wilson score interval of ``successes / trials``, by default with 95 % confidence.

    Usage: ``wilson_interval(1, 10)`` is (0.018, 0.404). It holds for few trials and for ratios near 0 and 1. Without
    trials it is (0, 1): nothing is known. Source: E. B. Wilson, J. American Statistical Association 22 (1927).
    """
    if trials <= 0:
        return 0.0, 1.0
    ratio, share = successes / trials, z * z / trials
    centre = (ratio + share / 2) / (1 + share)
    half = sqrt(ratio * (1 - ratio) * share + share * share / 4) / (1 + share)
    low = 0.0 if successes <= 0 else max(0.0, centre - half)
    return low, 1.0 if successes >= trials else min(1.0, centre + half)
