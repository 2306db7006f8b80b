"""The policies of a distribution: what is in the cache key, what the gateway and what the viewer get to see."""

import hashlib
import json
from collections.abc import Sequence
from typing import Optional

import pulumi
from pulumi_aws import cloudfront

from ...gateway.arguments import CORS_MAX_AGE_SECONDS, CorsArgs
from ..arguments import CACHE_TAG_HEADER, INPUT_PARAMETER, MODEL_VERSION_HEADER, EdgeRouteArgs
from ..route_checks import key_headers

# Managed-CachingDisabled; docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHING_DISABLED_ID = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"

_HSTS_SECONDS = 31_536_000
_INTERNAL_HEADERS = (  # of the gateway; a policy removes at most 10
    CACHE_TAG_HEADER,
    "Server",
    "X-Kong-Admin-Latency",
    "X-Kong-Proxy-Latency",
    "X-Kong-Request-Id",
    "X-Kong-Response-Latency",
    "X-Kong-Upstream-Latency",
    "X-Kong-Upstream-Status",
)
_BROWSER_HEADERS = ("accept", "apikey", "authorization", "cache-control", "content-type", "x-request-id")
_EXPOSED_HEADERS = ("Age", "Cache-Status", "Retry-After", "X-Cache", "X-Request-ID")


def cache_policy(name: str, routes: Sequence[EdgeRouteArgs], opts: pulumi.ResourceOptions) -> cloudfront.CachePolicy:
    """The key of every shareable model: input, version and the headers that change an answer.

    With a minimum of 0 an answer that is private or has no lifetime is never kept.
    """
    ttls = [route["ttl_seconds"] for route in routes if route["shareable"] and "ttl_seconds" in route]
    return cloudfront.CachePolicy(
        f"{name}-cache-policy",
        comment=f"{name}: input, model version and the headers that change an answer",
        min_ttl=0,
        default_ttl=0,
        max_ttl=pulumi.Output.all(*ttls).apply(lambda seconds: int(max(seconds))),
        parameters_in_cache_key_and_forwarded_to_origin={
            "query_strings_config": {
                "query_string_behavior": "whitelist",
                "query_strings": {"items": [INPUT_PARAMETER]},
            },
            "headers_config": {
                "header_behavior": "whitelist",
                "headers": {"items": [MODEL_VERSION_HEADER.lower(), *key_headers(routes)]},
            },
            "cookies_config": {"cookie_behavior": "none"},
            "enable_accept_encoding_gzip": True,
            "enable_accept_encoding_brotli": True,
        },
        opts=opts,
    )


def shareable_request_policy(name: str, opts: pulumi.ResourceOptions) -> cloudfront.OriginRequestPolicy:
    """For behaviours that cache: no credential, for what one caller is told, others are told, too."""
    return _request_policy(f"{name}-shareable-request", ["authorization", "host"], "none", opts)


def default_request_policy(name: str, opts: pulumi.ResourceOptions) -> cloudfront.OriginRequestPolicy:
    """For everything that is not cached: the request as it came, with the credentials that the model may ask for."""
    return _request_policy(f"{name}-default-request", ["host"], "all", opts)


def response_headers_policies(
    name: str, routes: Sequence[EdgeRouteArgs], opts: pulumi.ResourceOptions
) -> dict[Optional[str], cloudfront.ResponseHeadersPolicy]:
    """Model -> policy of its behaviour, one for all with the same `cors`; None -> the one without `cors`."""
    found: dict[Optional[str], cloudfront.ResponseHeadersPolicy] = {None: _headers_policy(name, None, [], opts)}
    made: dict[str, cloudfront.ResponseHeadersPolicy] = {}
    for route in routes:
        cors = route.get("cors")
        if cors and route["shareable"]:
            slug = _slug(route)
            if slug not in made:
                made[slug] = _headers_policy(f"{name}-cors-{slug}", cors, key_headers(routes), opts)
            found[route["model"]] = made[slug]
    return found


def _request_policy(
    name: str, without: list[str], query: str, opts: pulumi.ResourceOptions
) -> cloudfront.OriginRequestPolicy:
    return cloudfront.OriginRequestPolicy(
        name,
        comment=f"All headers except {' and '.join(without)}; no cookies",
        headers_config={"header_behavior": "allExcept", "headers": {"items": without}},
        cookies_config={"cookie_behavior": "none"},
        query_strings_config={"query_string_behavior": query},
        opts=opts,
    )


def _headers_policy(
    name: str, cors: Optional[CorsArgs], headers: list[str], opts: pulumi.ResourceOptions
) -> cloudfront.ResponseHeadersPolicy:
    return cloudfront.ResponseHeadersPolicy(
        f"{name}-response-headers",
        comment="No internal header and no copy outside of the edge",
        cors_config=_cors(cors, headers) if cors else None,
        custom_headers_config={
            "items": [{"header": "Cache-Control", "value": "private, no-store", "override": True}],
        },
        remove_headers_config={"items": [{"header": header} for header in _INTERNAL_HEADERS]},
        security_headers_config={
            "content_type_options": {"override": True},
            "strict_transport_security": {"access_control_max_age_sec": _HSTS_SECONDS, "override": True},
        },
        opts=opts,
    )


def _cors(cors: CorsArgs, headers: list[str]) -> cloudfront.ResponseHeadersPolicyCorsConfigArgsDict:
    age = cors.get("max_age_seconds")
    return {
        "access_control_allow_credentials": False,
        "access_control_allow_headers": {"items": sorted({*_BROWSER_HEADERS, *headers})},
        "access_control_allow_methods": {"items": ["GET", "OPTIONS", "POST"]},
        "access_control_allow_origins": {"items": cors["origins"]},
        "access_control_expose_headers": {"items": list(_EXPOSED_HEADERS)},
        "access_control_max_age_sec": pulumi.Output.from_input(CORS_MAX_AGE_SECONDS if age is None else age).apply(int),
        "origin_override": True,  # a kept answer has the headers that its first caller was sent
    }


def _slug(route: EdgeRouteArgs) -> str:
    """The same for the same `cors`; the model's name when a value is known only when it is deployed."""
    try:
        return hashlib.sha256(json.dumps(route.get("cors"), sort_keys=True).encode()).hexdigest()[:8]
    except TypeError:
        return route["model"]
