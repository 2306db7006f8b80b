"""The cdnPolicy of a backend service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.edge.fields import Fields
from local.edge.google.cache_key import CacheKeyPolicy
from local.edge.google.cache_policy import DAY_SECONDS, DEFAULT_NEGATIVE_TTLS, CachePolicy

_YEAR_SECONDS = 31_622_400
_WEEK_SECONDS = 604_800
_MODES = ("CACHE_ALL_STATIC", "USE_ORIGIN_HEADERS", "FORCE_CACHE_ALL")
_STATUSES = frozenset({200, 203, 204, 206, 300, 301, 302, 307, 308, 404, 405, 410, 421, 451, 501})
_NEGATIVE_CODES = frozenset({300, 301, 302, 307, 308, 404, 405, 410, 421, 451, 501})
_MAXIMUM_NEGATIVE_TTL_SECONDS = 1800
_MAXIMUM_BYPASS_HEADERS = 5


@dataclass(frozen=True)
class CdnPolicy:
    """What is stored and under which key; bypass_headers, in lower case: a request with one goes past the cache.

    signed_url_ttl_seconds: how long an answer to a signed request is kept, whatever its Cache-Control. Client TTLs are
    refused. Sources: API reference, BackendServiceCdnPolicy; Cloud CDN, "Caching overview", "Use negative caching",
    "Serve stale content" (without a setting for a day), "Bypass cache", "Use signed URLs".
    """

    cache: CachePolicy
    key: CacheKeyPolicy
    coalesces: bool
    bypass_headers: frozenset[str]
    signed_url_ttl_seconds: int

    @classmethod
    def read(cls, fields: Fields) -> CdnPolicy:
        mode = fields.text("cacheMode", "CACHE_ALL_STATIC", _MODES)
        key = _key_policy(fields.child("cacheKeyPolicy") or Fields(f"{fields.where}.cacheKeyPolicy", {}))
        bypass = [_name(one) for one in fields.children("bypassCacheOnRequestHeaders")]
        if len(bypass) > _MAXIMUM_BYPASS_HEADERS:
            raise fields.error(f"has {len(bypass)} bypassCacheOnRequestHeaders; at most {_MAXIMUM_BYPASS_HEADERS}")
        for ttl, refusing in (
            ("defaultTtl", ("USE_ORIGIN_HEADERS",)),
            ("maxTtl", ("USE_ORIGIN_HEADERS", "FORCE_CACHE_ALL")),
        ):
            if mode in refusing and fields.integer(ttl, -1, -1) > 0:
                raise fields.error(f"has {ttl}, which Cloud CDN refuses with cacheMode {mode}")
        policy = cls(
            cache=CachePolicy(
                mode=mode,
                statuses=_STATUSES,
                default_ttl_seconds=fields.integer("defaultTtl", 3600, 0, _YEAR_SECONDS),
                maximum_ttl_seconds=fields.integer("maxTtl", DAY_SECONDS, 0, _YEAR_SECONDS),
                negative_ttls=_negative_ttls(fields),
                stale_seconds=fields.integer("serveWhileStale", DAY_SECONDS, 0, _WEEK_SECONDS),
                keyed_headers=key.headers,
            ),
            key=key,
            coalesces=fields.boolean("requestCoalescing", True),
            bypass_headers=frozenset(bypass),
            signed_url_ttl_seconds=fields.integer("signedUrlCacheMaxAgeSec", 3600, 0),
        )
        fields.end()
        return policy


def _key_policy(fields: Fields) -> CacheKeyPolicy:
    included, excluded = fields.texts("queryStringWhitelists"), fields.texts("queryStringBlacklists")
    if included and excluded:
        raise fields.error("has both queryStringWhitelists and queryStringBlacklists")
    policy = CacheKeyPolicy(
        includes_protocol=fields.boolean("includeProtocol", True),
        includes_host=fields.boolean("includeHost", True),
        includes_query=fields.boolean("includeQueryString", True),
        included_parameters=frozenset(included) if included else None,
        excluded_parameters=frozenset(excluded),
        headers=frozenset(name.lower() for name in fields.texts("includeHttpHeaders")),
        cookies=frozenset(fields.texts("includeNamedCookies")),
    )
    fields.end()
    return policy


def _negative_ttls(fields: Fields) -> Mapping[int, float] | None:
    enabled = fields.boolean("negativeCaching", False)
    given = dict(_negative_ttl(one) for one in fields.children("negativeCachingPolicies"))
    if given and not enabled:
        raise fields.error("has negativeCachingPolicies without negativeCaching")
    return (given or DEFAULT_NEGATIVE_TTLS) if enabled else None


def _negative_ttl(fields: Fields) -> tuple[int, float]:
    code = fields.integer("code")
    if code not in _NEGATIVE_CODES:
        raise fields.error(f"has the code {code}, which Cloud CDN does not cache")
    ttl = fields.integer("ttl", 0, 0, _MAXIMUM_NEGATIVE_TTL_SECONDS)
    fields.end()
    return code, ttl


def _name(fields: Fields) -> str:
    name = fields.text("headerName").lower()
    fields.end()
    return name
