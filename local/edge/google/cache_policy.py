"""What Media CDN and Cloud CDN store, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from multidict import CIMultiDict

from local.edge.http_cache.lifetime import (
    NOT_STORED,
    Lifetime,
    cache_directives,
    seconds_of,
    seconds_until,
    told_seconds,
)

DAY_SECONDS = 86_400
# Seconds by status where negativeCaching is on without a policy of its own.
DEFAULT_NEGATIVE_TTLS: Mapping[int, int] = {300: 600, 301: 600, 308: 600, 404: 120, 405: 60, 410: 120, 421: 60, 501: 60}
_SUCCESSES = frozenset({200, 203, 204, 206})
_STATIC = ("text/css", "text/javascript", "application/javascript", "application/pdf")
_STATIC_KINDS = ("audio/", "font/", "image/", "video/")
# What may be in Vary without keeping the answer from being stored; besides, the headers in the key.
_VARYING = frozenset(
    {
        "accept",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "origin",
        "sec-fetch-dest",
        "sec-fetch-mode",
        "sec-fetch-site",
        "x-goog-allowed-resources",
        "x-origin",
    }
)


@dataclass(frozen=True)
class CachePolicy:
    """A cdnPolicy, the key left out; TTLs in seconds.

    mode: USE_ORIGIN_HEADERS, CACHE_ALL_STATIC, FORCE_CACHE_ALL or BYPASS_CACHE. negative_ttls: status to seconds; None:
    negative caching is off. statuses: the ones that can be stored. stale_seconds: how long an expired answer is served
    while it is fetched again, or the origin fails, unless the answer says stale-while-revalidate (Cloud CDN);
    None: not at all (Media CDN). An answer with no-cache is not stored, where Google would store a public one and
    revalidate it each time. Sources: Cloud CDN, "Caching overview" (cacheable and non-cacheable content, cache control
    directives), "Use negative caching", "Serve stale content"; Media CDN, "Configure cache behavior".
    """

    mode: str
    statuses: frozenset[int]
    default_ttl_seconds: float = 3600
    maximum_ttl_seconds: float = DAY_SECONDS
    negative_ttls: Mapping[int, float] | None = None
    stale_seconds: float | None = None
    keyed_headers: frozenset[str] = field(default_factory=frozenset)

    @property
    def caches(self) -> bool:
        return self.mode != "BYPASS_CACHE"

    def lifetime(
        self, status: int, headers: CIMultiDict[str], request_headers: CIMultiDict[str], now: float
    ) -> Lifetime:
        """Return how long an answer may be kept; now: Unix time."""
        directives = cache_directives(headers)
        varies = varying(headers) - _VARYING - self.keyed_headers
        if status not in self.statuses or "Set-Cookie" in headers or varies:
            return NOT_STORED
        if "no-store" in cache_directives(request_headers):
            return NOT_STORED
        shared = any(name in directives for name in ("public", "s-maxage", "must-revalidate"))
        if "Authorization" in request_headers and not shared:
            return NOT_STORED
        fresh = self._fresh_seconds(status, headers, directives, now) - seconds_of(headers.get("Age", ""))
        if fresh <= 0:
            return NOT_STORED
        stale = self._stale_seconds(directives)
        return Lifetime(fresh, revalidating_seconds=stale, failing_seconds=stale)

    def _fresh_seconds(
        self, status: int, headers: CIMultiDict[str], directives: Mapping[str, str], now: float
    ) -> float:
        negative = (self.negative_ttls or {}).get(status)
        if self.mode == "FORCE_CACHE_ALL":
            return self.default_ttl_seconds if status in _SUCCESSES else negative or 0
        if any(name in directives for name in ("no-store", "no-cache", "private")):
            return 0
        told = told_seconds(directives)
        if told is None and "Expires" in headers:
            told = seconds_until(headers["Expires"], now)
        if told is not None:
            return min(told, self.maximum_ttl_seconds) if self.mode == "CACHE_ALL_STATIC" else told
        if "Cache-Control" in headers:
            return 0
        if status not in _SUCCESSES:
            return negative or 0
        return self.default_ttl_seconds if self.mode == "CACHE_ALL_STATIC" and _is_static(headers) else 0

    def _stale_seconds(self, directives: Mapping[str, str]) -> float:
        if self.stale_seconds is None or "must-revalidate" in directives or "proxy-revalidate" in directives:
            return 0
        told = directives.get("stale-while-revalidate")
        return self.stale_seconds if told is None else seconds_of(told)


def varying(headers: CIMultiDict[str]) -> frozenset[str]:
    """Return the names in Vary, in lower case."""
    names = (name.strip().lower() for name in ",".join(headers.getall("Vary", [])).split(","))
    return frozenset(name for name in names if name)


def _is_static(headers: CIMultiDict[str]) -> bool:
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in _STATIC or kind.startswith(_STATIC_KINDS)
