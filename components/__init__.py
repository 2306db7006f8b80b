"""Caching in front of inference endpoints, as Pulumi components.

from inference_edge import InferenceEdge, KongCachedRoute
"""

from .edge.arguments import (
    AccessLogArgs,
    AlarmArgs,
    AuthenticationMode,
    CloudFrontArgs,
    EdgeAuthenticationArgs,
    EdgeOriginArgs,
    FirewallArgs,
    GeoRestrictionArgs,
    VpcOriginArgs,
)
from .edge.google.arguments import (
    CloudCdnArgs,
    GoogleAlarmArgs,
    GoogleFirewallArgs,
    GoogleLogArgs,
    GoogleOriginArgs,
    MediaCdnArgs,
    MediaCdnAuthenticationArgs,
    MediaCdnOriginArgs,
)
from .gateway import (
    AccessArgs,
    AccessMode,
    CacheArgs,
    CacheProfile,
    CorsArgs,
    EdgeAccessArgs,
    KongCachedRoute,
    KongCachedRouteArgs,
    KongConsumer,
    KongConsumerArgs,
    RateLimitArgs,
    TimeoutArgs,
)
from .inference_edge import InferenceEdge, ModelOutputs
from .origin.arguments import (
    CustomDomainArgs,
    EndpointArgs,
    EndpointDeploymentArgs,
    OriginLogsArgs,
    PrivateApiArgs,
    SageMakerOriginArgs,
    ThrottleArgs,
)
from .validation import ArgumentError
from .wiring import ConsumerArgs, EdgeArgs, InferenceEdgeArgs

__version__ = "0.1.0"

__all__ = [
    "AccessArgs",
    "AccessLogArgs",
    "AccessMode",
    "AlarmArgs",
    "ArgumentError",
    "AuthenticationMode",
    "CacheArgs",
    "CacheProfile",
    "CloudCdnArgs",
    "CloudFrontArgs",
    "ConsumerArgs",
    "CorsArgs",
    "CustomDomainArgs",
    "EdgeAccessArgs",
    "EdgeArgs",
    "EdgeAuthenticationArgs",
    "EdgeOriginArgs",
    "EndpointArgs",
    "EndpointDeploymentArgs",
    "FirewallArgs",
    "GeoRestrictionArgs",
    "GoogleAlarmArgs",
    "GoogleFirewallArgs",
    "GoogleLogArgs",
    "GoogleOriginArgs",
    "InferenceEdge",
    "InferenceEdgeArgs",
    "KongCachedRoute",
    "KongCachedRouteArgs",
    "KongConsumer",
    "KongConsumerArgs",
    "MediaCdnArgs",
    "MediaCdnAuthenticationArgs",
    "MediaCdnOriginArgs",
    "ModelOutputs",
    "OriginLogsArgs",
    "PrivateApiArgs",
    "RateLimitArgs",
    "SageMakerOriginArgs",
    "ThrottleArgs",
    "TimeoutArgs",
    "VpcOriginArgs",
]
