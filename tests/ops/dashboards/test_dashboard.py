"""The dashboards are what Grafana loads, and their expressions and the rules' are what Prometheus takes."""

from __future__ import annotations

import pytest

from tests.ops.dashboards.grafana import assert_asks_one_source, assert_explained, assert_laid_out, loaded
from tests.ops.dashboards.shown import BOTH, MODELS, POOLS, Shown, uses

of_both = pytest.mark.parametrize("shown", BOTH, ids=lambda shown: shown.name)
EXPRESSIONS = {f"{shown.name} {asks}": expression for shown in BOTH for asks, expression in shown.expressions.items()}


@of_both
def test_the_file_is_what_the_code_says(shown: Shown) -> None:
    text = shown.module.FILE.read_text(encoding="utf-8")
    assert text == shown.module.dashboard_text(), "run: python -m ops.dashboards"


@of_both
def test_grafanas_own_model_knows_every_key(shown: Shown) -> None:
    loaded(shown.dashboard)


@of_both
def test_panels_have_ids_of_their_own_and_do_not_overlap(shown: Shown) -> None:
    assert_laid_out(shown.dashboard)


@of_both
def test_everything_asks_the_chosen_data_source(shown: Shown) -> None:
    assert_asks_one_source(shown.dashboard, "prometheus")


@of_both
def test_every_panel_says_what_it_shows(shown: Shown) -> None:
    assert_explained(shown.dashboard)


def test_numbers_and_tables_are_of_now_and_charts_over_time() -> None:
    for panel in MODELS.panels:
        charted = panel["type"] == "timeseries"
        for target in panel["targets"]:
            assert target["range"] == charted and target.get("instant", False) != charted
            assert (target.get("format") == "table") == (panel["type"] == "table")


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_every_expression_is_promql(expression: str) -> None:
    assert uses(expression)


@of_both
def test_recorded_series_that_are_asked_for_are_recorded(shown: Shown) -> None:
    asked = {use.metric for expression in shown.expressions.values() for use in uses(expression) if ":" in use.metric}
    assert asked == set(shown.recorded)


@of_both
def test_recorded_series_have_the_labels_of_their_level(shown: Shown) -> None:
    for asks, expression in shown.expressions.items():
        for use in uses(expression):
            if ":" in use.metric:
                assert use.labels <= shown.recorded[use.metric], asks


def test_the_lines_in_the_charts_are_where_the_alerts_begin() -> None:
    limits = {
        panel["title"]: panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"]
        for panel in POOLS.panels
        if len(panel["fieldConfig"]["defaults"]["thresholds"]["steps"]) > 1
    }
    alerts = {"Errors": "InferencePoolFails", "First byte by model": "InferenceFirstByteIsLate"}
    alerts |= {"Imbalance": "InferencePoolIsImbalanced"}
    assert set(limits) == set(alerts)
    for title, alert in alerts.items():
        assert float(POOLS.alerts[alert]["expr"].split(">")[1].split()[0]) == limits[title]


@of_both
def test_every_alert_says_what_to_do(shown: Shown) -> None:
    for rule in shown.alerts.values():
        assert set(rule["annotations"]) == {"summary", "description"}
        assert all(rule["annotations"].values())
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
