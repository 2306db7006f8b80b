"""The dashboard is what Grafana loads, and its expressions and the rules' are what Prometheus takes."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from ops.dashboards.panels import COLUMNS
from ops.dashboards.pools import FILE, dashboard_text
from tests.ops.dashboards.shown import DASHBOARD, PANELS, RECORDED, RULES, expressions, uses

SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def lost(given: Any, kept: Any, path: str = "") -> list[str]:
    """What is in `given` and not in `kept`."""
    if isinstance(given, dict) and isinstance(kept, dict):
        parts = [(value, kept.get(key), f"{path}.{key}") for key, value in given.items()]
    elif isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        parts = [(value, kept[place], f"{path}[{place}]") for place, value in enumerate(given)]
    else:
        return [] if given == kept else [f"{path}: {given} -> {kept}"]
    return [each for one, other, at in parts for each in lost(one, other, at)]


def test_the_file_is_what_the_code_says() -> None:
    assert FILE.read_text(encoding="utf-8") == dashboard_text(), "run: python -m ops.dashboards"


def test_grafanas_own_model_knows_every_key() -> None:
    register_default_plugins()
    loaded = Dashboard.from_json(DASHBOARD)
    assert lost(DASHBOARD, json.loads(JSONEncoder().encode(loaded))) == []


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] >= 0 and at["x"] + at["w"] <= COLUMNS and at["h"] > 0
    for one, other in combinations((panel["gridPos"] for panel in panels), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def test_everything_asks_the_chosen_data_source() -> None:
    (source, *variables) = DASHBOARD["templating"]["list"]
    assert (source["type"], source["name"], source["query"]) == ("datasource", "datasource", "prometheus")
    asking = [*variables, *PANELS, *(target for panel in PANELS for target in panel["targets"])]
    assert all(each["datasource"] == SOURCE for each in asking)


def test_every_panel_says_what_it_shows() -> None:
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)
    assert all(panel["description"].endswith(".") and panel["targets"] for panel in PANELS)


@pytest.mark.parametrize("expression", expressions().values(), ids=expressions().keys())
def test_every_expression_is_promql(expression: str) -> None:
    assert uses(expression)


def test_recorded_series_that_are_asked_for_are_recorded() -> None:
    asked = {use.metric for expression in expressions().values() for use in uses(expression) if ":" in use.metric}
    assert asked == set(RECORDED)


def test_the_lines_in_the_charts_are_where_the_alerts_begin() -> None:
    limits = {
        panel["title"]: panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"]
        for panel in PANELS
        if len(panel["fieldConfig"]["defaults"]["thresholds"]["steps"]) > 1
    }
    alerts = {"Errors": "InferencePoolFails", "First byte by model": "InferenceFirstByteIsLate"}
    alerts |= {"Imbalance": "InferencePoolIsImbalanced"}
    assert set(limits) == set(alerts)
    by_name = {rule["alert"]: rule["expr"] for rule in RULES if "alert" in rule}
    for title, alert in alerts.items():
        assert float(by_name[alert].split(">")[1].split()[0]) == limits[title]


def test_every_alert_says_what_to_do() -> None:
    for rule in (rule for rule in RULES if "alert" in rule):
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["labels"]["severity"] in ("critical", "warning")
