"""The edge in front of the gateway. Each CDN has a folder, which alone needs the cloud's SDK."""

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
