"""The dashboards, the rules and the page of metrics name the same metrics with the same labels."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.dashboards import cloudfront, google_cdn
from tests.ops.dashboards.shown import BOTH, METRICS, MODELS, uses

PAGE = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")
HISTOGRAM = "kong_inference_edge_request_ms"


def series() -> dict[str, set[str]]:
    """What is scraped of them."""
    parts = {f"{HISTOGRAM}_{part}": METRICS[HISTOGRAM] for part in ("sum", "count")}
    buckets = {f"{HISTOGRAM}_bucket": METRICS[HISTOGRAM] | {"le"}}
    return {name: labels for name, labels in METRICS.items() if name != HISTOGRAM} | parts | buckets


@pytest.mark.parametrize("asks", MODELS.expressions)
def test_what_is_asked_for_exists(asks: str) -> None:
    known = series() | MODELS.recorded
    for use in uses(MODELS.expressions[asks]):
        assert use.metric in known
        assert use.labels <= known[use.metric]


def test_every_metric_is_shown_or_alerted_on() -> None:
    asked = {use.metric for expression in MODELS.expressions.values() for use in uses(expression)}
    assert set(series()) <= asked


def test_the_page_has_every_metric_with_its_labels() -> None:
    rows = re.findall(r"^\| `(kong_\w+)`(?:, `(kong_\w+)`)? \| (.*?) \|", PAGE, re.MULTILINE)
    told = {name: set(re.findall(r"`(\w+)`", labels)) for *names, labels in rows for name in names if name}
    assert {name: told.get(name) for name in METRICS} == METRICS
    asked = {use.metric for shown in BOTH for expression in shown.expressions.values() for use in uses(expression)}
    named = {re.sub(r"(?<=_ms)_(bucket|sum|count)$", "", name) for name in asked if ":" not in name}
    assert named <= set(told)


def test_the_page_has_every_alert_dashboard_and_recorded_series() -> None:
    alerts = [alert for shown in BOTH for alert in shown.alerts]
    files = [shown.module.FILE for shown in BOTH] + [cloudfront.FILE, google_cdn.FILE]
    named = [*(f"`{alert}`" for alert in alerts), *(f"../ops/dashboards/{file.name}" for file in files)]
    assert [name for name in named if name not in PAGE] == []
    assert [name for name in MODELS.recorded if f"`{name}`" not in PAGE] == []
