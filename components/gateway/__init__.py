"""Kong: the cached route of a model, and the consumers that may call it."""

from .arguments import (
    AccessArgs,
    AccessMode,
    CacheArgs,
    CacheProfile,
    CorsArgs,
    EdgeAccessArgs,
    KongCachedRouteArgs,
    KongConsumerArgs,
    RateLimitArgs,
    TimeoutArgs,
)
from .cached_route import KongCachedRoute
from .consumer import KongConsumer

__all__ = [
    "AccessArgs",
    "AccessMode",
    "CacheArgs",
    "CacheProfile",
    "CorsArgs",
    "EdgeAccessArgs",
    "KongCachedRoute",
    "KongCachedRouteArgs",
    "KongConsumer",
    "KongConsumerArgs",
    "RateLimitArgs",
    "TimeoutArgs",
]
