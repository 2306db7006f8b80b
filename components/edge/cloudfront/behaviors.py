"""Cache behaviours: one for every shareable route, and the default one, which caches nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
from pulumi_aws import cloudfront

from ..arguments import EdgeRouteArgs
from ..route_checks import check_path
from .function import COMPONENT
from .origin import ORIGIN_ID
from .policies import CACHING_DISABLED_ID

# CloudFront knows three sets of methods; POST is in the one with all seven. The Function and the gateway's routes
# refuse what is not meant.
_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
_CACHED_METHODS = ["GET", "HEAD"]


@dataclass(frozen=True)
class BehaviorParts:
    """What behaviours refer to. `cache` and `shareable_request` are None without shareable routes."""

    function: cloudfront.Function
    cache: Optional[cloudfront.CachePolicy]
    shareable_request: Optional[cloudfront.OriginRequestPolicy]
    default_request: cloudfront.OriginRequestPolicy
    response_headers: Mapping[Optional[str], cloudfront.ResponseHeadersPolicy]
    key_group: Optional[cloudfront.KeyGroup]


def default_behavior(parts: BehaviorParts) -> cloudfront.DistributionDefaultCacheBehaviorArgs:
    """Every path that is not a shareable route's; the Function answers those that are no route's at all."""
    return cloudfront.DistributionDefaultCacheBehaviorArgs(
        cache_policy_id=CACHING_DISABLED_ID,
        origin_request_policy_id=parts.default_request.id,
        response_headers_policy_id=parts.response_headers[None].id,
        **_common(parts),
    )


def shareable_behaviors(
    routes: Sequence[EdgeRouteArgs], parts: BehaviorParts
) -> list[cloudfront.DistributionOrderedCacheBehaviorArgs]:
    """The exact paths whose GET is kept. Ordered by model, so that another order of the models changes nothing."""
    shareable = sorted((route for route in routes if route["shareable"]), key=lambda route: route["model"])
    return [_shareable_behavior(route, parts) for route in shareable]


def _shareable_behavior(route: EdgeRouteArgs, parts: BehaviorParts) -> cloudfront.DistributionOrderedCacheBehaviorArgs:
    headers = parts.response_headers.get(route["model"], parts.response_headers[None])
    return cloudfront.DistributionOrderedCacheBehaviorArgs(
        path_pattern=pulumi.Output.from_input(route["path"]).apply(lambda path: check_path(COMPONENT, path)),
        cache_policy_id=parts.cache.id if parts.cache else None,
        origin_request_policy_id=parts.shareable_request.id if parts.shareable_request else None,
        response_headers_policy_id=headers.id,
        trusted_key_groups=[parts.key_group.id] if parts.key_group else None,
        **_common(parts),
    )


def _common(parts: BehaviorParts) -> dict[str, Any]:
    return {
        "target_origin_id": ORIGIN_ID,
        "viewer_protocol_policy": "https-only",
        "allowed_methods": _METHODS,
        "cached_methods": _CACHED_METHODS,
        "compress": True,
        "function_associations": [{"event_type": "viewer-request", "function_arn": parts.function.arn}],
    }
