"""Arguments of the edge's components, and their defaults in one place."""

from enum import Enum
from typing import NotRequired, TypedDict

import pulumi

from ..gateway.arguments import CorsArgs


class AuthenticationMode(str, Enum):
    """Who may read a shareable model's answers at the edge: anybody, holders of a signed URL, or of a JWT."""

    NONE = "none"
    SIGNED_URL = "signed-url"
    JWT = "jwt"


class OriginSecretArgs(TypedDict):
    rotation: int
    """Add 1 to make a new secret current; the one before stays accepted."""


class EdgeRouteArgs(TypedDict):
    model: str
    """The model's name."""
    path: pulumi.Input[str]
    """The exact path on the gateway."""
    shareable: bool
    """Whether an answer to one caller may be given to another: only then GET is cached at the edge."""
    version_token: NotRequired[pulumi.Input[str]]
    """The gateway's token of the deployed version, 32 hex digits; shareable models need it."""
    ttl_seconds: NotRequired[pulumi.Input[int]]
    """How long an answer may be served; shareable models need it."""
    key_headers: NotRequired[list[str]]
    """Request headers that change the answer, in lower case: they are part of the edge's key."""
    cors: NotRequired[CorsArgs]
    """By default browsers of other origins are not allowed."""
    timeout_seconds: NotRequired[float]
    """The longest that the gateway takes to answer: connecting to the model and reading from it."""


class VpcOriginArgs(TypedDict):
    arn: pulumi.Input[str]
    """ARN of the private load balancer or instance that runs the gateway."""
    name: NotRequired[str]
    """Name of the VPC origin; by default of project, stack and component."""


class EdgeOriginArgs(TypedDict):
    domain: pulumi.Input[str]
    """The gateway's host name; its certificate must be for this name."""
    port: NotRequired[int]
    """By default 443, with http 80."""
    protocol: NotRequired[str]
    """https, or http for an origin on localhost."""
    vpc: NotRequired[VpcOriginArgs]
    """Reach the gateway inside a VPC, without any public address."""
    client_certificate_arn: NotRequired[pulumi.Input[str]]
    """ACM certificate (us-east-1) that CloudFront shows the gateway; not with `vpc`."""
    shield_region: NotRequired[str]
    """Region of the Origin Shield, the one nearest to the gateway; by default none."""
    read_timeout_seconds: NotRequired[int]
    """How long CloudFront waits for the gateway; by default 5 seconds more than the slowest route."""


class EdgeAuthenticationArgs(TypedDict):
    mode: NotRequired[AuthenticationMode]
    """By default none."""
    public_keys: NotRequired[list[str]]
    """signed-url: PEM public keys; two while one replaces the other."""
    secrets: NotRequired[list[pulumi.Input[str]]]
    """jwt: HS256 secrets of at least 32 bytes; two while one replaces the other."""
    issuer: NotRequired[str]
    """jwt: the `iss` that a token must have."""
    audience: NotRequired[str]
    """jwt: the `aud` that a token must have; without it, tokens for a certain audience are refused."""


class FirewallArgs(TypedDict):
    enabled: NotRequired[bool]
    """By default on."""
    rate_limit_per_5_minutes: NotRequired[int]
    """Requests of one address in 5 minutes; by default 2000."""
    logging: NotRequired[bool]
    """By default on, without query strings and credentials."""


class AccessLogArgs(TypedDict):
    enabled: NotRequired[bool]
    """By default on, without query strings: they hold the inputs."""
    bucket_arn: NotRequired[pulumi.Input[str]]
    """Bucket that accepts log delivery; by default a private one is made."""
    retention_days: NotRequired[int]
    """How long logs are kept; by default 30."""


class AlarmArgs(TypedDict):
    enabled: NotRequired[bool]
    """Alarms, the metrics they need (billed) and a dashboard; by default on."""
    topic_arn: NotRequired[pulumi.Input[str]]
    """SNS topic in us-east-1 that is told; by default nobody is."""
    minimum_hit_ratio_percent: NotRequired[float]
    """By default 20."""
    minimum_requests: NotRequired[int]
    """Requests in 5 minutes from which on the hit ratio counts; by default 1000."""
    origin_latency_ms: NotRequired[int]
    """Of the slowest tenth of the gateway's answers; by default half of the read timeout."""
    error_rate_percent: NotRequired[float]
    """Share of 5xx answers; by default 5."""


class GeoRestrictionArgs(TypedDict):
    allow: NotRequired[list[str]]
    """Countries (ISO 3166-1 alpha-2) that alone are served."""
    deny: NotRequired[list[str]]
    """Countries that are not served; not with `allow`."""


class CloudFrontArgs(TypedDict):
    origin: EdgeOriginArgs
    """Where the gateway is."""
    aliases: NotRequired[list[str]]
    """Host names of the edge; they need `certificate_arn` or `hosted_zone_id`."""
    certificate_arn: NotRequired[pulumi.Input[str]]
    """ACM certificate in us-east-1 for the aliases, whose DNS is then up to you."""
    hosted_zone_id: NotRequired[pulumi.Input[str]]
    """Route 53 zone of the aliases: certificate and records are made."""
    price_class: NotRequired[str]
    """PriceClass_100 (the default), PriceClass_200 or PriceClass_All: where answers are kept."""
    http_version: NotRequired[str]
    """http1.1, http2, http3 or http2and3; by default http2and3, with continuous deployment http2."""
    geo_restriction: NotRequired[GeoRestrictionArgs]
    """By default every country is served."""
    continuous_deployment_policy_id: NotRequired[pulumi.Input[str]]
    """A continuous deployment policy, which knows no HTTP/3."""
    authentication: NotRequired[EdgeAuthenticationArgs]
    """Who may read shareable answers."""
    firewall: NotRequired[FirewallArgs]
    """AWS WAF in front of the cache."""
    logs: NotRequired[AccessLogArgs]
    """Access logs (v2)."""
    alarms: NotRequired[AlarmArgs]
    """Alarms and a dashboard."""
    protect: NotRequired[bool]
    """Refuse to delete the distribution, the certificate and the logs. A distribution that is let go of all the same is
    only disabled."""
    wait_for_deployment: NotRequired[bool]
    """End a deployment only when every location has it; by default on."""


class CloudFrontEdgeArgs(CloudFrontArgs):
    routes: list[EdgeRouteArgs]
    """The gateway's routes; every other path is answered with 404."""
    origin_secret: pulumi.Input[str]
    """Value of X-Origin-Verify, by which the gateway knows its edge; a secret."""


US_EAST_1 = "us-east-1"  # where CloudFront's certificates, firewalls, logs and metrics are
ORIGIN_VERIFY_HEADER = "X-Origin-Verify"
MODEL_VERSION_HEADER = "X-Model-Version"
CACHE_TAG_HEADER = "Cache-Tag"
INPUT_PARAMETER = "input"
PORTS = {"https": 443, "http": 80}
LOCALHOST = ("localhost", "127.0.0.1", "::1")
ROUTE_TIMEOUT_SECONDS = 65.0  # the gateway's defaults: 5 to connect, 60 to read
TIMEOUT_MARGIN_SECONDS = 5  # the edge waits longer than the gateway, which knows what went wrong
PRICE_CLASSES = ("PriceClass_100", "PriceClass_200", "PriceClass_All")
HTTP_VERSIONS = ("http1.1", "http2", "http3", "http2and3")
RATE_LIMIT_PER_5_MINUTES = 2_000
RETENTION_DAYS = 30
MINIMUM_HIT_RATIO_PERCENT = 20
MINIMUM_REQUESTS = 1_000
ERROR_RATE_PERCENT = 5
