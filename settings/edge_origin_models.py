"""Where the edge finds Kong, and how Kong knows its edge."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.edge import limits

from .by_provider import ByProvider
from .field_types import Choice, OriginPort, Whole
from .section import Section
from .values import EDGE_CERTIFICATE_ARN, GOOGLE_REGION, ORIGIN_DOMAIN, VPC_ORIGIN_ARN

_ANY_PORT = Whole(1, limits.MAX_HIGH_ORIGIN_PORT)


class VpcOriginSettings(Section):
    """A load balancer or instance of a private subnet that CloudFront reaches without the internet."""

    arn: Annotated[str, VPC_ORIGIN_ARN]
    """The ARN of the load balancer or instance in front of Kong."""


class EdgeOriginSettings(Section):
    """Where the edge finds Kong, and how Kong knows the edge."""

    domain: Annotated[str, ORIGIN_DOMAIN] | None = None
    """Kong's domain name, also the Host header of every request; by default the host of gatewayUrl."""
    protocol: Annotated[Literal["https", "http"], Choice(("https", "http"))] = "https"
    """http only for localhost; without a domain the protocol of gatewayUrl."""
    port: Annotated[int, ByProvider(cloudfront=OriginPort(), media_cdn=_ANY_PORT, cloud_cdn=_ANY_PORT)] = Field(
        default_factory=lambda data: 80 if data["protocol"] == "http" else 443
    )
    """By default 443 (https) or 80 (http); without a domain the port of gatewayUrl."""
    vpc: VpcOriginSettings | None = None
    """Reach Kong in a private subnet; domain is then the name in its certificate."""
    client_certificate_arn: Annotated[str, EDGE_CERTIFICATE_ARN] | None = None
    """The client certificate that CloudFront shows Kong (mutual TLS); Kong must ask for it."""
    shield_region: (
        Annotated[
            str,
            ByProvider(
                cloudfront=Choice(limits.ORIGIN_SHIELD_REGIONS, "CloudFront has Origin Shield there"),
                media_cdn=GOOGLE_REGION,
            ),
        ]
        | None
    ) = None
    """Send all misses through one more cache in this region, the one nearest to Kong; by default not."""
    read_timeout_seconds: (
        Annotated[
            int,
            ByProvider(
                cloudfront=Whole(
                    limits.MIN_READ_TIMEOUT_SECONDS, limits.MAX_READ_TIMEOUT_SECONDS, "seconds, CloudFront's"
                ),
                media_cdn=Whole(1, limits.MEDIA_CDN_MAX_TIMEOUT_SECONDS, "seconds, Media CDN's"),
                cloud_cdn=Whole(1, limits.CLOUD_CDN_MAX_TIMEOUT_SECONDS, "seconds, Cloud CDN's"),
            ),
        ]
        | None
    ) = None
    """How long the edge waits for Kong; by default, where it may, 5 seconds longer than Kong for the slowest model."""
    secret_rotation: Annotated[int, Whole(1, 1_000_000)] = 1
    """Add 1 to replace the secret by which Kong knows the edge; the one before stays valid until the next."""
