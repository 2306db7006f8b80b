"""What is asked of CloudWatch, and what its answers mean."""

from __future__ import annotations

import datetime
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from ops.cloudfront import CloudFront
from ops.edges import EdgeError
from ops.status.cloudwatch import cloudfront_traffic, distribution_traffic
from ops.status.edge_traffic import EdgeTraffic
from tests.ops.status.hostile import hostile

END = datetime.datetime(2026, 11, 22, 10, 30, tzinfo=datetime.UTC)
TIMES = [END - datetime.timedelta(minutes=5 * back) for back in (1, 2, 3)]
STATISTICS = {
    "Requests": "Sum",
    "CacheHitRate": "Average",
    "4xxErrorRate": "Average",
    "5xxErrorRate": "Average",
    "OriginLatency": "p90",
}
IDS = ("requests", "hits", "client_errors", "server_errors", "origin")


def client() -> Any:
    session = botocore.session.Session()
    return session.create_client(
        "cloudwatch", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


def asked() -> dict[str, Any]:
    dimensions = [{"Name": "DistributionId", "Value": "E1EXAMPLE"}, {"Name": "Region", "Value": "Global"}]
    queries = [
        {
            "Id": id_,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/CloudFront", "MetricName": metric, "Dimensions": dimensions},
                "Period": 300,
                "Stat": statistic,
            },
        }
        for id_, (metric, statistic) in zip(IDS, STATISTICS.items(), strict=True)
    ]
    return {"MetricDataQueries": queries, "StartTime": END - datetime.timedelta(hours=1), "EndTime": END}


def traffic(**values: list[float]) -> EdgeTraffic:
    results = [{"Id": id_, "Timestamps": TIMES[: len(row)], "Values": row} for id_, row in values.items()]
    cloudwatch = client()
    with Stubber(cloudwatch) as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": results}, asked())
        found = distribution_traffic(cloudwatch, "E1EXAMPLE", END)
        stub.assert_no_pending_responses()
    return found


def test_ratios_are_weighted_by_the_requests_of_their_time() -> None:
    found = traffic(
        requests=[900.0, 100.0, 0.0],
        hits=[90.0, 10.0, 0.0],
        client_errors=[0.0, 10.0],
        server_errors=[1.0, 0.0],
        origin=[20.0, 480.0, 35.0],
    )
    assert (found.edge_id, found.requests, found.origin_p90_ms) == ("E1EXAMPLE", 1000, 480.0)
    assert found.hit_ratio == pytest.approx(0.82)
    assert found.client_error_ratio == pytest.approx(0.01)
    assert found.server_error_ratio == pytest.approx(0.009)


def test_without_the_additional_metrics_the_hit_ratio_is_unknown() -> None:
    found = traffic(requests=[900.0], hits=[], client_errors=[0.0], server_errors=[0.0], origin=[])
    assert (found.requests, found.hit_ratio, found.origin_p90_ms) == (900, None, None)


def test_a_distribution_without_requests() -> None:
    found = traffic(requests=[])
    assert (found.requests, found.hit_ratio, found.client_error_ratio) == (0, None, None)


def test_a_missing_right_is_raised() -> None:
    cloudwatch = client()
    with Stubber(cloudwatch) as stub, pytest.raises(ClientError, match="cloudwatch:GetMetricData"):
        stub.add_client_error("get_metric_data", "AccessDenied", "not authorized to perform: cloudwatch:GetMetricData")
        distribution_traffic(cloudwatch, "E1EXAMPLE", END)


@pytest.mark.usefixtures("no_credentials")
def test_missing_credentials_are_told() -> None:
    with pytest.raises(EdgeError, match="Unable to locate credentials"):
        cloudfront_traffic(CloudFront(), "E1EXAMPLE", END)


@pytest.mark.usefixtures("no_credentials")
def test_a_profile_that_there_is_not_is_told() -> None:
    with pytest.raises(EdgeError, match="The config profile .nobody. could not be found"):
        cloudfront_traffic(CloudFront(profile="nobody"), "E1EXAMPLE", END)


@pytest.fixture
def made_up_credentials(no_credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")


@pytest.mark.usefixtures("made_up_credentials")
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>s3cret"),
        (200, b""),
        (200, b"[1]"),
        (200, b"null"),
        (200, b'{"MetricDataResults": 7}'),
        (200, b'{"MetricDataResults": []}'),
        (200, b'{"MetricDataResults": [7]}'),
        (200, b'{"MetricDataResults": [{"Id": "requests", "Values": ["many"], "Timestamps": ["soon"]}]}'),
        (302, b""),
        (400, b"<html>s3cret"),
        (403, b'{"__type": "AccessDenied", "message": "not authorized"}'),
        (500, b"s3cret"),
        (503, b""),
    ],
)
def test_an_error_or_nonsense_over_http_is_told(monkeypatch: pytest.MonkeyPatch, status: int, body: bytes) -> None:
    head = b"HTTP/1.1 %d x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(body))
    with hostile(head + body) as uri:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", uri)
        with pytest.raises(EdgeError) as told:
            cloudfront_traffic(CloudFront(), "E1EXAMPLE", END)
    assert str(told.value) and "s3cret" not in str(told.value)


def test_values_that_no_number_of_requests_can_be_count_nothing() -> None:
    found = traffic(requests=[float("nan"), -5.0, 30.0], hits=[50.0, 50.0, 20.0], origin=[float("inf"), -1.0])
    assert (found.requests, found.hit_ratio, found.origin_p90_ms) == (30, 0.2, None)


@pytest.mark.parametrize("code", ["InternalError", "Forbidden"])
def test_a_metric_that_is_not_told_is_not_taken_for_none(code: str) -> None:
    cloudwatch = client()
    results = [{"Id": id_, "StatusCode": code} for id_ in IDS]
    with Stubber(cloudwatch) as stub, pytest.raises(EdgeError, match=f"does not tell the numbers: {code}"):
        stub.add_response("get_metric_data", {"MetricDataResults": results}, asked())
        distribution_traffic(cloudwatch, "E1EXAMPLE", END)
