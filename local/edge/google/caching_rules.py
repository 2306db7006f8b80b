"""What Google's CDNs say about the answers to one request."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from multidict import CIMultiDict

from local.edge.google.cache_policy import CachePolicy, varying
from local.edge.google.error_page import error_page
from local.edge.http_cache.lifetime import Lifetime
from local.edge.viewer_request import ViewerRequest

_MAXIMUM_TAGS, _MAXIMUM_TAG_BYTES = 50, 120


@dataclass(frozen=True)
class CachingRules:
    """The cache's `Rules` for one request.

    origin_name: for Media CDN's tag `origin=`. Every answer has the tags of its Cache-Tag header, and those that Google
    makes (status, content type, origin). Sources: Media CDN and Cloud CDN, "Invalidate cached content" (cache tags: at
    most 50 of 120 bytes).
    """

    policy: CachePolicy
    request: ViewerRequest
    origin_name: str = ""

    def lifetime(self, status: int, headers: CIMultiDict[str]) -> Lifetime:
        return self.policy.lifetime(status, headers, self.request.headers, time.time())

    def varies_on(self, headers: CIMultiDict[str]) -> Collection[str]:
        return varying(headers) - self.policy.keyed_headers

    def tags(self, status: int, headers: CIMultiDict[str]) -> frozenset[str]:
        """The tags, in their case."""
        given = [tag.strip() for tag in ",".join(headers.getall("Cache-Tag", [])).split(",")]
        valid = [tag for tag in given if tag and len(tag.encode()) <= _MAXIMUM_TAG_BYTES][:_MAXIMUM_TAGS]
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        made = [f"status={status}", f"content-type={kind}", f"origin={self.origin_name}"]
        return frozenset((*valid, *made))

    def failure(self, status: int) -> tuple[CIMultiDict[str], bytes]:
        return error_page(status)

    def retry_seconds(self, status: int) -> float:
        return 0
