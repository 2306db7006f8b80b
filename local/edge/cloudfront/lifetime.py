"""How long an answer of the origin may be kept and served stale."""

from __future__ import annotations

from collections.abc import Mapping

from multidict import CIMultiDict

from local.edge.cloudfront.cache_policy import CachePolicy
from local.edge.http_cache.lifetime import (
    NOT_STORED,
    Lifetime,
    cache_directives,
    seconds_of,
    seconds_until,
    told_seconds,
)

DEFAULT_ERROR_TTL_SECONDS = 10
_ALWAYS_CACHED_ERRORS = frozenset({404, 414, 500, 501, 502, 503, 504})
_ERRORS_CACHED_WHEN_TOLD = frozenset({400, 403, 405, 412, 415})
_NOT_CACHED = ("no-cache", "no-store", "private")
_SUCCESSES = frozenset({200, 203, 204, 300, 301, 302, 303, 307, 308})


def lifetime(
    status: int, headers: CIMultiDict[str], policy: CachePolicy, error_ttls: Mapping[int, int], now: float
) -> Lifetime:
    """Return how long the answer may be kept; error_ttls: status to errorCachingMinTtl; now: Unix time.

    No stale window is longer than the policy's maximum TTL. An answer without stale-if-error may be served at any 5xx
    within that; stale-if-error=0 forbids it. Sources: CloudFront Developer Guide, "Specify the amount of time that
    CloudFront caches objects" (the table), "Serve stale (expired) content", "HTTP 4xx and 5xx status codes that
    CloudFront caches".
    """
    directives = cache_directives(headers)
    forbidden = any(name in directives for name in _NOT_CACHED)
    minimum, maximum = policy.minimum_ttl_seconds, policy.maximum_ttl_seconds
    if status >= 400:
        told = told_seconds(directives)
        error_ttl = error_ttls.get(status, DEFAULT_ERROR_TTL_SECONDS)
        if status in _ALWAYS_CACHED_ERRORS and not (forbidden and status < 500):
            return Lifetime(max(error_ttl, 0 if told is None or forbidden else told))
        if status in _ERRORS_CACHED_WHEN_TOLD and told is not None and not forbidden:
            return Lifetime(max(error_ttl, told))
        return NOT_STORED
    if status not in _SUCCESSES or (minimum == 0 and "*" in ",".join(headers.getall("Vary", []))):
        return NOT_STORED
    if forbidden:
        fresh = float(minimum)
    else:
        told = told_seconds(directives)
        if told is None and "Expires" in headers:
            told = seconds_until(headers["Expires"], now)
        fresh = float(policy.default_ttl_seconds) if told is None else min(max(told, minimum), maximum)
    if fresh <= 0:
        return NOT_STORED
    revalidating, failing = directives.get("stale-while-revalidate"), directives.get("stale-if-error")
    return Lifetime(
        fresh,
        revalidating_seconds=min(seconds_of(revalidating) if revalidating is not None else 0, maximum),
        failing_seconds=min(seconds_of(failing), maximum) if failing is not None else maximum,
    )
