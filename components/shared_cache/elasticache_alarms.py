"""CloudWatch alarms of a serverless cache. Its metrics have one dimension, clusterId, which holds the cache's name.

Source: "Serverless metrics and events for Valkey and Redis OSS" of the Amazon ElastiCache User Guide.
"""

from typing import Any

import pulumi
from pulumi_aws import cloudwatch

from . import arguments as defaults
from .arguments import ElastiCacheAlarmArgs

_NAMESPACE = "AWS/ElastiCache"
_PERIOD_SECONDS = 300
_PERIODS = 3
_BYTES_OF_GIGABYTE = 10**9
_MICROSECONDS = 1_000


def alarms(
    name: str,
    args: ElastiCacheAlarmArgs,
    cache: pulumi.Output[str],
    gigabytes: pulumi.Output[int],
    timeout_seconds: float,
    opts: pulumi.ResourceOptions,
) -> None:
    """An alarm each for memory, evictions, throttling and latency."""
    topic = args.get("topic_arn")

    def alarm(suffix: str, description: str, metric: str, threshold: Any, **how: Any) -> None:
        cloudwatch.MetricAlarm(
            f"{name}-{suffix}",
            alarm_description=description,
            namespace=_NAMESPACE,
            metric_name=metric,
            dimensions={"clusterId": cache},
            comparison_operator="GreaterThanThreshold",
            threshold=threshold,
            period=_PERIOD_SECONDS,
            evaluation_periods=_PERIODS,
            datapoints_to_alarm=_PERIODS,
            treat_missing_data="notBreaching",
            alarm_actions=[] if topic is None else [topic],
            ok_actions=[] if topic is None else [topic],
            opts=opts,
            **how,
        )

    percent = args.get("memory_percent", defaults.MEMORY_PERCENT)
    alarm(
        "memory",
        f"More than {percent:g} % of the memory that the cache may have is in use",
        "BytesUsedForCache",
        gigabytes.apply(lambda most: round(most * _BYTES_OF_GIGABYTE * percent / 100)),
        statistic="Maximum",
    )
    alarm("evictions", "Answers go before their time, for want of memory", "Evictions", 0, statistic="Sum")
    alarm("throttling", "The cache is asked more than it may be", "ThrottledCmds", 0, statistic="Sum")
    latency = int(args.get("latency_ms", timeout_seconds * 1000 / 2))
    alarm(
        "latency",
        f"A hundredth of the reads take more than {latency} ms",
        "SuccessfulReadRequestLatency",
        latency * _MICROSECONDS,
        extended_statistic="p99",
        evaluate_low_sample_count_percentiles="ignore",
    )
