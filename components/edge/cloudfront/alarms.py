"""Metrics, alarms and a dashboard of a distribution. CloudFront's metrics are in us-east-1 alone."""

import json
from typing import Any

import pulumi
from pulumi_aws import cloudfront, cloudwatch

from .. import arguments as defaults
from ..arguments import US_EAST_1, AlarmArgs

# docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
_NAMESPACE = "AWS/CloudFront"
_PERIOD_SECONDS = 300
_PERIODS = 3


def alarms(
    name: str,
    args: AlarmArgs,
    distribution: cloudfront.Distribution,
    *,
    caches: bool,
    read_timeout_seconds: int,
    opts: pulumi.ResourceOptions,
) -> None:
    """The additional metrics, an alarm each for errors, latency and, with `caches`, the hit ratio; a dashboard."""
    cloudfront.MonitoringSubscription(
        f"{name}-metrics",
        distribution_id=distribution.id,
        monitoring_subscription={
            "realtime_metrics_subscription_config": {"realtime_metrics_subscription_status": "Enabled"}
        },
        opts=opts,
    )
    topic = args.get("topic_arn")
    common: dict[str, Any] = {
        "region": US_EAST_1,
        "evaluation_periods": _PERIODS,
        "datapoints_to_alarm": _PERIODS,
        "treat_missing_data": "notBreaching",
        "alarm_actions": [] if topic is None else [topic],
        "ok_actions": [] if topic is None else [topic],
        "opts": opts,
    }
    dimensions = {"DistributionId": distribution.id, "Region": "Global"}
    single = {**common, "namespace": _NAMESPACE, "dimensions": dimensions, "period": _PERIOD_SECONDS}
    errors = args.get("error_rate_percent", defaults.ERROR_RATE_PERCENT)
    cloudwatch.MetricAlarm(
        f"{name}-errors",
        alarm_description=f"More than {errors:g} % of the answers are 5xx",
        metric_name="5xxErrorRate",
        statistic="Average",
        comparison_operator="GreaterThanThreshold",
        threshold=errors,
        **single,
    )
    latency = int(args.get("origin_latency_ms", read_timeout_seconds * 1000 // 2))
    cloudwatch.MetricAlarm(
        f"{name}-origin-latency",
        alarm_description=f"A tenth of the gateway's answers take more than {latency} ms",
        metric_name="OriginLatency",
        extended_statistic="p90",
        evaluate_low_sample_count_percentiles="ignore",
        comparison_operator="GreaterThanThreshold",
        threshold=latency,
        **single,
    )
    if caches:
        _hit_ratio_alarm(name, args, dimensions, common)
    cloudwatch.Dashboard(
        f"{name}-dashboard",
        region=US_EAST_1,
        dashboard_name=f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}".replace(".", "-"),
        dashboard_body=distribution.id.apply(_dashboard),
        opts=opts,
    )


def _hit_ratio_alarm(name: str, args: AlarmArgs, dimensions: dict[str, Any], common: dict[str, Any]) -> None:
    """Only with traffic does a low ratio mean anything."""
    least = args.get("minimum_hit_ratio_percent", defaults.MINIMUM_HIT_RATIO_PERCENT)
    requests = int(args.get("minimum_requests", defaults.MINIMUM_REQUESTS))

    def query(id_: str, metric: str, statistic: str) -> cloudwatch.MetricAlarmMetricQueryArgsDict:
        measured: cloudwatch.MetricAlarmMetricQueryMetricArgsDict = {
            "namespace": _NAMESPACE,
            "metric_name": metric,
            "dimensions": dimensions,
            "period": _PERIOD_SECONDS,
            "stat": statistic,
        }
        return {"id": id_, "metric": measured, "return_data": False}

    cloudwatch.MetricAlarm(
        f"{name}-hit-ratio",
        alarm_description=f"Less than {least:g} % of the requests that can be are answered by the edge",
        metric_queries=[
            query("requests", "Requests", "Sum"),
            query("hits", "CacheHitRate", "Average"),
            {
                "id": "busy_hits",
                "expression": f"IF(requests >= {requests}, hits, 100)",
                "label": "Hit ratio under traffic (%)",
                "return_data": True,
            },
        ],
        comparison_operator="LessThanThreshold",
        threshold=least,
        **common,
    )


def _dashboard(distribution_id: str) -> str:
    panels = [
        ("Requests", [("Requests", "Sum")]),
        ("Hit ratio (%)", [("CacheHitRate", "Average")]),
        ("Latency of the gateway (ms)", [("OriginLatency", "p50"), ("OriginLatency", "p90"), ("OriginLatency", "p99")]),
        ("Errors (%)", [("4xxErrorRate", "Average"), ("5xxErrorRate", "Average")]),
    ]
    return json.dumps({"widgets": [_widget(i, *panel, distribution_id) for i, panel in enumerate(panels)]})


def _widget(place: int, title: str, lines: list[tuple[str, str]], distribution_id: str) -> dict[str, Any]:
    where = ["DistributionId", distribution_id, "Region", "Global"]
    return {
        "type": "metric",
        "x": 12 * (place % 2),
        "y": 6 * (place // 2),
        "width": 12,
        "height": 6,
        "properties": {
            "title": title,
            "region": US_EAST_1,
            "period": _PERIOD_SECONDS,
            "metrics": [
                [_NAMESPACE, metric, *where, {"stat": statistic, "label": f"{metric} {statistic}"}]
                for metric, statistic in lines
            ],
        },
    }
