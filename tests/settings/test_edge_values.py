"""Each value of the edge and of a SageMaker endpoint by itself."""

from __future__ import annotations

from typing import Any

import pytest

from settings.countries import COUNTRY
from tests.settings.support import (
    CERTIFICATE_ARN,
    ENDPOINT_ARN,
    edge_stack,
    problems,
    sagemaker_model,
    stack,
)

TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
LOAD_BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/kong/0123456789abcdef"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0f-1"


def nested(path: str, value: Any) -> dict[str, Any]:
    *sections, last = path.split(".")
    changes: dict[str, Any] = {last: value}
    for section in reversed(sections):
        changes = {section: changes}
    return changes


def edge_at(path: str, value: Any) -> dict[str, Any]:
    """A document whose edge has ``value`` at a dotted path."""
    changes = nested(path, value)
    origin = changes.pop("origin", {})
    return edge_stack(**changes, origin=origin) if isinstance(origin, dict) else edge_stack() | {"edge": {path: value}}


def sagemaker_at(path: str, value: Any) -> dict[str, Any]:
    """A document whose model has ``value`` at a dotted path of ``sagemaker``."""
    changes = nested(path, value)
    made = {"endpointArn": None} if "endpoint" in changes else {}
    return stack(sagemaker_model(made | changes))


