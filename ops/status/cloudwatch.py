"""What CloudWatch tells of a CloudFront distribution."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from math import isfinite
from typing import Any

from ops.cloudfront import CloudFront
from ops.edges import EdgeError
from ops.status.edge_traffic import HOUR, EdgeTraffic

# docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html: one statistic each.
_NAMESPACE = "AWS/CloudFront"
_REGION = "us-east-1"
_METRICS = {
    "requests": ("Requests", "Sum"),
    "hits": ("CacheHitRate", "Average"),
    "client_errors": ("4xxErrorRate", "Average"),
    "server_errors": ("5xxErrorRate", "Average"),
    "origin": ("OriginLatency", "p90"),
}
_PERIOD_SECONDS = 300
_CONNECT_SECONDS, _READ_SECONDS = 5, 15
_LONGEST_MESSAGE = 300
_NONSENSE = "what answers there is not CloudWatch"
_NOT_TOLD = ("InternalError", "Forbidden")  # of one metric: then it has no values
Points = Mapping[datetime.datetime, float]


def cloudfront_traffic(edge: CloudFront, distribution_id: str, end: datetime.datetime) -> EdgeTraffic:
    """Of the hour before `end`, with credentials found as by the AWS CLI. Raises EdgeError."""
    import botocore.session  # 0.2 s, and only an edge needs it
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    config = Config(connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, retries={"total_max_attempts": 2})
    try:
        session = botocore.session.Session(profile=edge.profile)
        client: Any = session.create_client("cloudwatch", region_name=_REGION, config=config)
        return distribution_traffic(client, distribution_id, end)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code"))
        is_known = not code.isdecimal()  # else the text is the answer as it came
        raise EdgeError(str(error)[:_LONGEST_MESSAGE] if is_known else f"CloudWatch answers {code}") from None
    except BotoCoreError as error:
        raise EdgeError(str(error)[:_LONGEST_MESSAGE]) from None
    except (ResponseParserError, ValueError, TypeError, AttributeError, LookupError):  # the text is the answer's
        raise EdgeError(_NONSENSE) from None


def distribution_traffic(client: Any, distribution_id: str, end: datetime.datetime) -> EdgeTraffic:
    """As `cloudfront_traffic`, by a client of CloudWatch in us-east-1; raises botocore's errors, too."""
    dimensions = [{"Name": "DistributionId", "Value": distribution_id}, {"Name": "Region", "Value": "Global"}]
    queries = [
        {
            "Id": id_,
            "MetricStat": {
                "Metric": {"Namespace": _NAMESPACE, "MetricName": metric, "Dimensions": dimensions},
                "Period": _PERIOD_SECONDS,
                "Stat": statistic,
            },
        }
        for id_, (metric, statistic) in _METRICS.items()
    ]
    answer = client.get_metric_data(MetricDataQueries=queries, StartTime=end - HOUR, EndTime=end)
    found = {each.get("Id"): each for each in answer.get("MetricDataResults") or ()}
    if "requests" not in found:
        raise EdgeError(_NONSENSE)
    refused = sorted({each["StatusCode"] for each in found.values() if each.get("StatusCode") in _NOT_TOLD})
    if refused:
        raise EdgeError(f"CloudWatch does not tell the numbers: {', '.join(refused)}")
    points: dict[str, Points] = {id_: _points(found.get(id_, {})) for id_ in _METRICS}
    requests = points["requests"]
    return EdgeTraffic(
        edge_id=distribution_id,
        requests=round(sum(requests.values())),
        hit_ratio=_mean_ratio(points["hits"], requests),
        client_error_ratio=_mean_ratio(points["client_errors"], requests),
        server_error_ratio=_mean_ratio(points["server_errors"], requests),
        origin_p90_ms=max(points["origin"].values(), default=None),
    )


def _points(result: Mapping[str, Any]) -> Points:
    """Without what no number of requests, share or time can be."""
    pairs = zip(result.get("Timestamps") or (), result.get("Values") or (), strict=False)
    return {time: value for time, value in pairs if isfinite(value) and value >= 0}


def _mean_ratio(percentages: Points, requests: Points) -> float | None:
    """The mean of what each period tells, weighted by its requests."""
    weights = {time: requests.get(time, 0.0) for time in percentages}
    total = sum(weights.values())
    return sum(percentages[time] * weight for time, weight in weights.items()) / total / 100 if total else None
