"""Caching in front of inference endpoints, as Pulumi components.

from inference_edge import InferenceEdge, KongCachedRoute
"""

from .gateway import (
    AccessArgs,
    AccessMode,
    CacheArgs,
    CacheProfile,
    CorsArgs,
    KongCachedRoute,
    KongCachedRouteArgs,
    KongConsumer,
    KongConsumerArgs,
    RateLimitArgs,
    TimeoutArgs,
)
from .inference_edge import ConsumerArgs, InferenceEdge, InferenceEdgeArgs, ModelOutputs
from .validation import ArgumentError

__version__ = "0.1.0"

__all__ = [
    "AccessArgs",
    "AccessMode",
    "ArgumentError",
    "CacheArgs",
    "CacheProfile",
    "ConsumerArgs",
    "CorsArgs",
    "InferenceEdge",
    "InferenceEdgeArgs",
    "KongCachedRoute",
    "KongCachedRouteArgs",
    "KongConsumer",
    "KongConsumerArgs",
    "ModelOutputs",
    "RateLimitArgs",
    "TimeoutArgs",
]