EDGE_ACCEPTED = [
    ("provider", "cloudfront"),
    ("origin.domain", "kong-1.example.com"),
    ("origin.port", 443),
    ("origin.port", 1024.0),
    ("origin.port", 65_535),
    ("origin.vpc.arn", LOAD_BALANCER),
    ("origin.clientCertificateArn", CERTIFICATE_ARN),
    ("origin.shieldRegion", "eu-west-1"),
    ("origin.readTimeoutSeconds", 120),
    ("origin.secretRotation", 2),
    ("priceClass", "PriceClass_All"),
    ("httpVersion", "http1.1"),
    ("geoRestriction.allow", ["DE", "CH"]),
    ("firewall.enabled", False),
    ("firewall.rateLimitPer5Minutes", 10),
    ("firewall.logging", False),
    ("logs.enabled", False),
    ("logs.bucketArn", "arn:aws:s3:::edge-logs"),
    ("logs.retentionDays", 3653),
    ("alarms.enabled", False),
    ("alarms.topicArn", TOPIC),
    ("alarms.minimumHitRatioPercent", 0.5),
    ("alarms.minimumRequests", 1),
    ("alarms.originLatencyMs", 500),
    ("alarms.errorRatePercent", 99),
    ("protect", True),
    ("waitForDeployment", False),
]
EDGE_REFUSED = [
    ("provider", "gcp"),
    ("origin", "kong.example.com"),
    *(
        ("origin.domain", name)
        for name in ("Kong.example.com", "kong", "https://kong.example.com", "a.example.com:443")
    ),
    *(("origin.domain", name) for name in ("127.0.0.1", "::1", "*.example.com", "kong.example.com.", "")),
    *(("origin.port", port) for port in (0, 22, 1023, 65_536, "443", True, None, 443.5)),
    ("origin.protocol", "HTTPS"),
    ("origin.vpc.arn", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/kong/0123456789abcdef"),
    ("origin.vpc", {}),
    ("origin.clientCertificateArn", CERTIFICATE),
    ("origin.shieldRegion", "eu-west-3"),
    ("origin.readTimeoutSeconds", 0),
    ("origin.readTimeoutSeconds", 121),
    ("origin.secretRotation", 0),
    ("origin.secretRotation", -1),
    ("origin.path", "/base"),
    ("aliases", "predict.example.com"),
    ("aliases", ["*.example.com"]),
    ("aliases", ["predict"]),
    ("certificateArn", CERTIFICATE),
    ("certificateArn", "arn:aws:iam::123456789012:server-certificate/x"),
    ("hostedZoneId", "/hostedzone/Z123"),
    ("hostedZoneId", "example.com"),
    ("authentication.mode", "oauth"),
    ("authentication.publicKeys", ["-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"]),
    ("priceClass", "PriceClass_300"),
    ("priceClass", 100),
    ("httpVersion", "HTTP/2"),
    ("httpVersion", 2),
    ("geoRestriction.allow", []),
    ("geoRestriction.deny", ["de"]),
    ("geoRestriction.deny", ["DEU"]),
    ("geoRestriction.deny", ["XX"]),
    ("geoRestriction.deny", ["DE", "DE"]),
    ("continuousDeploymentPolicyId", "policy"),
    ("firewall.rateLimitPer5Minutes", 9),
    ("logs.bucketArn", "edge-logs"),
    ("logs.retentionDays", 31),
    ("alarms.topicArn", "arn:aws:sns:eu-west-1:123456789012:alerts"),
    ("alarms.topicArn", "alerts"),
    ("alarms.minimumHitRatioPercent", 0),
    ("alarms.errorRatePercent", 100),
    ("alarms.originLatencyMs", 0),
    ("protect", "yes"),
    ("forwardedValues", {}),
]
SAGEMAKER_ACCEPTED = [
    ("endpointArn", ENDPOINT_ARN.replace("aws", "aws-cn").replace("eu-west-1", "cn-north-1")),
    ("endpoint.configName", "digits-7"),
    ("endpoint", {"configName": "d", "name": "D-1"}),
    ("endpoint", {"configName": "d", "deployment": {"enabled": False}}),
    ("endpoint", {"configName": "d", "deployment": {"bakeSeconds": 0, "terminationWaitSeconds": 3600}}),
    ("endpoint", {"configName": "d", "deployment": {"rollbackAlarms": ["digits 5xx"]}}),
    ("targetVariant", "AllTraffic"),
    ("contentTypes", ["application/json", "text/csv", "application/vnd.api+json"]),
    ("timeoutSeconds", 60),
    ("throttle", {"ratePerSecond": 1, "burst": 1_000_000}),
    ("quotaPerDay", 1),
    ("quotaPerDay", None),
    ("tracing", True),
    ("logs", {"enabled": False}),
    ("logs.retentionDays", 365),
    ("customDomain", {"name": "m.example.com", "certificateArn": CERTIFICATE, "hostedZoneId": "Z1A"}),
    ("private.vpcEndpointIds", ["vpce-01234567", "vpce-0123456789abcdef0"]),
]
SAGEMAKER_REFUSED = [
    ("endpointArn", "digits"),
    ("endpointArn", ENDPOINT_ARN + "/invocations"),
    ("endpointArn", ENDPOINT_ARN.replace("123456789012", "1234")),
    ("endpoint.configName", "digits_7"),
    ("endpoint.configName", "d" * 64),
    ("endpoint", {"configName": "d", "deployment": {"canaryPercent": 51}}),
    ("endpoint", {"configName": "d", "deployment": {"rollbackAlarms": [" "]}}),
    ("targetVariant", "-blue"),
    ("variants", ["blue", "blue"]),
    ("contentTypes", []),
    ("contentTypes", ["application/json; charset=utf-8"]),
    ("timeoutSeconds", 0),
    ("timeoutSeconds", 61),
    ("throttle.ratePerSecond", 0),
    ("throttle.burst", 1_000_001),
    ("quotaPerDay", 0),
    ("tracing", "on"),
    ("logs.retentionDays", 2),
    ("customDomain", {"name": "m.example.com"}),
    ("customDomain", {"name": "m.example.com", "certificateArn": "arn:aws:acm:eu-west-1:1:certificate/0"}),
    ("private.vpcEndpointIds", []),
    ("private.vpcEndpointIds", ["vpc-0123456789abcdef0"]),
    ("url", "https://runtime.sagemaker.eu-west-1.amazonaws.com"),
]


@pytest.mark.parametrize(("path", "value"), EDGE_ACCEPTED)
def test_an_edge_accepts(path: str, value: Any) -> None:
    assert problems(edge_at(path, value)) == []


@pytest.mark.parametrize(("path", "value"), EDGE_REFUSED)
def test_an_edge_refuses_once_and_at_its_path(path: str, value: Any) -> None:
    (problem,) = problems(edge_at(path, value))
    assert problem.startswith(f"edge.{path}")


@pytest.mark.parametrize(("path", "value"), SAGEMAKER_ACCEPTED)
def test_sagemaker_accepts(path: str, value: Any) -> None:
    assert problems(sagemaker_at(path, value)) == []


@pytest.mark.parametrize(("path", "value"), SAGEMAKER_REFUSED)
def test_sagemaker_refuses_once_and_at_its_path(path: str, value: Any) -> None:
    (problem,) = problems(sagemaker_at(path, value))
    assert problem.startswith(f"models[0].sagemaker.{path}")


def test_there_are_249_countries() -> None:
    codes = COUNTRY.pattern.split("|")
    assert len(codes) == 249
    assert codes == sorted(set(codes))
