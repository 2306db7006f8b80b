"""CloudFront: how viewers reach it and how it reaches the origin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from .cloudfront_types import DISTRIBUTION, VPC_ORIGIN, behaviors
from .places import PRODUCTION, is_loopback, is_production
from .reading import get, given, items, number, where_known
from .rule import Resource, Settings, resource_rule

# From the oldest to the newest: DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
VIEWER_TLS = (
    "SSLv3",
    "TLSv1",
    "TLSv1_2016",
    "TLSv1.1_2016",
    "TLSv1.2_2018",
    "TLSv1.2_2019",
    "TLSv1.2_2021",
    "TLSv1.2_2025",
    "TLSv1.3_2025",
)
_VIEWER_TLS_DEFAULT = "TLSv1"
_OLD_ORIGIN_TLS = ("SSLv3", "TLSv1", "TLSv1.1")
_DEFAULT_ATTEMPTS = 3
_DEFAULT_READ_SECONDS = 30


@resource_rule(
    "cloudfront-viewer-tls",
    DISTRIBUTION,
    description="Viewers connect by TLS of the floor or newer.",
    mend="set viewerCertificate.minimumProtocolVersion to TLSv1.2_2025",
    severity=Severity.HIGH,
    config={
        "minimum": {
            "type": "string",
            "enum": list(VIEWER_TLS),
            "default": "TLSv1.2_2021",
            "description": "The oldest security policy.",
        }
    },
)
def viewer_tls(resource: Resource, settings: Settings) -> Iterator[str]:
    """CloudFront's own certificate has no floor: cloudfront-default-certificate."""
    certificate = get(resource.props, "viewerCertificate", default={})
    if get(certificate, "cloudfrontDefaultCertificate") is True or not certificate:
        return
    least = get(certificate, "minimumProtocolVersion", default=_VIEWER_TLS_DEFAULT)
    if least in VIEWER_TLS and VIEWER_TLS.index(least) < VIEWER_TLS.index(settings["minimum"]):
        yield f"lets viewers connect by {least}, older than {settings['minimum']}"


@resource_rule(
    "cloudfront-default-certificate",
    DISTRIBUTION,
    description="A production distribution has a certificate of its own.",
    mend="give it aliases and a certificate of ACM in us-east-1",
    severity=Severity.HIGH,
    config={"productionStacks": PRODUCTION},
)
def default_certificate(resource: Resource, settings: Settings) -> Iterator[str]:
    """With CloudFront's own, viewers may connect by TLS 1.0 whatever else is set."""
    certificate = get(resource.props, "viewerCertificate", default={})
    own = given(certificate, "acmCertificateArn") or given(certificate, "iamCertificateId")
    if not own and is_production(resource.urn, settings["productionStacks"]):
        yield "has CloudFront's default certificate, with which viewers may connect by TLS 1.0"


@resource_rule(
    "cloudfront-https-viewers",
    DISTRIBUTION,
    description="Viewers use HTTPS alone.",
    mend="set viewerProtocolPolicy to https-only",
    severity=Severity.HIGH,
    config={
        "allowed": {
            "type": "array",
            "items": {"type": "string", "enum": ["https-only", "redirect-to-https", "allow-all"]},
            "default": ["https-only"],
            "description": "Viewer protocol policies that will do.",
        }
    },
)
def https_viewers(resource: Resource, settings: Settings) -> Iterator[str]:
    """A redirect comes after question and credentials were sent in clear."""
    for _, what, behavior in behaviors(resource):
        with where_known():
            policy = get(behavior, "viewerProtocolPolicy")
            if policy not in settings["allowed"]:
                reason = " (a redirect comes after the question was sent)" if policy == "redirect-to-https" else ""
                yield f"takes requests in clear{reason} by {what}"


@resource_rule(
    "cloudfront-https-origin",
    DISTRIBUTION,
    VPC_ORIGIN,
    description="CloudFront reaches origins by HTTPS and TLS 1.2 or newer.",
    mend="set originProtocolPolicy to https-only and originSslProtocols to [TLSv1.2]",
    severity=Severity.HIGH,
)
def https_origin(resource: Resource, _: Settings) -> Iterator[str]:
    """An origin on this machine is for trying out."""
    if resource.resource_type == VPC_ORIGIN:
        config = get(resource.props, "vpcOriginEndpointConfig", default={})
        yield from _origin_problems(config, items(config, "originSslProtocols", "items"), "its origin")
        return
    for place, origin in enumerate(items(resource.props, "origins"), start=1):
        with where_known():
            config = get(origin, "customOriginConfig")
            if config is not None and not is_loopback(str(get(origin, "domainName", default=""))):
                yield from _origin_problems(config, items(config, "originSslProtocols"), f"origin {place}")


@resource_rule(
    "cloudfront-no-retries",
    DISTRIBUTION,
    description="CloudFront asks a slow model once.",
    mend="set connectionAttempts to 1",
    severity=Severity.MEDIUM,
    config={
        "slowSeconds": {
            "type": "integer",
            "minimum": 1,
            "default": 10,
            "description": "An origin that CloudFront waits this long for is slow.",
        }
    },
)
def no_retries(resource: Resource, settings: Settings) -> Iterator[str]:
    """The attempts to connect are also those to get an answer: each is a prediction that somebody pays."""
    for place, origin in enumerate(items(resource.props, "origins"), start=1):
        with where_known():
            config = get(origin, "customOriginConfig") or get(origin, "vpcOriginConfig")
            if config is None:
                continue
            attempts = number(get(origin, "connectionAttempts", default=_DEFAULT_ATTEMPTS)) or 1
            seconds = number(get(config, "originReadTimeout", default=_DEFAULT_READ_SECONDS)) or 0
            if attempts > 1 and seconds >= settings["slowSeconds"]:
                yield f"asks origin {place} up to {attempts:.12g} times, each time for up to {seconds:.12g} seconds"


@resource_rule(
    "cloudfront-origin-lock",
    DISTRIBUTION,
    description="Origins answer to this distribution alone.",
    mend="send a secret custom header that the origin asks for, or use a VPC origin, mTLS or origin access control",
    severity=Severity.HIGH,
    config={
        "lockHeaders": {
            "type": "string",
            "default": "verify|secret|token|api-?key|auth",
            "description": "Regular expression of the names of custom headers that hold a secret; case is ignored.",
        }
    },
)
def origin_lock(resource: Resource, settings: Settings) -> Iterator[str]:
    """Otherwise everybody gets past the firewall, the cache and the edge's authentication."""
    for place, origin in enumerate(items(resource.props, "origins"), start=1):
        with where_known():
            if not _is_locked(origin, settings["lockHeaders"]):
                yield f"has nothing by which origin {place} could tell it from anybody else"


def _origin_problems(config: Any, protocols: list[Any], what: str) -> Iterator[str]:
    if get(config, "originProtocolPolicy") != "https-only":
        yield f"may send requests to {what} in clear"
    old = [protocol for protocol in protocols if protocol in _OLD_ORIGIN_TLS]
    if old:
        yield f"may reach {what} by {' and '.join(old)}"


def _is_locked(origin: Any, pattern: str) -> bool:
    ways = ("vpcOriginConfig", "originAccessControlId", "s3OriginConfig")
    if any(given(origin, way) for way in ways) or given(get(origin, "customOriginConfig"), "originMtlsConfig"):
        return True
    names = [str(get(header, "name")) for header in items(origin, "customHeaders")]
    return any(re.search(pattern, name, re.IGNORECASE) for name in names)


RULES = [viewer_tls, default_certificate, https_viewers, https_origin, no_retries, origin_lock]
