"""aws.cloudwatch: logs, alarms, dashboards."""

from __future__ import annotations

from tests.aws_models.convert import Target, Twin
from tests.aws_models.registered import Inputs, changed
from tests.aws_models.twins.shaping import lifted, names, only, single, steps, without

_STAT_PARTS = {"period", "stat", "unit"}


def _metric_stats(inputs: Inputs) -> Inputs:
    """AWS separates the metric from its statistic; the provider has one block."""

    def separate(holder: Inputs, name: str) -> None:
        block = holder[name]
        if isinstance(block, dict):
            del holder[name]
            stat = {key: value for key, value in block.items() if key in _STAT_PARTS}
            metric = {key: value for key, value in block.items() if key not in _STAT_PARTS}
            holder["metricStat"] = {**stat, "metric": metric}

    return changed(inputs, "metrics.metric", separate)


_ALARM = steps(
    names(
        {
            "name": "alarmName",
            "metricQueries": "metrics",
            "evaluateLowSampleCountPercentiles": "evaluateLowSampleCountPercentile",
        }
    ),
    _metric_stats,
)

TWINS = {
    "aws:cloudwatch/logGroup:LogGroup": Twin(
        (Target("AWS::Logs::LogGroup", names({"name": "logGroupName"})),),
        (
            Target("logs.CreateLogGroup", steps(names({"name": "logGroupName"}), without("retentionInDays"))),
            Target(
                "logs.PutRetentionPolicy",
                # 0 is the provider's word for "kept forever": no policy at all.
                steps(names({"name": "logGroupName"}), only("logGroupName", "retentionInDays")),
            ),
        ),
        provider_only=frozenset({"region", "skipDestroy"}),
        generated="name",
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Twin(
        # A policy of one log group is not among CloudFormation's types: theirs is the account's.
        (),
        (Target("logs.PutResourcePolicy"),),
        provider_only=frozenset({"region"}),
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": Twin(
        (Target("AWS::Logs::DeliverySource"),),
        (Target("logs.PutDeliverySource"),),
        provider_only=frozenset({"region"}),
        generated="name",
    ),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": Twin(
        (Target("AWS::Logs::DeliveryDestination", lifted("deliveryDestinationConfiguration")),),
        (Target("logs.PutDeliveryDestination"),),
        provider_only=frozenset({"region"}),
        generated="name",
    ),
    "aws:cloudwatch/logDelivery:LogDelivery": Twin(
        (
            Target(
                "AWS::Logs::Delivery",
                steps(
                    single("s3DeliveryConfigurations"),
                    names(
                        {
                            "s3DeliveryConfigurations.suffixPath": "s3SuffixPath",
                            "s3DeliveryConfigurations.enableHiveCompatiblePath": "s3EnableHiveCompatiblePath",
                        }
                    ),
                    lifted("s3DeliveryConfigurations"),
                ),
            ),
        ),
        (
            Target(
                "logs.CreateDelivery",
                steps(
                    single("s3DeliveryConfigurations"), names({"s3DeliveryConfigurations": "s3DeliveryConfiguration"})
                ),
            ),
        ),
        provider_only=frozenset({"region"}),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Twin(
        (Target("AWS::CloudWatch::Alarm", _ALARM),),
        (Target("cloudwatch.PutMetricAlarm", _ALARM),),
        provider_only=frozenset({"region"}),
        generated="name",
    ),
    "aws:cloudwatch/dashboard:Dashboard": Twin(
        (Target("AWS::CloudWatch::Dashboard"),),
        (Target("cloudwatch.PutDashboard"),),
        provider_only=frozenset({"region"}),
    ),
}
