"""What one Kong node counts at one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from prometheus_client.parser import text_string_to_metric_families

from ops.status.histogram import Histogram

_MEMORY = "kong_memory_lua_shared_dict_"
_OURS = ("kong_inference_edge_", "kong_http_requests_total", _MEMORY)
_COUNTERS = ("_total", "_bucket", "_count", "_sum")
_TOO_MUCH = 1e18  # no node counts so far; the sums stay finite
Series = tuple[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class Reading:
    """The samples that matter here, by name and labels.

    Usage: ``Reading.parse(text).total("kong_inference_edge_requests_total", model="digits", outcome="hit")``. A series
    that is not there counts 0.
    """

    samples: Mapping[Series, float]

    @classmethod
    def parse(cls, text: str) -> Reading:
        """From the exposition text; values that no count can be are left out. Raises ValueError.

        A bucket's bound must be a number above 0: those of the gateway are milliseconds.
        """
        lines = "\n".join(line for line in text.split("\n") if line.startswith(_OURS))
        samples: defaultdict[Series, float] = defaultdict(float)
        try:
            found = [sample for family in text_string_to_metric_families(lines) for sample in family.samples]
        except IndexError:  # of the parser, for a few broken lines
            raise ValueError("a line ends too early") from None
        for sample in found:
            if sample.name.endswith("_bucket") and not float(sample.labels.get("le", inf)) > 0:
                raise ValueError("a bucket's bound is not above 0")
            if 0 <= sample.value < _TOO_MUCH:
                samples[sample.name, frozenset(sample.labels.items())] += sample.value
        return cls(dict(samples))

    @classmethod
    def sum_of(cls, readings: Iterable[Reading]) -> Reading:
        """Of several nodes."""
        samples: defaultdict[Series, float] = defaultdict(float)
        for reading in readings:
            for series, value in reading.samples.items():
                samples[series] += value
        return cls(dict(samples))

    def split(self, label: str) -> dict[str, Reading]:
        """One reading for each value of a label; series without it are in none."""
        parts: defaultdict[str, dict[Series, float]] = defaultdict(dict)
        for series, value in self.samples.items():
            found = dict(series[1]).get(label)
            if found is not None:
                parts[found][series] = value
        return {found: Reading(samples) for found, samples in parts.items()}

    @property
    def node_id(self) -> str:
        """Kong's own id of the node; empty when it tells none."""
        of_memory = (dict(labels) for name, labels in self.samples if name.startswith(_MEMORY))
        return next((labels["node_id"] for labels in of_memory if "node_id" in labels), "")

    def total(self, name: str, **labels: str) -> float:
        """The sum of all series with these labels."""
        return sum(value for _, value in self._series(name, labels))

    def by(self, label: str, name: str, **labels: str) -> dict[str, float]:
        """The sums above 0 by the values of a label, the largest first."""
        sums: defaultdict[str, float] = defaultdict(float)
        for found, value in self._series(name, labels):
            sums[found.get(label, "")] += value
        return dict(sorted(((key, value) for key, value in sums.items() if value > 0), key=lambda pair: -pair[1]))

    def histogram(self, name: str, **labels: str) -> Histogram:
        """Of all series with these labels."""
        buckets: defaultdict[float, float] = defaultdict(float)
        for found, value in self._series(f"{name}_bucket", labels):
            buckets[float(found.get("le", inf))] += value
        return Histogram.of(buckets, self.total(f"{name}_sum", **labels))

    def was_reset_since(self, before: Reading) -> bool:
        """Whether the node has begun to count anew, or it is another one: a counter is lower, or gone, or its id."""
        if self.node_id != before.node_id:
            return True
        earlier = ((series, value) for series, value in before.samples.items() if _is_counter(series))
        return any(self.samples.get(series, -1.0) < value for series, value in earlier)

    def since(self, before: Reading) -> Reading:
        """What was counted after `before`; after a reset all of it. Gauges are those of this reading."""
        if self.was_reset_since(before):
            return self
        return Reading(
            {
                series: value - before.samples.get(series, 0.0) if _is_counter(series) else value
                for series, value in self.samples.items()
            }
        )

    def _series(self, name: str, labels: Mapping[str, str]) -> Iterable[tuple[dict[str, str], float]]:
        wanted = labels.items()
        for (found, pairs), value in self.samples.items():
            if found == name and wanted <= pairs:
                yield dict(pairs), value


def _is_counter(series: Series) -> bool:
    return series[0].endswith(_COUNTERS)
