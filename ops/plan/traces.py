"""What a log of requests holds, as `read_traces` gives it.

    traces = read_traces(Path("requests.jsonl"), rules={"digits": CacheRules()})
    for log in traces.models:
        print(log.model, len(log.trace.times), log.bypasses)

The columns of a `Trace` are described there; counts are numbers of requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ops.plan.trace import Trace


@dataclass(frozen=True)
class ModelLog:
    """One model's requests. `bypasses`: reason -> requests, the reasons of `Cache-Status` (stream, size, ...).

    `has_bodies`: at least one request came with its body. `fields`: every top-level field of the bodies that could be
    left out, most common first -> requests that have it. `trace.alternatives` has those whose absence merges at least
    two keys, of the 32 most common; leaving out another one gains nothing.
    `callers`: distinct callers (requests without one count as one).
    """

    trace: Trace
    bypasses: Mapping[str, int]
    callers: int
    has_bodies: bool
    fields: Mapping[str, int]

    @property
    def model(self) -> str:
        """The model's name."""
        return self.trace.model


@dataclass(frozen=True)
class Traces:
    """A whole log. `models` by name; `lines`: requests and skipped ones (Parquet: rows), blank lines not counted.

    `skipped`: why -> lines without a request to a model: "no prediction_cache" (Kong's line of another route),
    "refused" (the gateway answered itself).
    """

    models: tuple[ModelLog, ...]
    lines: int
    skipped: Mapping[str, int]
