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
from .gateway.arguments import KongEdition, RedisArgs, StoreKind
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
from .store.arguments import (
    ElastiCacheAlarmArgs,
    ElastiCacheArgs,
    ExistingCacheArgs,
    MemorystoreAlarmArgs,
    MemorystoreArgs,
    SharedCacheArgs,
)
from .store.shared_cache import SharedCache
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
    "ElastiCacheAlarmArgs",
    "ElastiCacheArgs",
    "EndpointArgs",
    "EndpointDeploymentArgs",
    "ExistingCacheArgs",
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
    "KongEdition",
    "MediaCdnArgs",
    "MediaCdnAuthenticationArgs",
    "MediaCdnOriginArgs",
    "MemorystoreAlarmArgs",
    "MemorystoreArgs",
    "ModelOutputs",
    "OriginLogsArgs",
    "PrivateApiArgs",
    "RateLimitArgs",
    "RedisArgs",
    "SageMakerOriginArgs",
    "SharedCache",
    "SharedCacheArgs",
    "StoreKind",
    "ThrottleArgs",
    "TimeoutArgs",
    "VpcOriginArgs",
]
