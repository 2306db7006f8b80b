"""Alert policies of a Memorystore for Redis instance, over the metrics that Google takes by itself.

Source: "Supported monitoring metrics" of Memorystore for Redis; instance_id is the instance's whole name.
"""

import pulumi
from pulumi_gcp import monitoring

from . import arguments as defaults
from .arguments import MemorystoreAlarmArgs

_WINDOW = "5m"
_DURATION = "600s"  # what a look back of 5 minutes shows has to last
_INTERVAL = "60s"
_METRICS = "redis_googleapis_com"
_MICROSECONDS = 1_000


def alarms(
    name: str,
    args: MemorystoreAlarmArgs,
    instance: pulumi.Output[str],
    timeout_seconds: float,
    opts: pulumi.ResourceOptions,
) -> None:
    """An alert policy each for memory, evictions and latency."""

    def alarm(suffix: str, title: str, query: str) -> None:
        monitoring.AlertPolicy(
            f"{name}-{suffix}",
            display_name=f"{name}: {title}",
            combiner="OR",
            conditions=[
                {
                    "display_name": title,
                    "condition_prometheus_query_language": {
                        "query": instance.apply(lambda id_: query.replace("INSTANCE", f'instance_id="{id_}"')),
                        "duration": _DURATION,
                        "evaluation_interval": _INTERVAL,
                    },
                }
            ],
            notification_channels=args.get("notification_channels") or [],
            opts=opts,
        )

    percent = args.get("memory_percent", defaults.MEMORY_PERCENT)
    latency = int(args.get("latency_ms", timeout_seconds * 1000 / 2))
    alarm(
        "memory",
        f"more than {percent:g} % of the memory is in use",
        f"100 * max({_METRICS}:stats_memory_usage_ratio{{INSTANCE}}) > {percent:g}",
    )
    alarm(
        "evictions",
        "answers go before their time, for want of memory",
        f"sum(increase({_METRICS}:stats_evicted_keys{{INSTANCE}}[{_WINDOW}])) > 0",
    )
    alarm(
        "latency",
        f"commands take more than {latency} ms on average",
        f"{_increase('commands_total_time')} / {_increase('commands_calls')} > {latency * _MICROSECONDS}",
    )


def _increase(metric: str) -> str:
    return f"sum(increase({_METRICS}:{metric}{{INSTANCE}}[{_WINDOW}]))"
