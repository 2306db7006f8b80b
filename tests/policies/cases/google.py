"""Media CDN and Cloud CDN."""

from __future__ import annotations

from typing import Any

from tests.policies.cases.case import Case, Configured
from tests.policies.resources import UNKNOWN, Res

SERVICE = "gcp:networkservices/edgeCacheService:EdgeCacheService"
ORIGIN, KEYSET = (
    "gcp:networkservices/edgeCacheOrigin:EdgeCacheOrigin",
    "gcp:networkservices/edgeCacheKeyset:EdgeCacheKeyset",
)
BACKEND, URL_MAP = "gcp:compute/backendService:BackendService", "gcp:compute/uRLMap:URLMap"
ENDPOINT = "gcp:compute/globalNetworkEndpoint:GlobalNetworkEndpoint"
SSL_POLICY, PROXY = "gcp:compute/sSLPolicy:SSLPolicy", "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
_REMOVED = {"requestHeaderToRemoves": [{"headerName": "Authorization"}]}
_SIGNED = {"signedRequestMode": "REQUIRE_SIGNATURES", "signedRequestKeyset": "k1"}
_BYPASS = {"cacheMode": "BYPASS_CACHE"}
_FORCED = {"cacheMode": "FORCE_CACHE_ALL"}
_NOT_BYPASSED = "passes Authorization on and shares the answers by its route rule 1"


def rule(policy: Any, action: Any = _REMOVED) -> dict[str, Any]:
    return {"routeAction": {"cdnPolicy": policy}, "headerAction": action}


def media(*rules: Any, refs: Any = None, **props: Any) -> Res:
    given = {
        "requireTls": True,
        "sslPolicy": "p1",
        "logConfig": {"enable": True},
        "routing": {"pathMatchers": [{"routeRules": list(rules)}]},
        **props,
    }
    return Res(SERVICE, "media", {name: value for name, value in given.items() if value is not None}, refs or {})


def backend(policy: Any = None, refs: Any = None, **props: Any) -> Res:
    given = {
        "enableCdn": True,
        "protocol": "HTTPS",
        "logConfig": {"enable": True},
        "cdnPolicy": policy or {},
        "id": "b1",
    }
    return Res(BACKEND, "cached", {**given, **props}, refs or {})


def url_map(*rules: Any, refs: Any = None) -> Res:
    return Res(URL_MAP, "routes", {"pathMatchers": [{"routeRules": list(rules)}]}, refs or {"pathMatchers": ["cached"]})


def _led(service: str = "b1", *removed: str) -> dict[str, Any]:
    return {"service": service, "headerAction": {"requestHeadersToRemoves": list(removed)}}


_HTTP_ENDPOINT = Res(ENDPOINT, "kong", {"fqdn": "kong.example.com"})
_TO_KONG = {"backends": ["kong"]}

