"""Counters, gauges and histograms that plugins register by kong.plugins.prometheus.exporter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Family:
    """One registered metric; `values` by the labels as they are written, for a histogram by those with `le`."""

    help_text: str
    kind: str
    label_names: list[str]
    buckets: list[float]
    values: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    counts: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    sums: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


class CustomMetrics:
    """Takes what Lua counts; lists of names, values and buckets are lines. `lines` writes the exposition text.

    As in Kong a bucket without observations is not shown, and labels are written as they were given.
    """

    def __init__(self) -> None:
        self._families: dict[str, _Family] = {}

    def library(self) -> dict[str, Callable[..., Any]]:
        """The functions for Lua."""
        return {
            "metric_register": self._register,
            "metric_add": self._add,
            "metric_set": self._set,
            "metric_observe": self._observe,
        }

    def lines(self) -> Iterator[str]:
        """The exposition text's lines, families in order of their names."""
        for name, family in sorted(self._families.items()):
            if not (family.values or family.counts):
                continue
            yield f"# HELP {name} {family.help_text}"
            yield f"# TYPE {name} {family.kind}"
            if family.kind == "histogram":
                yield from _histogram(name, family)
            else:
                yield from (_line(name, labels, value) for labels, value in sorted(family.values.items()))

    def _register(self, name: str, help_text: str, kind: str, label_names: str, buckets: str) -> None:
        bounds = [float(bound) for bound in buckets.split("\n") if bound]
        self._families[name] = _Family(help_text, kind, label_names.split("\n") if label_names else [], bounds)

    def _add(self, name: str, label_values: str, value: float) -> None:
        family = self._families[name]
        family.values[_labels(family, label_values)] += value

    def _set(self, name: str, label_values: str, value: float) -> None:
        family = self._families[name]
        family.values[_labels(family, label_values)] = value

    def _observe(self, name: str, label_values: str, value: float) -> None:
        family = self._families[name]
        labels = _labels(family, label_values)
        family.counts[labels] += 1
        family.sums[labels] += value
        for bound in family.buckets:
            if value <= bound:
                family.values[_with_bound(labels, f"{bound:.14g}")] += 1
        family.values[_with_bound(labels, "+Inf")] += 1


def _labels(family: _Family, label_values: str) -> str:
    values = label_values.split("\n") if family.label_names else []
    return ",".join(f'{name}="{value}"' for name, value in zip(family.label_names, values, strict=True))


def _with_bound(labels: str, bound: str) -> str:
    return f'{labels},le="{bound}"' if labels else f'le="{bound}"'


def _line(name: str, labels: str, value: float) -> str:
    return f"{name}{{{labels}}} {value:.14g}" if labels else f"{name} {value:.14g}"


def _histogram(name: str, family: _Family) -> Iterator[str]:
    for labels, count in sorted(family.counts.items()):
        for bound in [*(f"{bound:.14g}" for bound in family.buckets), "+Inf"]:
            key = _with_bound(labels, bound)
            if key in family.values:
                yield _line(f"{name}_bucket", key, family.values[key])
        yield _line(f"{name}_count", labels, count)
        yield _line(f"{name}_sum", labels, family.sums[labels])
