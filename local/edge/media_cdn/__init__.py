"""Google's Media CDN, from its registered resources."""

TYPES = frozenset(
    {
        "gcp:networkservices/edgeCacheKeyset:EdgeCacheKeyset",
        "gcp:networkservices/edgeCacheOrigin:EdgeCacheOrigin",
        "gcp:networkservices/edgeCacheService:EdgeCacheService",
    }
)
