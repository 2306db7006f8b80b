"""What the dashboard and the rules ask Prometheus for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import promql_parser
import yaml

from ops.dashboards.pools import FILE

RULES_FILE = FILE.with_name("pools.rules.yaml")
DASHBOARD: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]
]
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
RECORDED = {
    rule["record"]: frozenset(rule["record"].partition(":")[0].split("_")) for rule in RULES if "record" in rule
}
"""The recorded series and their labels: by Prometheus' convention a name is level:metric:operations."""

_OF_GRAFANA = {"$__rate_interval": "5m", "$pool": "chat", "$model": "chat-1"}
_OF_THE_SCRAPE = frozenset({"instance"})


@dataclass(frozen=True)
class Use:
    """A metric, and the labels by which an expression picks or groups it."""

    metric: str
    labels: frozenset[str]


def expressions() -> dict[str, str]:
    """Every expression by what asks it, with values for Grafana's variables."""
    found = {
        f"{panel['title']} {target['refId']}": _filled(target["expr"])
        for panel in PANELS
        for target in panel["targets"]
    }
    return found | {rule.get("record") or rule["alert"]: rule["expr"] for rule in RULES}


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


def _filled(expression: str) -> str:
    for variable, value in _OF_GRAFANA.items():
        expression = expression.replace(variable, value)
    return expression
