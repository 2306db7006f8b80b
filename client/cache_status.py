"""What the caches on the way did: Cache-Status (RFC 9211) of the gateway, X-Cache and Age of the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import httpx

from .structured_field import Item, parse_list

_CLOUDFRONT_HITS = ("hit from cloudfront", "refreshhit from cloudfront")
_CLOUDFRONT_OWN = ("functiongeneratedresponse from cloudfront", "lambdageneratedresponse from cloudfront")
# Values of {cdn_cache_status}: Cloud CDN's is one of them, Media CDN's a list of location;status, such as "den;hit".
_GOOGLE_HITS = ("hit", "revalidated", "stale")


@dataclass(frozen=True)
class CacheStatus:
    """Where an answer came from.

    `hit`: a cache had it. `source`: the cache that had it, "edge" for an answer of the edge's own (a refusal) too, or
    "model"; None when no header tells. `stored`: a cache has it now. `ttl_seconds`: for how much longer, when told.
    `detail`: the gateway's reason, such as "stream", "sampling", "collapsed"; "" when there is none.
    """

    hit: bool = False
    source: Literal["edge", "gateway", "model"] | None = None
    stored: bool = False
    ttl_seconds: int | None = None
    detail: str = ""


def cache_status(response: httpx.Response) -> CacheStatus:
    """Read a response's headers; malformed ones count as absent. Usage: ``cache_status(client.post(...)).hit``."""
    gateway = _gateway_item(response.headers.get("cache-status", ""))
    edge = response.headers.get("x-cache", "").lower()
    if edge in _CLOUDFRONT_HITS or _is_google_hit(edge):
        # The edge keeps the gateway's headers: they tell of the request that filled it.
        ttl_seconds = _ttl_seconds(gateway)
        if ttl_seconds is not None:
            ttl_seconds = max(0, ttl_seconds - _age_seconds(response))
        return CacheStatus(hit=True, source="edge", stored=True, ttl_seconds=ttl_seconds)
    if edge in _CLOUDFRONT_OWN:
        return CacheStatus(source="edge")
    if gateway is None:
        return CacheStatus()
    hit = gateway.parameters.get("hit") is True
    return CacheStatus(
        hit=hit,
        source="gateway" if hit else "model",
        stored=hit or gateway.parameters.get("stored") is True,
        ttl_seconds=_ttl_seconds(gateway),
        detail=str(gateway.parameters.get("detail", "")),
    )


def _is_google_hit(field: str) -> bool:
    """Whether one of Google's caches, at any location, had the answer."""
    return any(status.rpartition(";")[2].strip() in _GOOGLE_HITS for status in field.split(","))


def _gateway_item(field: str) -> Item | None:
    """The cache that had it, otherwise the one nearest to us."""
    try:
        items = parse_list(field)
    except ValueError:
        return None
    hits = [item for item in items if item.parameters.get("hit") is True]
    return (hits or items or [None])[-1]


def _ttl_seconds(item: Item | None) -> int | None:
    ttl = item.parameters.get("ttl") if item else None
    return ttl if isinstance(ttl, int) and not isinstance(ttl, bool) else None


def _age_seconds(response: httpx.Response) -> int:
    age = response.headers.get("age", "")
    return int(age) if age.isascii() and age.isdigit() else 0
