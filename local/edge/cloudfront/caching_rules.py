"""What CloudFront says about the answers to a request: lifetime, tags, its error page."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from multidict import CIMultiDict

from local.edge.cloudfront.cache_policy import CachePolicy
from local.edge.cloudfront.distribution import Distribution
from local.edge.cloudfront.error_page import error_page
from local.edge.cloudfront.lifetime import DEFAULT_ERROR_TTL_SECONDS, lifetime
from local.edge.http_cache.lifetime import Lifetime

_MAXIMUM_TAGS, _MAXIMUM_TAG_CHARACTERS = 50, 256


@dataclass(frozen=True)
class CachingRules:
    """The cache's `Rules` for one request to a distribution.

    Vary chooses nothing: only the cache key does. Sources: CloudFront Developer Guide, "Serve stale (expired) content",
    "How CloudFront processes HTTP 4xx and 5xx status codes from your origin", "What you need to know when invalidating
    tags".
    """

    distribution: Distribution
    policy: CachePolicy
    request_id: str

    def lifetime(self, status: int, headers: CIMultiDict[str]) -> Lifetime:
        return lifetime(status, headers, self.policy, self.distribution.error_ttls, time.time())

    def varies_on(self, headers: CIMultiDict[str]) -> Collection[str]:
        return ()

    def tags(self, status: int, headers: CIMultiDict[str]) -> frozenset[str]:
        """The tags in lower case."""
        if not self.distribution.tag_header:
            return frozenset()
        tags = [tag.strip().lower() for tag in ",".join(headers.getall(self.distribution.tag_header, [])).split(",")]
        valid = [tag for tag in tags if tag and len(tag) <= _MAXIMUM_TAG_CHARACTERS and tag.isascii()]
        return frozenset(valid[:_MAXIMUM_TAGS])

    def failure(self, status: int) -> tuple[CIMultiDict[str], bytes]:
        return error_page(status, "CloudFront got no answer from the origin.", self.request_id)

    def retry_seconds(self, status: int) -> float:
        return self.distribution.error_ttls.get(status, DEFAULT_ERROR_TTL_SECONDS)
