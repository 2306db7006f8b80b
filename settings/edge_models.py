"""The edge: the CloudFront distribution in front of Kong."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from components.edge import limits

from .countries import COUNTRY
from .field_types import Choice, Decimal, Items, OriginPort, SecretText, Text, Whole
from .section import Section
from .values import (
    BUCKET_ARN,
    DOMAIN,
    EDGE_CERTIFICATE_ARN,
    EDGE_TOPIC_ARN,
    HOSTED_ZONE_ID,
    ORIGIN_DOMAIN,
    VPC_ORIGIN_ARN,
)

EdgeProvider = Literal["none", "cloudfront"]
EdgeAuthenticationMode = Literal["none", "signed-url", "jwt"]

_PUBLIC_KEY = Text(
    # The DER of a P-256 key and of a 2048-bit RSA key begin with these letters.
    r"-----BEGIN PUBLIC KEY-----\s+(?:MIIBIjANBgkqhkiG9w0BAQ|MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE)"
    r"[A-Za-z0-9+/=\s]{40,600}-----END PUBLIC KEY-----\s*",
    "a public key in PEM form (BEGIN PUBLIC KEY), RSA of 2048 bits or ECDSA P-256; CloudFront takes no other",
)
_JWT_SECRET = SecretText(
    r"[!-~]{32,256}", "32 to 256 printable ASCII characters without spaces; HS256 is as strong as its secret"
)
_CLAIM = Text(r"[!-~]{1,256}", "1 to 256 printable ASCII characters without spaces")


class VpcOriginSettings(Section):
    """A load balancer or instance of a private subnet that CloudFront reaches without the internet."""

    arn: Annotated[str, VPC_ORIGIN_ARN]
    """The ARN of the load balancer or instance in front of Kong."""


class EdgeOriginSettings(Section):
    """Where CloudFront finds Kong, and how Kong knows CloudFront."""

    domain: Annotated[str, ORIGIN_DOMAIN] | None = None
    """Kong's domain name, also the Host header of every request; by default the host of gatewayUrl."""
    protocol: Annotated[Literal["https", "http"], Choice(("https", "http"))] = "https"
    """http only for localhost; without a domain the protocol of gatewayUrl."""
    port: Annotated[int, OriginPort()] = Field(default_factory=lambda data: 80 if data["protocol"] == "http" else 443)
    """By default 443 (https) or 80 (http); without a domain the port of gatewayUrl."""
    vpc: VpcOriginSettings | None = None
    """Reach Kong in a private subnet; domain is then the name in its certificate."""
    client_certificate_arn: Annotated[str, EDGE_CERTIFICATE_ARN] | None = None
    """The client certificate that CloudFront shows Kong (mutual TLS); Kong must ask for it."""
    shield_region: Annotated[str, Choice(limits.ORIGIN_SHIELD_REGIONS, "CloudFront has Origin Shield there")] | None = (
        None
    )
    """Send all misses through one more cache in this region, the one nearest to Kong; by default not."""
    read_timeout_seconds: (
        Annotated[
            int,
            Whole(limits.MIN_READ_TIMEOUT_SECONDS, limits.MAX_READ_TIMEOUT_SECONDS, "seconds, CloudFront's"),
        ]
        | None
    ) = None
    """How long CloudFront waits for Kong; by default 5 seconds longer than Kong waits for the slowest model."""
    secret_rotation: Annotated[int, Whole(1, 1_000_000)] = 1
    """Add 1 to replace the secret by which Kong knows CloudFront; the one before stays valid until the next."""


class EdgeAuthenticationSettings(Section):
    """Who may read shared answers; CloudFront decides, because Kong never sees a request that hits."""

    mode: Annotated[EdgeAuthenticationMode, Choice(("none", "signed-url", "jwt"))] = "none"
    """none: anybody; signed-url: holders of a CloudFront signed URL; jwt: holders of an HS256 token."""
    public_keys: Annotated[
        tuple[Annotated[str, _PUBLIC_KEY], ...], Items(0, limits.MAX_PUBLIC_KEYS, "public keys")
    ] = ()
    """signed-url only: keys whose signatures count; two of them while one replaces the other."""
    secrets: Annotated[tuple[Annotated[SecretStr, _JWT_SECRET], ...], Items(0, limits.MAX_JWT_SECRETS, "secrets")] = ()
    """jwt only: secrets whose signatures count, encrypted; two of them while one replaces the other."""
    issuer: Annotated[str, _CLAIM] | None = None
    """jwt only: what the claim iss must be; by default it is not checked."""
    audience: Annotated[str, _CLAIM] | None = None
    """jwt only: what the claim aud must be or hold; by default a token with this claim is refused."""


class GeoRestrictionSettings(Section):
    """Countries whose viewers are let in, or not; exactly one of the two."""

    allow: Annotated[tuple[Annotated[str, COUNTRY], ...], Items(1, 249, "country codes")] | None = None
    """Only viewers of these countries."""
    deny: Annotated[tuple[Annotated[str, COUNTRY], ...], Items(1, 249, "country codes")] | None = None
    """All viewers but those of these countries."""


