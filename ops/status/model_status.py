"""What one model's cache does, saves and gets wrong, from the readings of the nodes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from ops.status.histogram import Histogram
from ops.status.reading import Reading
from ops.status.saved_money import saved_money
from ops.status.wilson import wilson_interval
from settings import ModelSettings
from settings.cost_models import CostSettings

_METRIC = "kong_inference_edge_{}"
REQUESTS = _METRIC.format("requests_total")
REQUEST_MS = _METRIC.format("request_ms")
WAITS = _METRIC.format("waits_total")
EVICTIONS = _METRIC.format("evictions_total")
STORE_FAILURES = _METRIC.format("store_failures_total")
VERIFIED = _METRIC.format("verified_total")
SKIPPED = _METRIC.format("verification_skipped_total")
CACHE_OFF = _METRIC.format("cache_off")
OUTCOMES = ("hit", "stale", "miss", "bypass", "refused", "failed", "off")


@dataclass(frozen=True)
class Latency:
    """Quantiles of whole requests in milliseconds, as PromQL's histogram_quantile has them; None without requests."""

    p50: float | None
    p95: float | None
    p99: float | None

    @classmethod
    def of(cls, histogram: Histogram) -> Latency:
        return cls(*(histogram.quantile(q) for q in (0.5, 0.95, 0.99)))


@dataclass(frozen=True)
class Saved:
    """What hits have spared the model."""

    calls: int
    money: float | None = None
    """None without a price, or while nothing tells how long a call takes."""
    currency: str | None = None
    price: str | None = None
    """What `money` is calculated with, in words."""
    as_of: datetime.date | None = None


@dataclass(frozen=True)
class Verification:
    """How often the model, asked again, gave the cached answer."""

    same: int
    wrong: int
    """It gives another answer now, twice the same one."""
    nondeterministic: int
    """Asked again it differs from itself."""
    failed: int
    """It gave no comparable answer."""
    skipped: dict[str, int]

    @property
    def comparisons(self) -> int:
        return self.same + self.wrong + self.nondeterministic

    @property
    def mismatches(self) -> int:
        return self.wrong + self.nondeterministic

    @property
    def mismatch_interval(self) -> tuple[float, float]:
        """Where the ratio of mismatches lies with 95 % confidence."""
        return wilson_interval(self.mismatches, self.comparisons)


@dataclass(frozen=True)
class NodeShare:
    """One node's part in a model."""

    node: str
    requests: int
    hit_ratio: float | None
    versions: dict[str, int]
    """Requests by the model's version."""
    cache_off: tuple[str, ...]
    """Why verification switched this node's cache of the model off: wrong, nondeterministic."""


@dataclass(frozen=True)
class ModelStatus:
    """The sums over all nodes."""

    name: str
    version: str | None
    """Of the stack's config."""
    is_cached: bool
    is_verified: bool
    requests: int
    outcomes: dict[str, dict[str, int]]
    """Requests by outcome and detail, the most frequent detail first."""
    hit_ratio: float | None
    """None as long as no request looked for an answer in the cache."""
    hit_ms: Latency
    miss_ms: Latency
    saved: Saved
    waits: int
    """Requests that waited for another's answer."""
    evictions: int
    store_failures: dict[str, int]
    verification: Verification
    nodes: tuple[NodeShare, ...]

    def answered(self, outcome: str) -> int:
        """Requests with this outcome."""
        return sum(self.outcomes[outcome].values())

    @property
    def versions(self) -> dict[str, int]:
        """Requests by version."""
        sums: dict[str, int] = {}
        for share in self.nodes:
            for version, count in share.versions.items():
                sums[version] = sums.get(version, 0) + count
        return sums

    @property
    def cache_off(self) -> dict[str, tuple[str, ...]]:
        """By cause, the nodes whose cache of the model verification switched off."""
        causes = sorted({cause for share in self.nodes for cause in share.cache_off})
        return {cause: tuple(share.node for share in self.nodes if cause in share.cache_off) for cause in causes}

    @property
    def nodes_differ(self) -> bool:
        """Whether the cache is off on some nodes only, or they have answered for different versions."""
        busy = [frozenset(share.versions) for share in self.nodes if share.versions]
        return len({share.cache_off for share in self.nodes}) > 1 or len(set(busy)) > 1


