"""Each value of an edge of Google by itself, and values that each provider takes in its own way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.settings.support import CERTIFICATE_ARN, google_stack, problems
from tests.settings.test_edge_values import nested

CERTIFICATE_ID = "projects/shop/locations/global/certificates/predict"
CHANNEL = "projects/shop/notificationChannels/1234567890"
BOTH = ("media-cdn", "cloud-cdn")


def google_at(provider: str, path: str, value: Any) -> dict[str, Any]:
    """A document whose edge of Google has ``value`` at a dotted path."""
    changes = nested(path, value)
    if "certificateIds" in changes:
        changes["dnsZone"] = None
    origin = changes.pop("origin", {})
    return google_stack(provider, origin=origin, **changes)


def _for(providers: tuple[str, ...], *values: tuple[str, Any]) -> list[tuple[str, str, Any]]:
    return [(provider, path, value) for path, value in values for provider in providers]


GOOGLE_ACCEPTED = [
    *_for(
        BOTH,
        ("origin.domain", "kong-1.example.com"),
        ("origin.port", 1),
        ("origin.port", 8443.0),
        ("origin.secretRotation", 2),
        ("origin.readTimeoutSeconds", 15),
        ("aliases", ["predict.example.com", "b.example.com"]),
        ("certificateIds", [CERTIFICATE_ID]),
        ("dnsZone", "example-com"),
        ("authentication.mode", "none"),
        ("geoRestriction.deny", ["DE", "CH"]),
        ("logs.enabled", False),
        ("logs.sampleRate", 0),
        ("logs.sampleRate", 0.01),
        ("alarms.enabled", False),
        ("alarms.notificationChannels", [CHANNEL]),
        ("alarms.minimumHitRatioPercent", 0.5),
        ("alarms.originLatencyMs", 500),
        ("protect", True),
    ),
    ("media-cdn", "origin.shieldRegion", "europe-west3"),
    ("cloud-cdn", "origin.readTimeoutSeconds", 86_400),
    ("cloud-cdn", "firewall.enabled", False),
    ("cloud-cdn", "firewall.rateLimitPer5Minutes", 1),
]
GOOGLE_REFUSED = [
    *_for(
        BOTH,
        *(("origin.domain", name) for name in ("Kong.example.com", "kong", "127.0.0.1", "kong.example.com:443", "")),
        ("origin.port", 0),
        ("origin.port", 65_536),
        ("aliases", ["*.example.com"]),
        ("aliases", ["predict.example.1"]),
        ("aliases", ["predict.example.c"]),
        ("certificateIds", ["predict"]),
        ("certificateIds", [CERTIFICATE_ARN]),
        ("certificateIds", [CERTIFICATE_ID.replace("global", "europe-west3")]),
        ("dnsZone", "example.com"),
        ("dnsZone", "Z0123456789ABCDEFGHIJ"),
        ("authentication.mode", "jwt"),
        ("logs.sampleRate", 1.1),
        ("logs.sampleRate", "1"),
        ("alarms.notificationChannels", ["alerts@example.com"]),
        ("alarms.notificationChannels", [CHANNEL, CHANNEL]),
        # CloudFront's, each also where it is CloudFront's default
        ("origin.vpc", {"arn": "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"}),
        ("origin.clientCertificateArn", CERTIFICATE_ARN),
        ("authentication.issuer", "https://id.example.com"),
        ("authentication.audience", "predict"),
        ("priceClass", "PriceClass_100"),
        ("httpVersion", "http2and3"),
        ("continuousDeploymentPolicyId", "01234567-89ab-cdef-0123-456789abcdef"),
        ("logs.bucketArn", "arn:aws:s3:::edge-logs"),
        ("logs.retentionDays", 30),
        ("alarms.topicArn", "arn:aws:sns:us-east-1:123456789012:alerts"),
        ("waitForDeployment", True),
    ),
    ("media-cdn", "origin.readTimeoutSeconds", 16),
    ("media-cdn", "origin.shieldRegion", "eu-west-1"),
    ("media-cdn", "firewall", {"enabled": True}),
    ("cloud-cdn", "origin.readTimeoutSeconds", 86_401),
    ("cloud-cdn", "origin.shieldRegion", "europe-west3"),
    ("cloud-cdn", "authentication.mode", "signed-url"),
    ("cloud-cdn", "firewall.logging", True),
    ("cloud-cdn", "firewall.rateLimitPer5Minutes", 1_000_001),
]


@pytest.mark.parametrize(("provider", "path", "value"), GOOGLE_ACCEPTED)
def test_an_edge_of_google_accepts(provider: str, path: str, value: Any) -> None:
    assert problems(google_at(provider, path, value)) == []


@pytest.mark.parametrize(("provider", "path", "value"), GOOGLE_REFUSED)
def test_an_edge_of_google_refuses_once_and_at_its_path(provider: str, path: str, value: Any) -> None:
    (problem,) = problems(google_at(provider, path, value))
    assert problem.startswith(f"edge.{path}")
