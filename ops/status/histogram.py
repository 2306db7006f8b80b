"""A histogram of Prometheus, of which Kong leaves out the buckets without observations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import inf

# The bounds of kong_inference_edge_request_ms.
BOUNDS_MS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000)


@dataclass(frozen=True)
class Histogram:
    """Observations counted by upper bound.

    Usage: ``Histogram.of({5.0: 3, 10.0: 4, inf: 4}, total=21.5).quantile(0.5)`` is 4.
    """

    bounds: tuple[float, ...]
    """Upper bounds, ascending, the last is infinite."""
    counts: tuple[float, ...]
    """By bound, how many observations are not above it."""
    total: float
    """The sum of the observations."""

    @classmethod
    def of(cls, buckets: Mapping[float, float], total: float) -> Histogram:
        """From the buckets that are shown, by `le`; one of ours that is left out has counted nothing so far."""
        bounds = sorted({*BOUNDS_MS, *buckets, inf})
        # Kong's workers tell their counts one after the other, so that a lower bucket may be ahead for a moment.
        counts = accumulate((buckets.get(bound, 0.0) for bound in bounds), max)
        return cls(tuple(bounds), tuple(counts), total)

    @property
    def count(self) -> float:
        return self.counts[-1]

    @property
    def mean(self) -> float | None:
        """None without observations."""
        return self.total / self.count if self.count > 0 else None

    def quantile(self, q: float) -> float | None:
        """The value that a share `q` of the observations does not exceed; None without observations.

        As PromQL's histogram_quantile: linear in its bucket, from 0 in the first one, and the highest finite bound for
        what is above it. Source: prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile.
        """
        if self.count <= 0:
            return None
        rank = q * self.count
        place = next(place for place, count in enumerate(self.counts) if count >= rank)
        upper = self.bounds[place]
        if upper == inf:
            return self.bounds[place - 1]
        lower, below = (self.bounds[place - 1], self.counts[place - 1]) if place else (0.0, 0.0)
        inside = self.counts[place] - below
        return lower + (upper - lower) * (rank - below) / inside if inside else lower