def model_status(model: ModelSettings, readings: Mapping[str, Reading]) -> ModelStatus:
    """From the readings by node."""
    name = model.name
    of_all = Reading.sum_of(readings.values())
    outcomes = {outcome: _counts(of_all, "detail", REQUESTS, model=name, outcome=outcome) for outcome in OUTCOMES}
    misses = of_all.histogram(REQUEST_MS, model=name, outcome="miss")
    calls = sum(outcomes["hit"].values()) + sum(outcomes["stale"].values())
    verified = _counts(of_all, "outcome", VERIFIED, model=name)
    return ModelStatus(
        name=name,
        version=model.version,
        is_cached=model.cache.enabled,
        is_verified=model.cache.verify is not None,
        requests=_whole(of_all.total(REQUESTS, model=name)),
        outcomes=outcomes,
        hit_ratio=_hit_ratio(of_all, name),
        hit_ms=Latency.of(of_all.histogram(REQUEST_MS, model=name, outcome="hit")),
        miss_ms=Latency.of(misses),
        saved=_saved(model.cost, calls, misses.mean),
        waits=_whole(of_all.total(WAITS, model=name)),
        evictions=_whole(of_all.total(EVICTIONS, model=name)),
        store_failures=_counts(of_all, "reason", STORE_FAILURES, model=name),
        verification=Verification(
            *(verified.get(outcome, 0) for outcome in ("same", "wrong", "nondeterministic", "failed")),
            skipped=_counts(of_all, "reason", SKIPPED, model=name),
        ),
        nodes=tuple(_share(node, reading, name) for node, reading in readings.items()),
    )


def _share(node: str, reading: Reading, model: str) -> NodeShare:
    return NodeShare(
        node=node,
        requests=_whole(reading.total(REQUESTS, model=model)),
        hit_ratio=_hit_ratio(reading, model),
        versions=_counts(reading, "version", REQUESTS, model=model),
        cache_off=tuple(sorted(reading.by("cause", CACHE_OFF, model=model))),
    )


def _hit_ratio(reading: Reading, model: str) -> float | None:
    """hits and stale of those, misses and bypasses."""
    by_outcome = reading.by("outcome", REQUESTS, model=model)
    hits = by_outcome.get("hit", 0) + by_outcome.get("stale", 0)
    looked_up = hits + by_outcome.get("miss", 0) + by_outcome.get("bypass", 0)
    return hits / looked_up if looked_up else None


def _saved(cost: CostSettings | None, calls: int, mean_miss_ms: float | None) -> Saved:
    if cost is None:
        return Saved(calls)
    mean_seconds = None if mean_miss_ms is None else mean_miss_ms / 1000
    return Saved(calls, saved_money(cost, calls, mean_seconds), cost.currency, _price(cost, mean_seconds), cost.as_of)


def _price(cost: CostSettings, mean_miss_seconds: float | None) -> str:
    if cost.per_call is not None:
        return f"{_plain(cost.per_call)} {cost.currency} a call"
    hour = f"{_plain(cost.per_instance_hour or 0)} {cost.currency} an instance hour"
    at_once = f", {cost.concurrency} calls at once" if cost.concurrency > 1 else ""
    lasts = "" if mean_miss_seconds is None else f", {mean_miss_seconds:.3f} s a call"
    return f"{hour}{at_once}{lasts}"


def _plain(number: float) -> str:
    return f"{number:.12f}".rstrip("0").rstrip(".")


def _counts(reading: Reading, label: str, metric: str, **labels: str) -> dict[str, int]:
    return {value: _whole(count) for value, count in reading.by(label, metric, **labels).items()}


def _whole(count: float) -> int:
    return round(count)
