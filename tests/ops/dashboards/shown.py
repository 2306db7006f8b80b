"""What the dashboards and the rules ask Prometheus for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import promql_parser
import yaml

from ops.dashboards import models, pools

METRICS = {
    "kong_inference_edge_requests_total": {"model", "version", "outcome", "detail"},
    "kong_inference_edge_request_ms": {"model", "outcome"},
    "kong_inference_edge_waits_total": {"model"},
    "kong_inference_edge_evictions_total": {"model"},
    "kong_inference_edge_store_failures_total": {"model", "reason"},
    "kong_inference_edge_price": {"model", "per"},
    "kong_inference_edge_price_as_of_seconds": {"model"},
    "kong_inference_edge_verified_total": {"model", "outcome"},
    "kong_inference_edge_verification_skipped_total": {"model", "reason"},
    "kong_inference_edge_cache_off": {"model", "cause"},
    "kong_memory_lua_shared_dict_bytes": {"shared_dict"},
    "kong_memory_lua_shared_dict_total_bytes": {"shared_dict"},
}
"""What a node tells of models, with its labels; a histogram by its own name."""

_OF_GRAFANA = {
    "$__rate_interval": "5m",
    "$__range_s": "3600",
    "$__range": "1h",
    "$pool": "chat",
    "$model": "chat-1",
    "$edge": "digits",
}
_OF_THE_SCRAPE = frozenset({"instance"})


@dataclass(frozen=True)
class Use:
    """A metric, and the labels by which an expression picks or groups it."""

    metric: str
    labels: frozenset[str]


class Shown:
    """A dashboard with the rules beside it, as they are in the repository.

    Usage:
        for asks, expression in Shown(models).expressions.items(): uses(expression)
    """

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.name: str = module.__name__.rpartition(".")[2]
        self.rules_file: Path = module.FILE.with_suffix(".rules.yaml")
        self.cases_file = Path(__file__).with_name(f"{self.name}.rules.test.yaml")

    @cached_property
    def dashboard(self) -> dict[str, Any]:
        return json.loads(self.module.FILE.read_text(encoding="utf-8"))

    @property
    def panels(self) -> list[dict[str, Any]]:
        return [panel for panel in self.dashboard["panels"] if panel["type"] != "row"]

    @cached_property
    def rules(self) -> list[dict[str, Any]]:
        groups = yaml.safe_load(self.rules_file.read_text(encoding="utf-8"))["groups"]
        return [rule for group in groups for rule in group["rules"]]

    @property
    def alerts(self) -> dict[str, dict[str, Any]]:
        return {rule["alert"]: rule for rule in self.rules if "alert" in rule}

    @property
    def recorded(self) -> dict[str, frozenset[str]]:
        """The recorded series and their labels: by Prometheus' convention a name is level:metric:operations."""
        names = [rule["record"] for rule in self.rules if "record" in rule]
        return {name: frozenset(name.partition(":")[0].split("_")) for name in names}

    @cached_property
    def expressions(self) -> dict[str, str]:
        """Every expression by what asks it, with values for Grafana's variables."""
        found = {
            f"{panel['title']} {target['refId']}": filled(target["expr"])
            for panel in self.panels
            for target in panel["targets"]
        }
        return found | {rule.get("record") or rule["alert"]: rule["expr"] for rule in self.rules}


POOLS, MODELS = Shown(pools), Shown(models)
BOTH = (POOLS, MODELS)


def filled(expression: str) -> str:
    """The expression with values for Grafana's variables."""
    for variable, value in _OF_GRAFANA.items():
        expression = expression.replace(variable, value)
    return expression


def uses(expression: str) -> list[Use]:
    """The metrics of an expression. Raises ValueError when it is none."""
    return list(_uses(promql_parser.parse(expression), frozenset()))


def _uses(node: Any, grouped: frozenset[str]) -> Iterator[Use]:
    if isinstance(node, promql_parser.VectorSelector):
        matched = frozenset(matcher.name for matcher in node.matchers.matchers)
        yield Use(str(node.name), (matched | grouped) - _OF_THE_SCRAPE)
        return
    if isinstance(node, promql_parser.AggregateExpr) and node.modifier:
        grouped = frozenset(node.modifier.labels)
    if isinstance(node, promql_parser.Call) and node.func.name == "label_replace":
        grouped = frozenset()  # of the labels that it makes
    for name in ("expr", "lhs", "rhs", "vector_selector", "args"):
        parts = getattr(node, name, None)
        for part in parts if isinstance(parts, list) else [parts]:
            if part is not None:
                yield from _uses(part, grouped)
