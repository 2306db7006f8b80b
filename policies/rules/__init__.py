"""The rules of the pack, by theme."""

from __future__ import annotations

from . import (
    api_gateway,
    cloudfront_cache,
    cloudfront_connections,
    cloudfront_operation,
    google_cache,
    google_connections,
    kong_cache,
    kong_connections,
    kong_pools,
    kong_routes,
    shared_cache,
    stack,
)

THEMES = {
    "Kong: what the cache keeps": kong_cache.RULES,
    "Kong: routes": kong_routes.RULES,
    "Kong: connections": kong_connections.RULES,
    "Kong: upstreams and their targets": kong_pools.RULES,
    "CloudFront: what it keeps and passes on": cloudfront_cache.RULES,
    "CloudFront: connections": cloudfront_connections.RULES,
    "CloudFront: operation": cloudfront_operation.RULES,
    "API Gateway and SageMaker": api_gateway.RULES,
    "Media CDN and Cloud CDN: what they keep": google_cache.RULES,
    "Media CDN and Cloud CDN: connections and logs": google_connections.RULES,
    "The shared cache": shared_cache.RULES,
    "The stack": stack.RULES,
}
RULES = [rule for rules in THEMES.values() for rule in rules]
