"""How long an answer of the origin may be kept and served stale."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from local.edge.cache_policy import CachePolicy

DEFAULT_ERROR_TTL_SECONDS = 10
_ALWAYS_CACHED_ERRORS = frozenset({404, 414, 500, 501, 502, 503, 504})
_ERRORS_CACHED_WHEN_TOLD = frozenset({400, 403, 405, 412, 415})
_NOT_CACHED = ("no-cache", "no-store", "private")
_SUCCESSES = frozenset({200, 203, 204, 300, 301, 302, 303, 307, 308})
_DIRECTIVE = re.compile(r'([A-Za-z0-9_-]+)(?:\s*=\s*("[^"]*"|[^\s,;"]*))?')


@dataclass(frozen=True)
class Lifetime:
    """Seconds that an answer is fresh (0: not stored), then servable while revalidating, then when the origin fails.

    Both stale windows begin when it is no longer fresh, and neither is longer than the policy's maximum TTL. An answer
    without stale-if-error may be served at any 5xx within that; stale-if-error=0 forbids it.
    Sources: CloudFront Developer Guide, "Specify the amount of time that CloudFront caches objects" (the table),
    "Serve stale (expired) content", "HTTP 4xx and 5xx status codes that CloudFront caches".
    """

    fresh_seconds: float
    revalidating_seconds: float = 0
    failing_seconds: float = 0


_NOT_STORED = Lifetime(0)


def lifetime(
    status: int, headers: CIMultiDict[str], policy: CachePolicy, error_ttls: Mapping[int, int], now: float
) -> Lifetime:
    """Return how long the answer may be kept; error_ttls: status to errorCachingMinTtl; now: Unix time."""
    directives = cache_directives(headers)
    forbidden = any(name in directives for name in _NOT_CACHED)
    minimum, maximum = policy.minimum_ttl_seconds, policy.maximum_ttl_seconds
    if status >= 400:
        told = _told_seconds(directives)
        error_ttl = error_ttls.get(status, DEFAULT_ERROR_TTL_SECONDS)
        if status in _ALWAYS_CACHED_ERRORS and not (forbidden and status < 500):
            return Lifetime(max(error_ttl, 0 if told is None or forbidden else told))
        if status in _ERRORS_CACHED_WHEN_TOLD and told is not None and not forbidden:
            return Lifetime(max(error_ttl, told))
        return _NOT_STORED
    if status not in _SUCCESSES or (minimum == 0 and "*" in ",".join(headers.getall("Vary", []))):
        return _NOT_STORED
    if forbidden:
        fresh = float(minimum)
    else:
        told = _told_seconds(directives)
        if told is None and "Expires" in headers:
            told = _until(headers["Expires"], now)
        fresh = float(policy.default_ttl_seconds) if told is None else min(max(told, minimum), maximum)
    if fresh <= 0:
        return _NOT_STORED
    revalidating, failing = directives.get("stale-while-revalidate"), directives.get("stale-if-error")
    return Lifetime(
        fresh,
        revalidating_seconds=min(_seconds(revalidating) if revalidating is not None else 0, maximum),
        failing_seconds=min(_seconds(failing), maximum) if failing is not None else maximum,
    )


def cache_directives(headers: CIMultiDict[str]) -> dict[str, str]:
    """Return the directives of Cache-Control, names in lower case; of several with one name the least time counts."""
    found: dict[str, str] = {}
    for name, value in _DIRECTIVE.findall(", ".join(headers.getall("Cache-Control", []))):
        name, value = name.lower(), value.strip('"')
        if name not in found or _seconds(value) < _seconds(found[name]):
            found[name] = value
    return found


def _told_seconds(directives: Mapping[str, str]) -> float | None:
    for name in ("s-maxage", "max-age"):
        if name in directives:
            return _seconds(directives[name])
    return None


def _seconds(value: str) -> float:
    """What is not a number of seconds counts as none."""
    return float(value) if re.fullmatch("[0-9]{1,10}", value) else 0


def _until(date: str, now: float) -> float:
    try:
        return max(0, email.utils.parsedate_to_datetime(date).timestamp() - now)
    except ValueError:
        return 0