class FirewallSettings(Section):
    """The AWS WAF web ACL: AWS's managed rules, and a limit per client address."""

    enabled: bool = True
    """Off: no web ACL."""
    rate_limit_per_5_minutes: Annotated[
        int, Whole(limits.MIN_RATE_LIMIT_REQUESTS, limits.MAX_RATE_LIMIT_REQUESTS, "requests")
    ] = 2_000
    """Requests of one client address in five minutes; more is answered with 403."""
    logging: bool = True
    """Log the requests that a rule counted or blocked, without their query string."""


class EdgeLogSettings(Section):
    """Access logs, without the query string, which holds the input."""

    enabled: bool = True
    """Off: no access logs."""
    bucket_arn: Annotated[str, BUCKET_ARN] | None = None
    """An existing bucket; by default a private one is made."""
    retention_days: Annotated[int, Choice(limits.LOG_RETENTION_DAYS)] | None = Field(
        default_factory=lambda data: 30 if data["bucket_arn"] is None else None
    )
    """How long the made bucket keeps a log, 30 by default; an existing bucket has its own lifecycle."""


class AlarmSettings(Section):
    """CloudWatch alarms, and a dashboard with them."""

    enabled: bool = True
    """Off: neither alarms nor dashboard."""
    topic_arn: Annotated[str, EDGE_TOPIC_ARN] | None = None
    """Whom an alarm tells; by default it only shows."""
    minimum_hit_ratio_percent: Annotated[float, Decimal(0.01, 99.99, "percent")] = 20
    """Fewer hits than this raise the alarm."""
    minimum_requests: Annotated[int, Whole(1, 1_000_000_000, "requests")] = 1_000
    """Requests in five minutes below which the hit ratio says nothing."""
    origin_latency_ms: Annotated[int, Whole(1, 120_000, "milliseconds")] | None = None
    """The 90th percentile of Kong's time to answer that raises the alarm; by default half of the read time-out."""
    error_rate_percent: Annotated[float, Decimal(0.01, 99.99, "percent")] = 5
    """A greater share of 5xx answers raises the alarm."""


class EdgeSettings(Section):
    """The cache in front of Kong; by default there is none."""

    provider: Annotated[EdgeProvider, Choice(("none", "cloudfront"))] = "none"
    """cloudfront: a CloudFront distribution; none: callers reach Kong itself."""
    origin: EdgeOriginSettings = Field(default_factory=EdgeOriginSettings)
    """Where CloudFront finds Kong, and how Kong knows CloudFront."""
    aliases: Annotated[tuple[Annotated[str, DOMAIN], ...], Items(0, limits.MAX_ALIASES, "domain names")] = ()
    """Domain names of the edge; by default only the distribution's own. Needs certificateArn or hostedZoneId."""
    certificate_arn: Annotated[str, EDGE_CERTIFICATE_ARN] | None = None
    """An existing certificate for the aliases; their DNS records are then yours to make."""
    hosted_zone_id: Annotated[str, HOSTED_ZONE_ID] | None = None
    """The Route 53 zone of the aliases: a certificate and the DNS records are made there."""
    authentication: EdgeAuthenticationSettings = Field(default_factory=EdgeAuthenticationSettings)
    """Who may read shared answers; CloudFront decides, because Kong never sees a request that hits."""
    price_class: Annotated[
        Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"],
        Choice(("PriceClass_100", "PriceClass_200", "PriceClass_All")),
    ] = "PriceClass_100"
    """From which locations CloudFront serves."""
    geo_restriction: GeoRestrictionSettings | None = None
    """By default viewers of all countries are let in."""
    continuous_deployment_policy_id: (
        Annotated[
            str,
            Text(
                r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
                "the id of a continuous deployment policy, such as 01234567-89ab-cdef-0123-456789abcdef",
            ),
        ]
        | None
    ) = None
    """Send part of the traffic to a staging distribution by this policy."""
    http_version: Annotated[
        Literal["http1.1", "http2", "http3", "http2and3"], Choice(("http1.1", "http2", "http3", "http2and3"))
    ] = Field(default_factory=lambda data: "http2" if data["continuous_deployment_policy_id"] else "http2and3")
    """Viewers' HTTP versions besides 1.1; by default http2and3, or http2 with continuousDeploymentPolicyId."""
    firewall: FirewallSettings = Field(default_factory=FirewallSettings)
    """The AWS WAF web ACL: AWS's managed rules, and a limit per client address."""
    logs: EdgeLogSettings = Field(default_factory=EdgeLogSettings)
    """Access logs, without the query string, which holds the input."""
    alarms: AlarmSettings = Field(default_factory=AlarmSettings)
    """CloudWatch alarms, and a dashboard with them."""
    protect: bool = False
    """Refuse to delete the distribution, and keep it when the stack is destroyed."""
    wait_for_deployment: bool = True
    """Wait until every location has the change."""
