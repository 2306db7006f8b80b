"""The cache policy of a behaviour: what makes the cache key, and how long an answer may live."""

from __future__ import annotations

from dataclasses import dataclass

from local.edge.cloudfront.selection import Selection
from local.edge.fields import ConfigurationError, Fields

_NONE = Selection("none")
_YEAR_SECONDS = 31_536_000
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class CachePolicy:
    """aws:cloudfront/cachePolicy:CachePolicy; TTLs in seconds.

    Source: CloudFront Developer Guide, "Control the cache key with a policy"; that all TTLs 0 allow nothing in the
    key: API reference, CachePolicyConfig.
    """

    query_strings: Selection
    headers: Selection
    cookies: Selection
    gzip: bool
    brotli: bool
    minimum_ttl_seconds: int
    default_ttl_seconds: int
    maximum_ttl_seconds: int

    @property
    def caches(self) -> bool:
        return self.maximum_ttl_seconds > 0

    @classmethod
    def read(cls, fields: Fields) -> CachePolicy:
        fields.without_effect("name", "comment")
        key = fields.child("parametersInCacheKeyAndForwardedToOrigin", required=True)
        assert key is not None
        minimum = fields.integer("minTtl", 0)
        maximum = fields.integer("maxTtl", max(_YEAR_SECONDS, minimum))
        policy = cls(
            query_strings=Selection.read(key, "queryString", ("none", "whitelist", "allExcept", "all")),
            headers=Selection.read(key, "header", ("none", "whitelist")),
            cookies=Selection.read(key, "cookie", ("none", "whitelist", "allExcept", "all")),
            gzip=key.boolean("enableAcceptEncodingGzip", False),
            brotli=key.boolean("enableAcceptEncodingBrotli", False),
            minimum_ttl_seconds=minimum,
            default_ttl_seconds=fields.integer("defaultTtl", min(max(_DAY_SECONDS, minimum), maximum)),
            maximum_ttl_seconds=maximum,
        )
        key.end()
        fields.end()
        policy._check(fields)
        return policy

    def _check(self, fields: Fields) -> None:
        if not self.minimum_ttl_seconds <= self.default_ttl_seconds <= self.maximum_ttl_seconds:
            raise fields.error("needs minTtl <= defaultTtl <= maxTtl")
        if not self.caches and (self.query_strings or self.headers or self.cookies or self.gzip or self.brotli):
            raise fields.error("has something in the cache key although all its TTLs are 0; CloudFront refuses that")


def managed_cache_policy(policy_id: str) -> CachePolicy:
    """Return a policy that exists in every account (Developer Guide, "Use managed cache policies").

    Raises ConfigurationError for any other id.
    """
    if policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad":  # CachingDisabled
        return CachePolicy(_NONE, _NONE, _NONE, False, False, 0, 0, 0)
    if policy_id == "658327ea-f89d-4fab-a63d-7e88639e58f6":  # CachingOptimized
        return CachePolicy(_NONE, _NONE, _NONE, True, True, 1, _DAY_SECONDS, _YEAR_SECONDS)
    if policy_id == "b2884449-e4de-46a7-ac36-70bc7f1ddd6d":  # CachingOptimizedForUncompressedObjects
        return CachePolicy(_NONE, _NONE, _NONE, False, False, 1, _DAY_SECONDS, _YEAR_SECONDS)
    raise ConfigurationError(f"no cache policy {policy_id} is registered, and it is not a managed one known here")
