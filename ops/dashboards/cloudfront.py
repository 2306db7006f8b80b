"""What the dashboard of a CloudFront edge shows.

CacheHitRate and OriginLatency are additional metrics: an edge with ``alarms`` turns them on. Facts:
docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.dashboards.panels import Panel, Row, Variable, dashboard

FILE = Path(__file__).with_name("cloudfront.json")

_WHERE = {"region": "us-east-1", "namespace": "AWS/CloudFront"}  # of all distributions, wherever they answer


@dataclass(frozen=True)
class Metric:
    """A statistic of one of the distribution's metrics."""

    name: str
    statistic: str

    def keys(self, kind: str) -> Mapping[str, Any]:
        return {
            "queryMode": "Metrics",
            "metricQueryType": 0,
            "metricEditorMode": 0,
            "id": "",
            **_WHERE,
            "metricName": self.name,
            "dimensions": {"DistributionId": "$distribution", "Region": "Global"},
            "matchExact": True,
            "statistic": self.statistic,
            "period": "300",
            "expression": "",
            "label": f"${{PROP('Dim.DistributionId')}} {self.name} {self.statistic}",
        }


_ROWS = (
    Row(
        "Edge",
        (
            Panel("Requests", "Requests of viewers in 5 minutes.", "short", (Metric("Requests", "Sum"),)),
            Panel(
                "Hit rate",
                "Percentage of the requests that can be cached that the edge answered.",
                "percent",
                (Metric("CacheHitRate", "Average"),),
            ),
        ),
    ),
    Row(
        "Gateway behind it",
        (
            Panel(
                "Errors",
                "Percentage of the answers with a 4xx or 5xx status.",
                "percent",
                (Metric("4xxErrorRate", "Average"), Metric("5xxErrorRate", "Average")),
            ),
            Panel(
                "Latency of the gateway",
                "From the request to the answer's first byte, of requests that the edge did not answer.",
                "ms",
                tuple(Metric("OriginLatency", statistic) for statistic in ("p50", "p95", "p99")),
            ),
        ),
    ),
)
_DISTRIBUTIONS = {
    "refId": "CloudWatchVariableQueryEditor-VariableQuery",
    "queryType": "dimensionValues",
    **_WHERE,
    "metricName": "Requests",
    "dimensionKey": "DistributionId",
    "dimensionFilters": {"Region": "Global"},
}


def dashboard_text() -> str:
    """The dashboard as it is kept in the repository."""
    variables = (Variable("distribution", _DISTRIBUTIONS, several=False),)
    return dashboard("inference-edge-cloudfront", "Inference edge: CloudFront", _ROWS, variables, source="cloudwatch")
