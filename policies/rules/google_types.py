"""Media CDN and Cloud CDN as the provider has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .reading import get, given, items
from .rule import Resource

EDGE_CACHE_SERVICE = "gcp:networkservices/edgeCacheService:EdgeCacheService"
EDGE_CACHE_ORIGIN = "gcp:networkservices/edgeCacheOrigin:EdgeCacheOrigin"
EDGE_CACHE_KEYSET = "gcp:networkservices/edgeCacheKeyset:EdgeCacheKeyset"
BACKEND_SERVICE = "gcp:compute/backendService:BackendService"
BACKEND_BUCKET = "gcp:compute/backendBucket:BackendBucket"
SIGNED_URL_KEYS = (
    "gcp:compute/backendServiceSignedUrlKey:BackendServiceSignedUrlKey",
    "gcp:compute/backendBucketSignedUrlKey:BackendBucketSignedUrlKey",
)
SSL_POLICY = "gcp:compute/sSLPolicy:SSLPolicy"
HTTPS_PROXY = "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
ENDPOINT = "gcp:compute/globalNetworkEndpoint:GlobalNetworkEndpoint"
URL_MAP = "gcp:compute/uRLMap:URLMap"

FORCE_CACHE_ALL = "FORCE_CACHE_ALL"
NO_SIGNATURE = "DISABLED"


def route_rules(service: Resource) -> Iterator[tuple[str, Any]]:
    """The route rules of a Media CDN service or a URL map, each with what to call it."""
    matchers = items(service.props, "routing", "pathMatchers") or items(service.props, "pathMatchers")
    for matcher in matchers:
        for place, rule in enumerate(items(matcher, "routeRules"), start=1):
            yield f"its route rule {place}", rule


def cdn_policy(rule: Any) -> Any:
    """What a route rule of Media CDN keeps; None where it keeps nothing."""
    if given(rule, "urlRedirect"):
        return None
    policy = get(rule, "routeAction", "cdnPolicy", default={})
    return None if get(policy, "cacheMode") == "BYPASS_CACHE" else policy


def is_cdn(backend: Resource) -> bool:
    """Whether a backend of a load balancer is behind Cloud CDN."""
    return get(backend.props, "enableCdn") is True


def seconds(duration: Any) -> float:
    """Media CDN writes 60s, Cloud CDN 60."""
    text = str(duration or 0).removesuffix("s")
    try:
        return float(text)
    except ValueError:
        return 0.0
