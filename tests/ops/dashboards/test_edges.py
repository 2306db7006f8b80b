"""The dashboards of edges are what Grafana loads, and ask for the metrics that the edges' own alarms are about."""

from __future__ import annotations

import inspect
import json
from types import ModuleType
from typing import Any

import pytest
from grafana_foundation_sdk.models.cloudwatch import CloudWatchMetricsQuery
from grafana_foundation_sdk.models.googlecloudmonitoring import CloudMonitoringQuery, MetricFindQueryTypes, QueryType

from components.edge.cloud_cdn import cloud_cdn_edge
from components.edge.cloudfront import alarms
from components.edge.google.monitoring import Metrics
from components.edge.media_cdn import media_cdn_edge
from ops.dashboards import cloudfront, google_cdn
from tests.ops.dashboards.grafana import (
    assert_asks_one_source,
    assert_explained,
    assert_laid_out,
    encoded,
    loaded,
    lost,
)
from tests.ops.dashboards.shown import filled, uses

KINDS = {cloudfront: "cloudwatch", google_cdn: "stackdriver"}
of_both = pytest.mark.parametrize("module", KINDS, ids=lambda module: module.FILE.name)


def dashboard(module: ModuleType) -> dict[str, Any]:
    return json.loads(module.FILE.read_text(encoding="utf-8"))


def targets(module: ModuleType) -> list[dict[str, Any]]:
    return [target for panel in dashboard(module)["panels"] for target in panel.get("targets", [])]


@of_both
def test_the_file_is_what_the_code_says(module: ModuleType) -> None:
    assert module.FILE.read_text(encoding="utf-8") == module.dashboard_text(), "run: python -m ops.dashboards"


@of_both
def test_grafanas_own_model_knows_every_key(module: ModuleType) -> None:
    loaded(dashboard(module))


@of_both
def test_it_is_laid_out_explained_and_asks_one_source(module: ModuleType) -> None:
    assert_laid_out(dashboard(module))
    assert_explained(dashboard(module))
    assert_asks_one_source(dashboard(module), KINDS[module])


def test_cloudwatch_takes_the_targets() -> None:
    """The SDK knows a target of CloudWatch by its data source; it has gone through that model already."""
    for panel in loaded(dashboard(cloudfront)).panels or []:
        for target in getattr(panel, "targets", None) or []:
            assert isinstance(target, CloudWatchMetricsQuery)
            assert target.dimensions == {"DistributionId": "$distribution", "Region": "Global"}


def test_cloudfronts_metrics_are_those_of_its_alarms() -> None:
    """The components subscribe to the additional ones, and alarm on them."""
    known = inspect.getsource(alarms)
    assert "MonitoringSubscription" in known
    for target in targets(cloudfront):
        assert f'"{target["metricName"]}"' in known
        assert (target["namespace"], target["region"]) == ("AWS/CloudFront", "us-east-1")


def test_cloud_monitoring_takes_the_targets() -> None:
    for target in targets(google_cdn):
        query = CloudMonitoringQuery.from_json(target)
        assert lost(target, encoded(query)) == []
        assert query.query_type == QueryType.PROMQL and query.prom_ql_query is not None
        assert uses(filled(query.prom_ql_query.expr))


def test_the_project_is_chosen_from_those_of_the_data_source() -> None:
    (project,) = (each for each in dashboard(google_cdn)["templating"]["list"] if each["name"] == "project")
    assert MetricFindQueryTypes(project["query"]["selectedQueryType"]) is MetricFindQueryTypes.PROJECTS


@pytest.mark.parametrize("edge", [cloud_cdn_edge, media_cdn_edge], ids=["cloud-cdn", "media-cdn"])
def test_googles_metrics_and_labels_are_those_of_the_alert_policies(edge: ModuleType) -> None:
    (metrics,) = (value for value in vars(edge).values() if isinstance(value, Metrics))
    asked = " ".join(target["promQLQuery"]["expr"] for target in targets(google_cdn))
    labels = metrics.labels.replace('="{id}"', '=~"$edge"')
    assert f"{metrics.requests}{{{labels}" in asked
    assert f"{metrics.origin_latency}_bucket{{{labels}{metrics.origin_labels}}}" in asked
