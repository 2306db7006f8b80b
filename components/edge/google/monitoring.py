"""Alert policies and a dashboard of an edge, over the metrics that Google takes by itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp import monitoring as gcp_monitoring

from .. import arguments as defaults
from .arguments import GoogleAlarmArgs

_WINDOW = "5m"
_DURATION = "600s"  # what a look back of 5 minutes shows has to last
_INTERVAL = "60s"


@dataclass(frozen=True)
class Metrics:
    """Names of a product's metrics as PromQL has them, and the labels that lead to one edge.

    Both count requests by `cache_result` and `response_code_class`. `origin_latency` is a histogram, in milliseconds.
    """

    requests: str
    origin_latency: str
    labels: str  # with {id} for the edge's name
    origin_labels: str = ""


def alarms(
    name: str,
    args: GoogleAlarmArgs,
    metrics: Metrics,
    edge_id: pulumi.Output[str],
    *,
    caches: bool,
    read_timeout_seconds: int,
    opts: pulumi.ResourceOptions,
) -> None:
    """An alert policy each for errors, latency and, with `caches`, the hit ratio; a dashboard."""

    def alarm(suffix: str, title: str, query: Callable[[str], str]) -> None:
        gcp_monitoring.AlertPolicy(
            f"{name}-{suffix}",
            display_name=f"{name}: {title}",
            combiner="OR",
            conditions=[
                {
                    "display_name": title,
                    "condition_prometheus_query_language": {
                        "query": edge_id.apply(query),
                        "duration": _DURATION,
                        "evaluation_interval": _INTERVAL,
                    },
                }
            ],
            notification_channels=args.get("notification_channels") or [],
            opts=opts,
        )

    errors = args.get("error_rate_percent", defaults.ERROR_RATE_PERCENT)
    latency = int(args.get("origin_latency_ms", read_timeout_seconds * 1000 // 2))
    alarm(
        "errors", f"more than {errors:g} % of the answers are 5xx", lambda id_: f"{_errors(metrics, id_)} > {errors:g}"
    )
    alarm(
        "origin-latency",
        f"a tenth of the gateway's answers take more than {latency} ms",
        lambda id_: f"{_latency(metrics, id_, 0.9)} > {latency}",
    )
    if caches:
        least = args.get("minimum_hit_ratio_percent", defaults.MINIMUM_HIT_RATIO_PERCENT)
        busy = int(args.get("minimum_requests", defaults.MINIMUM_REQUESTS))
        alarm(
            "hit-ratio",
            f"less than {least:g} % of the requests that can be are answered by the edge",
            lambda id_: f"{_hit_ratio(metrics, id_)} < {least:g} and {_looked_up(metrics, id_)} >= {busy}",
        )
    gcp_monitoring.Dashboard(
        f"{name}-dashboard",
        dashboard_json=edge_id.apply(lambda id_: _dashboard(name, metrics, id_)),
        opts=opts,
    )


def _count(metrics: Metrics, id_: str, more: str = "") -> str:
    return f"sum(increase({metrics.requests}{{{metrics.labels.format(id=id_)}{more}}}[{_WINDOW}]))"


def _looked_up(metrics: Metrics, id_: str) -> str:
    return _count(metrics, id_, ',cache_result=~"(?i)hit|miss"')


def _hit_ratio(metrics: Metrics, id_: str) -> str:
    hits = _count(metrics, id_, ',cache_result=~"(?i)hit"')
    return f"100 * {hits} / {_looked_up(metrics, id_)}"


def _errors(metrics: Metrics, id_: str) -> str:
    failed = _count(metrics, id_, ',response_code_class=~"5.*"')
    return f"100 * {failed} / {_count(metrics, id_)}"


def _latency(metrics: Metrics, id_: str, share: float) -> str:
    labels = f"{metrics.labels.format(id=id_)}{metrics.origin_labels}"
    return f"histogram_quantile({share}, sum by (le) (rate({metrics.origin_latency}_bucket{{{labels}}}[{_WINDOW}])))"


def _dashboard(name: str, metrics: Metrics, id_: str) -> str:
    charts = [
        ("Requests in 5 minutes", [_count(metrics, id_)]),
        ("Hit ratio (%)", [_hit_ratio(metrics, id_)]),
        ("Latency of the gateway (ms)", [_latency(metrics, id_, share) for share in (0.5, 0.9, 0.99)]),
        ("Errors (%)", [_errors(metrics, id_)]),
    ]
    tiles = [_tile(place, title, queries) for place, (title, queries) in enumerate(charts)]
    return json.dumps({"displayName": name, "mosaicLayout": {"columns": 12, "tiles": tiles}})


def _tile(place: int, title: str, queries: list[str]) -> dict[str, Any]:
    lines = [{"timeSeriesQuery": {"prometheusQuery": query}, "plotType": "LINE"} for query in queries]
    return {
        "xPos": 6 * (place % 2),
        "yPos": 4 * (place // 2),
        "width": 6,
        "height": 4,
        "widget": {"title": title, "xyChart": {"dataSets": lines}},
    }
