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
from .gateway.arguments import KongEdition, RedisArgs, RoutePoolArgs, StoreKind
from .inference_edge import InferenceEdge, ModelOutputs
from .metrics.arguments import CostArgs
from .origin.arguments import (
    CustomDomainArgs,
    EndpointArgs,
    EndpointDeploymentArgs,
    OriginLogsArgs,
    PrivateApiArgs,
    SageMakerOriginArgs,
    ThrottleArgs,
)
from .pool.arguments import (
    AffinityArgs,
    AffinityKind,
    BalancingAlgorithm,
    CircuitBreakerArgs,
    DiscoveryArgs,
    HealthArgs,
    InferencePoolArgs,
    PoolProtocol,
    TargetArgs,
)
from .pool.inference_pool import InferencePool
from .pool_wiring import PooledModelArgs
from .router import (
    FallbackArgs,
    ModelRouter,
    ModelRouterArgs,
    RoutedModelArgs,
    RoutedServiceArgs,
    RoutedVersionArgs,
    RouterArgs,
)
from .shared_cache.arguments import (
    ElastiCacheAlarmArgs,
    ElastiCacheArgs,
    ExistingCacheArgs,
    MemorystoreAlarmArgs,
    MemorystoreArgs,
    SharedCacheArgs,
)
from .shared_cache.shared_cache import SharedCache
from .validation import ArgumentError
from .verification.arguments import ToleranceArgs, VerifyArgs
from .wiring import ConsumerArgs, EdgeArgs, InferenceEdgeArgs

__version__ = "0.1.0"

__all__ = [
    "AccessArgs",
    "AccessLogArgs",
    "AccessMode",
    "AffinityArgs",
    "AffinityKind",
    "AlarmArgs",
    "ArgumentError",
    "AuthenticationMode",
    "BalancingAlgorithm",
    "CacheArgs",
    "CacheProfile",
    "CircuitBreakerArgs",
    "CloudCdnArgs",
    "CloudFrontArgs",
    "ConsumerArgs",
    "CorsArgs",
    "CostArgs",
    "CustomDomainArgs",
    "DiscoveryArgs",
    "EdgeAccessArgs",
    "EdgeArgs",
    "EdgeAuthenticationArgs",
    "EdgeOriginArgs",
    "ElastiCacheAlarmArgs",
    "ElastiCacheArgs",
    "EndpointArgs",
    "EndpointDeploymentArgs",
    "ExistingCacheArgs",
    "FallbackArgs",
    "FirewallArgs",
    "GeoRestrictionArgs",
    "GoogleAlarmArgs",
    "GoogleFirewallArgs",
    "GoogleLogArgs",
    "GoogleOriginArgs",
    "HealthArgs",
    "InferenceEdge",
    "InferenceEdgeArgs",
    "InferencePool",
    "InferencePoolArgs",
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
    "ModelRouter",
    "ModelRouterArgs",
    "OriginLogsArgs",
    "PoolProtocol",
    "PooledModelArgs",
    "PrivateApiArgs",
    "RateLimitArgs",
    "RedisArgs",
    "RoutePoolArgs",
    "RoutedModelArgs",
    "RoutedServiceArgs",
    "RoutedVersionArgs",
    "RouterArgs",
    "SageMakerOriginArgs",
    "SharedCache",
    "SharedCacheArgs",
    "StoreKind",
    "TargetArgs",
    "ThrottleArgs",
    "TimeoutArgs",
    "ToleranceArgs",
    "VerifyArgs",
    "VpcOriginArgs",
]
