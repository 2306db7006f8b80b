"""What CloudFront takes of policies, functions, keys and VPC origins, beyond its API model.

Sources: docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide (cloudfront-limits,
controlling-the-cache-key, controlling-origin-requests,
understanding-response-headers-policies, cloudfront-function-restrictions, private-content-vpc-origins)
and the API reference of each operation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.aws_models.limits.rules import (
    DOMAIN,
    HEADER,
    VISIBLE,
    Rules,
    Whole,
    between,
    both,
    each,
    having,
    listed,
    matching,
    not_among,
    one_of,
    port,
    text,
)
from tests.aws_models.registered import Inputs, values_at

_ID = matching(r"[A-Z0-9]{10,20}|[a-z0-9]{14,40}")
_NAME = matching(r"[A-Za-z0-9_-]{1,128}")
_COMMENT = text(128)
_TTL = between(0, 3_153_600_000)
_FIXED_RESPONSE_HEADERS = (
    *("connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-authenticate"),
    *("proxy-authorization", "proxy-connection", "trailer", "transfer-encoding", "upgrade", "via", "warning"),
    *("x-accel-buffering", "x-accel-charset", "x-accel-limit-rate", "x-accel-redirect", "x-amzn-auth"),
    *("x-amzn-cf-billing", "x-amzn-cf-id", "x-amzn-cf-xff", "x-amzn-errortype", "x-amzn-fle-profile"),
    *("x-amzn-header-count", "x-amzn-header-order", "x-amzn-lambda-integration-tag", "x-amzn-requestid"),
    *("x-cache", "x-forwarded-proto", "x-real-ip"),
)


PATHS: dict[str, Rules] = {
    "aws:cloudfront/cachePolicy:CachePolicy": {
        "name": _NAME,
        "comment": _COMMENT,
        "minTtl": one_of(0),  # above 0 CloudFront keeps what is private
        "defaultTtl": _TTL,
        "maxTtl": _TTL,
    },
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": {"name": _NAME, "comment": _COMMENT},
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": {
        "name": _NAME,
        "comment": _COMMENT,
        "customHeadersConfig.items": each(lambda _: None, most=10, least=1),
        "customHeadersConfig.items.header": not_among(_FIXED_RESPONSE_HEADERS, ("x-amz-cf-", "x-edge-")),
        "customHeadersConfig.items.value": matching(VISIBLE),
        "removeHeadersConfig.items": each(lambda _: None, most=10, least=1),
        "removeHeadersConfig.items.header": not_among(_FIXED_RESPONSE_HEADERS, ("x-amz-cf-", "x-edge-")),
        "corsConfig.accessControlAllowHeaders.items": each(matching(HEADER), most=100, least=1),
        "corsConfig.accessControlExposeHeaders.items": each(matching(HEADER), most=100),
        "corsConfig.accessControlAllowMethods.items": each(
            one_of("GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ALL"), most=7, least=1
        ),
        "corsConfig.accessControlAllowOrigins.items": each(
            matching(rf"\*|(https?://)?({DOMAIN.pattern}|localhost)(:\d{{1,5}})?"), most=100, least=1
        ),
        "corsConfig.accessControlMaxAgeSec": between(0, 2_147_483_647),
        "securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec": between(0, 2_147_483_647),
    },
    "aws:cloudfront/function:Function": {
        "name": matching(r"[A-Za-z0-9_-]{1,64}"),
        "comment": _COMMENT,
        "runtime": one_of("cloudfront-js-2.0"),
        "publish": one_of(True),  # an unpublished function cannot be associated
        "code": both(text(10_240), lambda code: None if "function handler(" in code else "without handler"),
    },
    "aws:cloudfront/publicKey:PublicKey": {
        "name": _NAME,
        "comment": _COMMENT,
        "encodedKey": matching(r"-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=]{1,76}\n){1,20}-----END PUBLIC KEY-----\n"),
    },
    "aws:cloudfront/keyGroup:KeyGroup": {
        "name": _NAME,
        "comment": _COMMENT,
        "items": each(_ID, most=5, least=1),
    },
    "aws:cloudfront/vpcOrigin:VpcOrigin": {
        "vpcOriginEndpointConfig": having("originSslProtocols"),  # the default is SSL 3
        "vpcOriginEndpointConfig.name": text(64, 1),
        "vpcOriginEndpointConfig.arn": matching(
            r"arn:aws:(elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/(app|net)/[\w-]+/\w+"
            r"|ec2:[a-z0-9-]+:\d{12}:instance/i-[0-9a-f]+)"
        ),
        "vpcOriginEndpointConfig.httpPort": port,
        "vpcOriginEndpointConfig.httpsPort": port,
        "vpcOriginEndpointConfig.originProtocolPolicy": one_of("https-only", "http-only"),
        "vpcOriginEndpointConfig.originSslProtocols.items": each(one_of("TLSv1.2"), most=1, least=1),
        "vpcOriginEndpointConfig.originSslProtocols.quantity": one_of(1),
    },
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": {
        "distributionId": _ID,
        "monitoringSubscription": having("realtimeMetricsSubscriptionConfig"),
    },
}


def _configured(config: Any, behavior: str, holder: str, behaviors: tuple[str, ...]) -> Iterator[str]:
    """A part of a policy: what it does with names, and the names."""
    if not isinstance(config, dict):
        return
    names = config.get(holder)
    items = names.get("items") if isinstance(names, dict) else None
    if config.get(behavior) not in behaviors:
        yield f"{behavior} is none of {behaviors}"
    named = config.get(behavior) in ("whitelist", "allExcept", "allViewerAndWhitelistCloudFront")
    if named != bool(items):
        yield f"{behavior} {config.get(behavior)!r:.40} and its names do not fit"
    found = [str(name).lower() for name in listed(items)]
    if len(found) > 10 or len(set(found)) < len(found):
        yield f"{holder}: at most 10, each once"
    for name in found:
        if not HEADER.fullmatch(name):
            yield f"{holder}: {name!r:.40} is not a name"


def cache_policy(inputs: Inputs) -> Iterator[str]:
    """Names in the key, and lifetimes in order."""
    parameters = inputs.get("parametersInCacheKeyAndForwardedToOrigin")
    if isinstance(parameters, dict):
        yield from _configured(parameters.get("headersConfig"), "headerBehavior", "headers", ("none", "whitelist"))
        yield from _configured(parameters.get("cookiesConfig"), "cookieBehavior", "cookies", ("none",))
        yield from _configured(
            parameters.get("queryStringsConfig"), "queryStringBehavior", "queryStrings", ("none", "whitelist")
        )
        for name in values_at(parameters, "headersConfig.headers.items"):
            if {"authorization", "cookie", "host"} & {str(item).lower() for item in listed(name)}:
                yield "a credential or the host in the cache key"
    ttls = [inputs.get("minTtl", 0), inputs.get("defaultTtl", 86_400), inputs.get("maxTtl", 31_536_000)]
    if all(isinstance(ttl, int) for ttl in ttls) and ttls != sorted(ttls):
        yield "not minTtl <= defaultTtl <= maxTtl"
    if ttls == [0, 0, 0] and parameters:
        yield "a policy that caches nothing has no key"


def origin_request_policy(inputs: Inputs) -> Iterator[str]:
    """What goes to the origin."""
    headers = inputs.get("headersConfig")
    yield from _configured(
        headers,
        "headerBehavior",
        "headers",
        ("none", "whitelist", "allViewer", "allViewerAndWhitelistCloudFront", "allExcept"),
    )
    yield from _configured(
        inputs.get("cookiesConfig"), "cookieBehavior", "cookies", ("none", "whitelist", "all", "allExcept")
    )
    yield from _configured(
        inputs.get("queryStringsConfig"),
        "queryStringBehavior",
        "queryStrings",
        ("none", "whitelist", "all", "allExcept"),
    )
    if isinstance(headers, dict) and headers.get("headerBehavior") == "whitelist":
        for names in values_at(headers, "headers.items"):
            if {"authorization", "accept-encoding"} & {str(name).lower() for name in listed(names)}:
                yield "Authorization and Accept-Encoding can be passed on by a cache policy alone"


def response_headers_policy(inputs: Inputs) -> Iterator[str]:
    """Headers once each; credentials not for everybody."""
    for part in ("customHeadersConfig.items.header", "removeHeadersConfig.items.header"):
        names = [str(name).lower() for name in values_at(inputs, part)]
        if len(set(names)) < len(names):
            yield f"{part}: a header is there twice"
    cors = inputs.get("corsConfig")
    if isinstance(cors, dict) and cors.get("accessControlAllowCredentials") is True:
        for items in values_at(cors, "accessControlAllowOrigins.items"):
            if "*" in listed(items):
                yield "corsConfig: credentials for every origin"


WHOLE: dict[str, Whole] = {
    "aws:cloudfront/cachePolicy:CachePolicy": cache_policy,
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": origin_request_policy,
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": response_headers_policy,
}