CASES = [
    Case(
        "google-force-cache-all",
        [
            [media(rule({"cacheMode": "USE_ORIGIN_HEADERS"}, {}))],
            [media(rule(_FORCED))],
            [backend({"cacheMode": "USE_ORIGIN_HEADERS"})],
            [backend({**_FORCED, "bypassCacheOnRequestHeaders": [{"headerName": "Authorization"}]})],
            [backend(_FORCED, enableCdn=False)],
        ],
        [
            (
                [media(rule(_BYPASS), rule(_FORCED, {}))],
                "keeps every answer, private ones too, by its route rule 2, which tells callers apart",
            ),
            (
                [media(rule({**_FORCED, **_SIGNED}))],
                "keeps every answer, private ones too, by its route rule 1, which tells callers apart",
            ),
            ([backend(_FORCED)], "keeps every answer, private ones too, and may tell callers apart"),
            (
                [
                    backend(
                        {**_FORCED, "cacheKeyPolicy": {"includeHttpHeaders": ["authorization"]}}, iap={"enabled": True}
                    )
                ],
                "keeps every answer, private ones too, and may tell callers apart",
            ),
        ],
        [
            [media(rule({"cacheMode": UNKNOWN}, {}))],
            [media(rule(_FORCED, UNKNOWN))],
            [media(routing=UNKNOWN)],
            [backend({"cacheMode": UNKNOWN})],
            [backend({**_FORCED, "bypassCacheOnRequestHeaders": UNKNOWN})],
        ],
    ),
    Case(
        "google-signatures",
        [
            [media(rule({}), rule({}))],
            [media(rule(_SIGNED), rule(_BYPASS))],
            [media(rule(_SIGNED), refs={"routing": ["keys"]}), Res(KEYSET, "keys", {})],
        ],
        [
            (
                [media(rule(_SIGNED), rule({}))],
                "gives kept answers to everybody by its route rule 2, and asks for a signature elsewhere",
            ),
            (
                [media(rule({}), refs={"routing": ["keys"]}), Res(KEYSET, "keys", {})],
                "gives kept answers to everybody by its route rule 1, and asks for a signature elsewhere",
            ),
            (
                [media(rule({"signedRequestMode": "REQUIRE_TOKENS"}))],
                "asks for a signature by its route rule 1 and has no keyset to check it",
            ),
        ],
        [
            [media(rule({"signedRequestMode": UNKNOWN}), rule({}))],
            [media(rule({**_SIGNED, "signedRequestKeyset": UNKNOWN}))],
            [media(routing=UNKNOWN)],
        ],
    ),
    Case(
        "cloud-cdn-signed-urls",
        [[backend()]],
        [
            (
                [
                    Res(
                        "gcp:compute/backendServiceSignedUrlKey:BackendServiceSignedUrlKey",
                        "key",
                        {"keyValue": "s3cr3t"},
                    )
                ],
                "makes Cloud CDN keep answers to signed requests whatever the origin says, and lets unsigned ones pass",
            )
        ],
        [[backend({"cacheMode": UNKNOWN})]],
    ),
    Case(
        "google-ttl",
        [
            [media(rule({"maxTtl": "86400s"}))],
            [backend({"maxTtl": 600})],
            [backend({"maxTtl": 100000}, enableCdn=False)],
        ],
        [
            (
                [media(rule({}), rule({"defaultTtl": "100000s"}))],
                "keeps answers by its route rule 2 for up to 100000 seconds, more than 86400",
            ),
            ([backend({"clientTtl": 90000})], "keeps answers for up to 90000 seconds, more than 86400"),
        ],
        [[media(rule({"maxTtl": UNKNOWN}))], [backend(UNKNOWN)]],
        [Configured({"maxTtlSeconds": 60}, [media(rule({"maxTtl": "61s"}))], True)],
    ),
    Case(
        "google-authorization-not-shared",
        [
            [media(rule({}), rule(_BYPASS, {}))],
            [media(rule({"cacheKeyPolicy": {"includedHeaderNames": ["Authorization"]}}, {}))],
            [backend(), url_map(_led("b1", "authorization"), _led("b2"))],
            [backend(id=UNKNOWN), url_map(_led(UNKNOWN, "authorization"), _led(UNKNOWN))],
            [backend({"cacheKeyPolicy": {"includeHttpHeaders": ["authorization"]}}), url_map(_led())],
            [backend({"bypassCacheOnRequestHeaders": [{"headerName": "authorization"}]}), url_map(_led())],
            [backend(enableCdn=False), url_map(_led())],
            [backend()],
        ],
        [
            ([media(rule({}, {}))], _NOT_BYPASSED),
            (
                [backend(), url_map(_led("b1", "authorization"), _led("b1"))],
                "gets Authorization from a route that does not remove it, and shares the answers",
            ),
            (
                [backend(id=UNKNOWN), url_map(_led(UNKNOWN))],
                "gets Authorization from a route that does not remove it, and shares the answers",
            ),
            (
                [backend(), url_map(refs={"defaultService": ["cached"]})],
                "gets Authorization from a route that does not remove it, and shares the answers",
            ),
        ],
        [
            [media(rule({}, UNKNOWN))],
            [media(rule(UNKNOWN, {}))],
            [backend({"cacheKeyPolicy": UNKNOWN}), url_map(_led())],
            [backend(), url_map({"service": "b1", "headerAction": UNKNOWN})],
        ],
    ),
    Case(
        "google-tls-floor",
        [[Res(SSL_POLICY, "tls", {"minTlsVersion": "TLS_1_2", "profile": "MODERN"})]],
        [
            (
                [Res(SSL_POLICY, "tls", {"profile": "MODERN"})],
                "lets callers connect by TLS_1_0, older than TLS_1_2",
            ),
            (
                [Res(SSL_POLICY, "tls", {"minTlsVersion": "TLS_1_2"})],
                "lets callers choose outdated ciphers (profile COMPATIBLE)",
            ),
        ],
        [[Res(SSL_POLICY, "tls", {"minTlsVersion": UNKNOWN, "profile": UNKNOWN})]],
        [
            Configured(
                {"minimum": "TLS_1_3"},
                [Res(SSL_POLICY, "tls", {"minTlsVersion": "TLS_1_2", "profile": "MODERN"})],
                True,
            )
        ],
    ),
    Case(
        "google-tls-policy",
        [[media()], [Res(PROXY, "proxy", {"sslPolicy": "p1"})]],
        [
            ([media(sslPolicy=None)], "has no TLS policy, so that callers may connect by TLS 1.0"),
            ([media(requireTls=None)], "takes requests in clear"),
            ([Res(PROXY, "proxy", {"urlMap": "m1"})], "has no TLS policy, so that callers may connect by TLS 1.0"),
        ],
        [[media(sslPolicy=UNKNOWN)], [media(requireTls=UNKNOWN)], [Res(PROXY, "proxy", {"sslPolicy": UNKNOWN})]],
    ),
    Case(
        "google-https-origin",
        [
            [Res(ORIGIN, "kong", {"protocol": "HTTPS", "originAddress": "kong.example.com"})],
            [Res(ORIGIN, "kong", {"protocol": "HTTP", "originAddress": "localhost"})],
            [backend(refs=_TO_KONG), _HTTP_ENDPOINT],
            [backend(protocol="HTTP")],
            [backend(protocol="HTTP", refs=_TO_KONG), Res(ENDPOINT, "kong", {"fqdn": "localhost"})],
        ],
        [
            (
                [Res(ORIGIN, "kong", {"protocol": "HTTP", "originAddress": "kong.example.com"})],
                "sends requests in clear to a public host",
            ),
            ([backend(protocol="HTTP", refs=_TO_KONG), _HTTP_ENDPOINT], "sends requests in clear to a public host"),
        ],
        [
            [Res(ORIGIN, "kong", {"protocol": UNKNOWN, "originAddress": "kong.example.com"})],
            [Res(ORIGIN, "kong", {"protocol": "HTTP", "originAddress": UNKNOWN})],
            [backend(protocol="HTTP", refs=_TO_KONG), Res(ENDPOINT, "kong", {"fqdn": UNKNOWN})],
        ],
    ),
    Case(
        "google-logs",
        [[media()], [backend()], [backend(enableCdn=False, logConfig={"enable": False})]],
        [
            ([media(logConfig=None)], "writes no request logs"),
            ([backend(logConfig={"enable": False})], "writes no request logs"),
        ],
        [
            [media(logConfig=UNKNOWN)],
            [backend(logConfig={"enable": UNKNOWN})],
            [backend(enableCdn=UNKNOWN, logConfig={})],
        ],
    ),
]
