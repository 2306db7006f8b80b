"""What CloudWatch (alarms, dashboards, logs) takes beyond its API models.

Sources: docs.aws.amazon.com: CloudWatch API reference (PutMetricAlarm, Dashboard body structure), CloudWatch Logs API
reference, AmazonCloudFront/latest/DeveloperGuide/standard-logging.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.aws_models.limits.rules import (
    ANY_ARN,
    REGION,
    TAGS,
    Rules,
    Whole,
    always,
    arn,
    between,
    each,
    flag,
    having,
    listed,
    mapping,
    matching,
    one_of,
    policy_document,
    text,
)
from tests.aws_models.registered import Inputs, values_at

_NUMBER = (int, float)
_REGION = matching(REGION)
_LOG_NAME = matching(r"[\w-]{1,60}")
_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
_STATISTIC = matching(r"Average|Sum|Minimum|Maximum|SampleCount|p(\d{1,2}(\.\d{1,10})?|100)|tm\d{1,2}")
# docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html, without the query string,
# the referrer and the cookies, which hold inputs or credentials.
_LOG_FIELDS = (
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status"),
    *("cs(User-Agent)", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes"),
    *("time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type"),
    *("cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port", "time-to-first-byte"),
    *("x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start", "sc-range-end"),
    *("timestamp(ms)", "origin-fbl", "origin-lbl", "asn", "c-country", "cache-behavior-path-pattern"),
)

_SERVERLESS_CACHE_METRICS = (
    *("BytesUsedForCache", "ElastiCacheProcessingUnits", "SuccessfulReadRequestLatency", "ThrottledCmds", "Evictions"),
    *("SuccessfulWriteRequestLatency", "TotalCmdsCount", "CacheHitRate", "CacheHits", "CurrConnections"),
)


def _period(value: Any) -> str | None:
    ok = type(value) is int and (value in (1, 5, 10, 20, 30) or (value % 60 == 0 and 60 <= value <= 86_400))
    return None if ok else f"{value!r:.40} is no period"


PATHS: dict[str, Rules] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        "name": text(255, 1),
        "region": _REGION,
        "alarmDescription": text(1_024),
        "tags": TAGS,
        "namespace": matching(r"AWS/[A-Za-z]{1,60}"),
        "metricName": matching(r"[A-Za-z0-9]{1,255}"),
        "dimensions": mapping(r"[A-Za-z]{1,255}", text(1_024, 1), most=30),
        "period": _period,
        "statistic": _STATISTIC,
        "extendedStatistic": _STATISTIC,
        "threshold": between(0, 1e15, _NUMBER),
        "evaluationPeriods": between(1, 1_000),
        "datapointsToAlarm": between(1, 1_000),
        "treatMissingData": one_of("missing", "ignore", "breaching", "notBreaching"),
        "evaluateLowSampleCountPercentiles": one_of("evaluate", "ignore"),
        "alarmActions": each(matching(ANY_ARN), most=5),
        "okActions": each(matching(ANY_ARN), most=5),
        "metricQueries": each(lambda _: None, most=500, least=1),
        "metricQueries.id": matching(r"[a-z]\w{0,254}"),
        "metricQueries.expression": matching(r"[A-Za-z0-9_ ()+*/<>=,.-]{1,1024}"),
        "metricQueries.label": text(1_024),
        "metricQueries.returnData": flag,
        "metricQueries.metric": having("metricName", "namespace", "dimensions"),
        "metricQueries.metric.namespace": matching(r"AWS/[A-Za-z]{1,60}"),
        "metricQueries.metric.metricName": matching(r"[A-Za-z0-9]{1,255}"),
        "metricQueries.metric.period": _period,
        "metricQueries.metric.stat": _STATISTIC,
        "metricQueries.metric.dimensions": mapping(r"[A-Za-z]{1,255}", text(1_024, 1), most=30),
    },
    "aws:cloudwatch/dashboard:Dashboard": {
        "region": _REGION,
        "dashboardName": matching(r"[\w-]{1,255}"),
    },
    "aws:cloudwatch/logGroup:LogGroup": {
        "region": _REGION,
        "name": matching(r"(?!aws/)[\w./#-]{1,512}"),
        "retentionInDays": one_of(*_RETENTION_DAYS),
        "skipDestroy": flag,
        "tags": TAGS,
    },
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {
        "": having("policyDocument"),
        "region": _REGION,
        "policyName": text(255, 1),
        "policyDocument": policy_document(5_120),
        "resourceArn": arn("logs", r"log-group:[\w./#-]{1,512}(:\*)?"),
    },
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": {
        "region": always("us-east-1"),  # where CloudFront's logs are
        "name": _LOG_NAME,
        "logType": always("ACCESS_LOGS"),
        "resourceArn": arn("cloudfront", r"distribution/[A-Z0-9]+", region=""),
    },
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": {
        "region": always("us-east-1"),
        "name": _LOG_NAME,
        "deliveryDestinationConfiguration.destinationResourceArn": matching(ANY_ARN),
    },
    "aws:cloudwatch/logDelivery:LogDelivery": {
        "region": always("us-east-1"),
        "deliverySourceName": _LOG_NAME,
        "deliveryDestinationArn": arn("logs", r"delivery-destination:[\w-]{1,60}"),
        "recordFields": each(one_of(*_LOG_FIELDS), most=128, least=1),
        "s3DeliveryConfigurations": having("suffixPath", "enableHiveCompatiblePath"),
        "s3DeliveryConfigurations.suffixPath": matching(
            r"/?((\{(DistributionId|distributionid|yyyy|MM|dd|HH|accountid)\}|[\w=-]+)/?){1,20}"
        ),
        "s3DeliveryConfigurations.enableHiveCompatiblePath": flag,
    },
}


def alarm(inputs: Inputs) -> Iterator[str]:
    """A metric or a calculation, over at most a day."""
    queries = listed(inputs.get("metricQueries"))
    single = {"metricName", "namespace", "period", "dimensions", "statistic", "extendedStatistic"} & set(inputs)
    if bool(queries) == bool(single):
        yield "either one metric or metricQueries"
    if single and ("statistic" in inputs) == ("extendedStatistic" in inputs):
        yield "either statistic or extendedStatistic"
    if single and not {"metricName", "namespace", "period", "dimensions"} <= single:
        yield "a metric has a name, a namespace, dimensions and a period"
    if not {"threshold", "evaluationPeriods", "comparisonOperator", "treatMissingData"} <= set(inputs):
        yield "an alarm without threshold, evaluationPeriods, comparisonOperator or treatMissingData"
    returned = [query for query in queries if isinstance(query, dict) and query.get("returnData", True) is True]
    if queries and len(returned) != 1:
        yield "metricQueries: one returns data"
    for query in queries:
        if isinstance(query, dict) and ("metric" in query) == ("expression" in query):
            yield "metricQueries: either a metric or an expression"
    ids = [str(value) for value in values_at(inputs, "metricQueries.id")]
    if len(set(ids)) < len(ids):
        yield "metricQueries: an id is there twice"
    periods, datapoints = inputs.get("evaluationPeriods"), inputs.get("datapointsToAlarm")
    if isinstance(periods, int) and isinstance(datapoints, int) and datapoints > periods:
        yield "datapointsToAlarm is above evaluationPeriods"
    for period in [*values_at(inputs, "period"), *values_at(inputs, "metricQueries.metric.period")]:
        if (
            isinstance(period, int)
            and isinstance(periods, int)
            and period * periods > (604_800 if period >= 3_600 else 86_400)
        ):
            yield "the alarm looks back more than a day"
    yield from _cloudfront_metric_problems(inputs)
    yield from _serverless_cache_metric_problems(inputs)


def _cloudfront_metric_problems(inputs: Inputs) -> Iterator[str]:
    """docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html."""
    queries = listed(inputs.get("metricQueries"))
    measured = [inputs, *(query.get("metric") for query in queries if isinstance(query, dict))]
    for metric in measured:
        if isinstance(metric, dict) and metric.get("namespace") == "AWS/CloudFront":
            dimensions = metric.get("dimensions")
            if not isinstance(dimensions, dict) or set(dimensions) != {"DistributionId", "Region"}:
                yield "a metric of CloudFront has the dimensions DistributionId and Region"
            elif dimensions["Region"] != "Global":
                yield "CloudFront's metrics have Region=Global"
            if inputs.get("region") != "us-east-1":
                yield "CloudFront's metrics are in us-east-1"


def _serverless_cache_metric_problems(inputs: Inputs) -> Iterator[str]:
    """docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html."""
    if inputs.get("namespace") == "AWS/ElastiCache":
        dimensions = inputs.get("dimensions")
        if not isinstance(dimensions, dict) or set(dimensions) != {"clusterId"}:
            yield "a metric of a serverless cache has the dimension clusterId"
        if inputs.get("metricName") not in _SERVERLESS_CACHE_METRICS:
            yield "a serverless cache has no such metric"


def dashboard(inputs: Inputs) -> Iterator[str]:
    """docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html."""
    try:
        widgets = json.loads(inputs["dashboardBody"])["widgets"]
    except (KeyError, TypeError, ValueError):
        yield "dashboardBody is not JSON with widgets"
        return
    if not 1 <= len(widgets) <= 500:
        yield "dashboardBody: 1 to 500 widgets"
    for widget in widgets:
        if widget.get("type") not in ("metric", "text", "log", "alarm", "explorer"):
            yield "dashboardBody: a widget of unknown type"
        if not (1 <= widget.get("width", 6) <= 24 and 0 <= widget.get("x", 0) <= 24 - widget.get("width", 6)):
            yield "dashboardBody: a widget is beside the grid of 24 columns"
        if not REGION.fullmatch(widget.get("properties", {}).get("region", "")):
            yield "dashboardBody: a widget without region"


def delivery_destination(inputs: Inputs) -> Iterator[str]:
    """The provider makes it optional; a destination needs it."""
    if not list(values_at(inputs, "deliveryDestinationConfiguration.destinationResourceArn")):
        yield "a delivery destination without resource"


WHOLE: dict[str, Whole] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": alarm,
    "aws:cloudwatch/dashboard:Dashboard": dashboard,
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": delivery_destination,
}
