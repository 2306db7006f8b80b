"""The edge: the CDN in front of Kong. Its larger sections have modules of their own: ``edge_*_models.py``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.edge import limits

from .edge_authentication_models import EdgeAuthenticationSettings
from .edge_operation_models import AlarmSettings, EdgeLogSettings, FirewallSettings, GeoRestrictionSettings
from .edge_origin_models import EdgeOriginSettings
from .edge_providers import EDGE_PROVIDERS, EdgeProvider
from .field_types import Choice, Items, Text
from .section import Section
from .values import CERTIFICATE_ID, DNS_ZONE, DOMAIN, EDGE_CERTIFICATE_ARN, HOSTED_ZONE_ID


class EdgeSettings(Section):
    """The cache in front of Kong; by default there is none."""

    provider: Annotated[EdgeProvider, Choice(("none", *EDGE_PROVIDERS))] = "none"
    """cloudfront: a CloudFront distribution; media-cdn, cloud-cdn: Google's; none: callers reach Kong itself."""
    origin: EdgeOriginSettings = Field(default_factory=EdgeOriginSettings)
    """Where the edge finds Kong, and how Kong knows the edge."""
    aliases: Annotated[tuple[Annotated[str, DOMAIN], ...], Items(0, limits.MAX_ALIASES, "domain names")] = ()
    """Domain names of the edge; CloudFront also has one of its own. They need a certificate or a zone to make it in."""
    certificate_arn: Annotated[str, EDGE_CERTIFICATE_ARN] | None = None
    """An existing certificate for the aliases; their DNS records are then yours to make."""
    hosted_zone_id: Annotated[str, HOSTED_ZONE_ID] | None = None
    """The Route 53 zone of the aliases: a certificate and the DNS records are made there."""
    certificate_ids: Annotated[
        tuple[Annotated[str, CERTIFICATE_ID], ...], Items(0, limits.CLOUD_CDN_CERTIFICATES, "certificates")
    ] = ()
    """Existing certificates, with media-cdn at most 5 and of scope EDGE_CACHE; DNS records are then yours to make."""
    dns_zone: Annotated[str, DNS_ZONE] | None = None
    """The Cloud DNS zone of the aliases: a certificate and the DNS records are made there."""
    authentication: EdgeAuthenticationSettings = Field(default_factory=EdgeAuthenticationSettings)
    """Who may read shared answers; the edge decides, because Kong never sees a request that hits."""
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
    """AWS WAF with AWS's managed rules, or Cloud Armor; and a limit per client address."""
    logs: EdgeLogSettings = Field(default_factory=EdgeLogSettings)
    """Access logs; CloudFront's leave out the query string, which holds the input, and Google's cannot."""
    alarms: AlarmSettings = Field(default_factory=AlarmSettings)
    """Alarms, and a dashboard with them: CloudWatch's, or Cloud Monitoring's."""
    protect: bool = False
    """Refuse to delete what serves callers; with cloudfront it is also kept when the stack is destroyed."""
    wait_for_deployment: bool = True
    """Wait until every location has the change."""
