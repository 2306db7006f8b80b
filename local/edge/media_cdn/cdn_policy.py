"""The cdnPolicy of a Media CDN route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.edge.fields import Fields
from local.edge.google.cache_key import CacheKeyPolicy
from local.edge.google.cache_policy import DAY_SECONDS, DEFAULT_NEGATIVE_TTLS, CachePolicy
from local.edge.media_cdn.signed_request import Keyset

_YEAR_SECONDS = 31_536_000
_MODES = ("CACHE_ALL_STATIC", "USE_ORIGIN_HEADERS", "FORCE_CACHE_ALL", "BYPASS_CACHE")
# "Configure cache behavior", cacheable responses.
_STATUSES = frozenset(
    {200, 203, 204, 206, 300, 301, 302, 307, 308, 400, 403, 404, 405, 410, 451, 500, 501, 502, 503, 504}
)


@dataclass(frozen=True)
class CdnPolicy:
    """What is stored, under which key, and who may ask for it; keyset None: requests need no signature.

    Tokens, signatures added to manifests and client TTLs are refused. Sources: API reference,
    EdgeCacheService.CDNPolicy; for a route without a policy, Media CDN, "Configure cache behavior" (default).
    """

    cache: CachePolicy
    key: CacheKeyPolicy
    keyset: Keyset | None
    maximum_expiration_seconds: float | None

    @classmethod
    def read(cls, fields: Fields, keysets: Mapping[str, Keyset]) -> CdnPolicy:
        mode = fields.text("cacheMode", "CACHE_ALL_STATIC", _MODES)
        key = _key_policy(fields.child("cacheKeyPolicy") or Fields(fields.where, {}))
        signed = fields.text("signedRequestMode", "DISABLED", ("DISABLED", "REQUIRE_SIGNATURES"))
        name = fields.text("signedRequestKeyset", "").rpartition("/")[2]
        if signed != "DISABLED" and name not in keysets:
            raise fields.error(f"names the keyset {name}, which is not registered")
        longest = fields.seconds("signedRequestMaximumExpirationTtl", 0, 0, _YEAR_SECONDS)
        for ttl, forbidden in (
            ("defaultTtl", ("USE_ORIGIN_HEADERS", "BYPASS_CACHE")),
            ("maxTtl", ("USE_ORIGIN_HEADERS", "BYPASS_CACHE", "FORCE_CACHE_ALL")),
        ):
            if mode in forbidden and fields.seconds(ttl, -1, -1, _YEAR_SECONDS) >= 0:
                raise fields.error(f"has {ttl}, which Media CDN refuses with cacheMode {mode}")
        policy = cls(
            cache=CachePolicy(
                mode=mode,
                statuses=_STATUSES,
                default_ttl_seconds=fields.seconds("defaultTtl", 3600, 0, _YEAR_SECONDS),
                maximum_ttl_seconds=fields.seconds("maxTtl", DAY_SECONDS, 0, _YEAR_SECONDS),
                negative_ttls=_negative_ttls(fields),
                keyed_headers=key.headers,
            ),
            key=key,
            keyset=keysets[name] if signed != "DISABLED" else None,
            maximum_expiration_seconds=longest or None,
        )
        fields.end()
        return policy


def _key_policy(fields: Fields) -> CacheKeyPolicy:
    included, excluded = fields.texts("includedQueryParameters"), fields.texts("excludedQueryParameters")
    if included and excluded:
        raise fields.error("has both includedQueryParameters and excludedQueryParameters")
    policy = CacheKeyPolicy(
        includes_protocol=fields.boolean("includeProtocol", False),
        includes_host=not fields.boolean("excludeHost", False),
        includes_query=not fields.boolean("excludeQueryString", False),
        included_parameters=frozenset(included) if included else None,
        excluded_parameters=frozenset(excluded),
        headers=frozenset(name.lower() for name in fields.texts("includedHeaderNames")),
        cookies=frozenset(fields.texts("includedCookieNames")),
    )
    fields.end()
    return policy


def _negative_ttls(fields: Fields) -> Mapping[int, float] | None:
    enabled = fields.boolean("negativeCaching", False)
    given = fields.texts_by_name("negativeCachingPolicy")
    read = Fields(f"{fields.where}.negativeCachingPolicy", given)
    wrong = sorted(code for code in given if not code.isdigit() or int(code) not in _STATUSES or int(code) < 300)
    if wrong or (given and not enabled):
        raise read.error(f"needs negativeCaching, and statuses that Media CDN caches, not {', '.join(wrong) or 'any'}")
    if not enabled:
        return None
    return {int(code): read.seconds(code, None, 0, DAY_SECONDS) for code in given} or DEFAULT_NEGATIVE_TTLS
