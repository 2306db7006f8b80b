"""What the dashboard of a Cloud CDN or Media CDN edge shows: PromQL over the metrics that Google takes by itself.

Facts: cloud.google.com/load-balancing/docs/https/https-logging-monitoring, cloud.google.com/media-cdn/docs/monitoring,
cloud.google.com/monitoring/promql/promql-mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.dashboards.panels import Panel, Row, TextVariable, Variable, dashboard

FILE = Path(__file__).with_name("google-cdn.json")

_PROJECT = "$project"
_STEP = "60s"
_RATE = "[5m]"
# A target without it is taken for one of an old format, and not asked.
_NO_LIST = {"projectName": _PROJECT, "crossSeriesReducer": "REDUCE_NONE", "filters": []}


@dataclass(frozen=True)
class Expression:
    """A PromQL expression for Cloud Monitoring. Its series are called by their labels."""

    promql: str

    def keys(self, kind: str) -> Mapping[str, Any]:
        asked = {"projectName": _PROJECT, "expr": self.promql, "step": _STEP}
        return {"queryType": "promQL", "promQLQuery": asked, "timeSeriesList": _NO_LIST}


@dataclass(frozen=True)
class _Product:
    """Names of a product's metrics, and the labels that lead to the edge. Latencies are histograms, in ms."""

    title: str
    requests: str
    latency: str
    gateway_latency: str
    labels: str
    gateway_labels: str = ""


_CLOUD_CDN = _Product(
    "Cloud CDN",
    requests="loadbalancing_googleapis_com:https_request_count",
    latency="loadbalancing_googleapis_com:https_total_latencies",
    gateway_latency="loadbalancing_googleapis_com:https_backend_latencies",
    labels='monitored_resource="https_lb_rule",url_map_name=~"$edge"',
)
_MEDIA_CDN = _Product(
    "Media CDN",
    requests="edgecache_googleapis_com:edge_cache_route_rule_request_count",
    latency="edgecache_googleapis_com:edge_cache_route_rule_http_ttfb",
    gateway_latency="edgecache_googleapis_com:edge_cache_route_rule_http_ttfb",
    labels='monitored_resource="edgecache.googleapis.com/EdgeCacheRouteRule",service_name=~"$edge"',
    gateway_labels=',cache_result=~"(?i)miss"',
)


def _count(product: _Product, by: str, more: str = "") -> str:
    return f"sum by ({by}) (rate({product.requests}{{{product.labels}{more}}}{_RATE}))"


def _hit_ratio(product: _Product) -> str:
    hits, looked_up = (
        f"sum(rate({product.requests}{{{product.labels},cache_result=~{results}}}{_RATE}))"
        for results in ('"(?i)hit"', '"(?i)hit|miss"')
    )
    return f"{hits} / {looked_up}"


def _quantiles(histogram: str, labels: str) -> tuple[Expression, ...]:
    rates = f"sum by (le) (rate({histogram}_bucket{{{labels}}}{_RATE}))"
    return tuple(
        Expression(f'label_replace(histogram_quantile({share}, {rates}), "quantile", "{share}", "", "")')
        for share in (0.5, 0.95, 0.99)
    )


def _row(product: _Product) -> Row:
    name = product.title
    return Row(
        name,
        (
            Panel(
                f"{name}: requests",
                "Requests by what the cache did.",
                "reqps",
                (Expression(_count(product, "cache_result")),),
                stacked=True,
            ),
            Panel(
                f"{name}: hit ratio",
                "Share of the requests that were looked up that the edge answered.",
                "percentunit",
                (Expression(_hit_ratio(product)),),
            ),
            Panel(
                f"{name}: status",
                "Answers by the class of their status.",
                "reqps",
                (Expression(_count(product, "response_code_class")),),
                stacked=True,
            ),
            Panel(
                f"{name}: latency",
                "Of all answers.",
                "ms",
                _quantiles(product.latency, product.labels),
            ),
            Panel(
                f"{name}: latency of the gateway",
                "Of requests that the edge did not answer.",
                "ms",
                _quantiles(product.gateway_latency, product.labels + product.gateway_labels),
            ),
        ),
    )


_PROJECTS = {
    "refId": "CloudMonitoringVariableQueryEditor-VariableQuery",
    "selectedQueryType": "projects",
    "projectName": "",
}


def dashboard_text() -> str:
    """The dashboard as it is kept in the repository."""
    rows = (_row(_CLOUD_CDN), _row(_MEDIA_CDN))
    variables = (Variable("project", _PROJECTS, several=False), TextVariable("edge", ".+"))
    return dashboard("inference-edge-google-cdn", "Inference edge: Google", rows, variables, source="stackdriver")
