"""The edge in front of the gateway. CloudFrontEdge is in .cloudfront, which alone needs the AWS SDK."""

from .arguments import (
    AccessLogArgs,
    AlarmArgs,
    AuthenticationMode,
    CloudFrontArgs,
    CloudFrontEdgeArgs,
    EdgeAuthenticationArgs,
    EdgeOriginArgs,
    EdgeRouteArgs,
    FirewallArgs,
    GeoRestrictionArgs,
    OriginSecretArgs,
    VpcOriginArgs,
)
from .origin_secret import OriginSecret

__all__ = [
    "AccessLogArgs",
    "AlarmArgs",
    "AuthenticationMode",
    "CloudFrontArgs",
    "CloudFrontEdgeArgs",
    "EdgeAuthenticationArgs",
    "EdgeOriginArgs",
    "EdgeRouteArgs",
    "FirewallArgs",
    "GeoRestrictionArgs",
    "OriginSecret",
    "OriginSecretArgs",
    "VpcOriginArgs",
]
