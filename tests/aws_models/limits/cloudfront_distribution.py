"""What CloudFront takes of a distribution, beyond its API model.

Sources: docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide (cloudfront-limits,
distribution-web-values-*, add-origin-custom-headers)
and the API reference of each operation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.aws_models.limits.rules import (
    DOMAIN,
    HEADER,
    TAGS,
    VISIBLE,
    Rules,
    Whole,
    arn,
    between,
    both,
    each,
    flag,
    having,
    listed,
    matching,
    not_among,
    one_of,
    port,
    text,
)
from tests.aws_models.registered import Inputs, values_at

_POLICY_ID = matching(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_METHOD_SETS = [
    {"GET", "HEAD"},
    {"GET", "HEAD", "OPTIONS"},
    {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"},
]
_CUSTOM_HEADERS = (
    *("cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since"),
    *("if-none-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authenticate"),
    *("proxy-authorization", "proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding"),
    *("upgrade", "via", "x-real-ip"),
)
_ERROR_CODES = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
_SHIELD_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-2", "sa-east-1", "me-central-1", "ap-south-1", "ap-northeast-1"),
    *("ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-west-1", "eu-west-2"),
)


def _methods(value: Any) -> str | None:
    if not isinstance(value, list) or not all(isinstance(method, str) for method in value):
        return f"{value!r:.60} is no list of methods"
    legal = len(set(value)) == len(value) and set(value) in _METHOD_SETS
    return None if legal else f"{value} is none of the three sets of methods"


def _cached(value: Any) -> str | None:
    return _methods(value) or ("only GET, HEAD and OPTIONS are cached" if len(value) > 3 else None)


def _behavior(path: str) -> Rules:
    return {
        f"{path}.targetOriginId": text(128, 1),
        f"{path}.viewerProtocolPolicy": one_of("https-only", "redirect-to-https"),
        f"{path}.allowedMethods": _methods,
        f"{path}.cachedMethods": _cached,
        f"{path}.compress": flag,
        f"{path}.cachePolicyId": _POLICY_ID,
        f"{path}.originRequestPolicyId": _POLICY_ID,
        f"{path}.responseHeadersPolicyId": _POLICY_ID,
        f"{path}.trustedKeyGroups": each(_POLICY_ID, most=4, least=1),
        f"{path}.functionAssociations": each(lambda _: None, most=2),
        f"{path}.functionAssociations.eventType": one_of("viewer-request", "viewer-response"),
        f"{path}.functionAssociations.functionArn": arn("cloudfront", r"function/[A-Za-z0-9_-]{1,64}", region=""),
    }


PATHS: dict[str, Rules] = {
    "aws:cloudfront/distribution:Distribution": {
        "": having("restrictions", "viewerCertificate"),
        "enabled": flag,
        "comment": text(128),
        "tags": TAGS,
        "isIpv6Enabled": flag,
        "retainOnDelete": flag,
        "waitForDeployment": flag,
        "httpVersion": one_of("http1.1", "http2", "http3", "http2and3"),
        "priceClass": one_of("PriceClass_100", "PriceClass_200", "PriceClass_All"),
        "aliases": each(matching(DOMAIN), most=100),
        "webAclId": arn("wafv2", r"global/webacl/[\w-]{1,128}/[0-9a-f-]{36}", region="us-east-1"),
        "continuousDeploymentPolicyId": matching(r"[0-9a-f-]{36}"),
        "cacheTagConfig.headerName": both(text(256, 1), matching(HEADER)),
        "origins": each(lambda _: None, most=100, least=1),
        "origins.originId": text(128, 1),
        "origins.domainName": matching(DOMAIN.pattern + "|localhost"),
        "origins.connectionAttempts": between(1, 3),
        "origins.connectionTimeout": between(1, 10),
        "origins.responseCompletionTimeout": between(1, 3_600),
        "origins.customHeaders": each(lambda _: None, most=10),
        "origins.customHeaders.name": not_among(_CUSTOM_HEADERS, ("x-amz-", "x-edge-")),
        "origins.customHeaders.value": matching(VISIBLE),
        "origins.originShield.enabled": flag,
        "origins.originShield.originShieldRegion": one_of(*_SHIELD_REGIONS),
        "origins.customOriginConfig": having("originSslProtocols"),  # the default is SSL 3
        "origins.customOriginConfig.httpPort": port,
        "origins.customOriginConfig.httpsPort": port,
        "origins.customOriginConfig.originProtocolPolicy": one_of("https-only", "http-only"),
        "origins.customOriginConfig.originSslProtocols": each(one_of("TLSv1.2"), most=1, least=1),
        "origins.customOriginConfig.originReadTimeout": between(1, 120),
        "origins.customOriginConfig.originKeepaliveTimeout": between(1, 120),
        "origins.customOriginConfig.originMtlsConfig.clientCertificateArn": arn(
            "acm", r"certificate/[\w-]+", region="us-east-1"
        ),
        "origins.vpcOriginConfig.vpcOriginId": matching(r"vo_[A-Za-z0-9]{10,40}"),
        "origins.vpcOriginConfig.originReadTimeout": between(1, 120),
        "origins.vpcOriginConfig.originKeepaliveTimeout": between(1, 120),
        "orderedCacheBehaviors": each(lambda _: None, most=75),
        "orderedCacheBehaviors.pathPattern": matching(r"[A-Za-z0-9_\-.*$/~\"'@:+&?]{1,255}"),
        **_behavior("defaultCacheBehavior"),
        **_behavior("orderedCacheBehaviors"),
        "customErrorResponses.errorCode": one_of(*_ERROR_CODES),
        "customErrorResponses.errorCachingMinTtl": between(0, 31_536_000),
        "restrictions.geoRestriction.restrictionType": one_of("none", "whitelist", "blacklist"),
        "restrictions.geoRestriction.locations": each(matching(r"[A-Z]{2}"), most=250),
        "viewerCertificate.acmCertificateArn": arn("acm", r"certificate/[\w-]+", region="us-east-1"),
        "viewerCertificate.minimumProtocolVersion": one_of("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"),
        "viewerCertificate.sslSupportMethod": one_of("sni-only"),
        "viewerCertificate.cloudfrontDefaultCertificate": flag,
    },
}


def distribution(inputs: Inputs) -> Iterator[str]:
    """What has to fit together in a distribution."""
    origin_ids = list(values_at(inputs, "origins.originId"))
    if len(set(map(str, origin_ids))) < len(origin_ids):
        yield "two origins have one id"
    behaviors = [inputs.get("defaultCacheBehavior"), *(listed(inputs.get("orderedCacheBehaviors")))]
    for behavior in behaviors:
        if isinstance(behavior, dict):
            yield from _behavior_problems(behavior, origin_ids)
    patterns = [str(pattern) for pattern in values_at(inputs, "orderedCacheBehaviors.pathPattern")]
    if len(set(patterns)) < len(patterns):
        yield "two behaviours have one path pattern"
    codes = [str(code) for code in values_at(inputs, "customErrorResponses.errorCode")]
    if len(set(codes)) < len(codes):
        yield "an error code is there twice"
    for origin in listed(inputs.get("origins")):
        if isinstance(origin, dict):
            yield from _origin_problems(origin)
    yield from _certificate_problems(inputs)
    if inputs.get("continuousDeploymentPolicyId") and "3" in str(inputs.get("httpVersion")):
        yield "continuous deployment does not work with HTTP/3"
    for geo in values_at(inputs, "restrictions.geoRestriction"):
        if isinstance(geo, dict) and (geo.get("restrictionType") == "none") == bool(geo.get("locations")):
            yield "restrictions.geoRestriction: locations belong to whitelist and blacklist, and these need some"


def _behavior_problems(behavior: Inputs, origin_ids: list[Any]) -> Iterator[str]:
    if behavior.get("targetOriginId") not in origin_ids:
        yield "a behaviour's origin is not there"
    if not behavior.get("cachePolicyId"):
        yield "a behaviour without cache policy"
    for legacy in ("forwardedValues", "minTtl", "defaultTtl", "maxTtl", "trustedSigners", "smoothStreaming"):
        if legacy in behavior:
            yield f"{legacy} is legacy"
    cached, allowed = listed(behavior.get("cachedMethods")), listed(behavior.get("allowedMethods"))
    if not {str(method) for method in cached} <= {str(method) for method in allowed}:
        yield "a cached method is not allowed"
    events = [str(event) for event in values_at(behavior, "functionAssociations.eventType")]
    if len(set(events)) < len(events):
        yield "two functions for one event"


def _origin_problems(origin: Inputs) -> Iterator[str]:
    configs = [name for name in ("customOriginConfig", "vpcOriginConfig", "s3OriginConfig") if name in origin]
    if len(configs) != 1:
        yield f"an origin has exactly one configuration, not {configs}"
    for config in configs:
        read = origin[config].get("originReadTimeout", 30) if isinstance(origin[config], dict) else 30
        completion = origin.get("responseCompletionTimeout")
        if isinstance(read, int) and isinstance(completion, int) and completion < read:
            yield "responseCompletionTimeout is below originReadTimeout"
    headers = [header for header in listed(origin.get("customHeaders")) if isinstance(header, dict)]
    names = [str(header.get("name")).lower() for header in headers]
    if len(set(names)) < len(names):
        yield "a custom header is there twice"
    if sum(len(str(header.get("name"))) + len(str(header.get("value"))) for header in headers) > 10_240:
        yield "custom headers are longer than 10,240 characters"
    shield = origin.get("originShield")
    if isinstance(shield, dict) and shield.get("enabled") is True and "originShieldRegion" not in shield:
        yield "an origin shield needs a region"


def _certificate_problems(inputs: Inputs) -> Iterator[str]:
    certificate = inputs.get("viewerCertificate")
    if not isinstance(certificate, dict):
        return
    own = "acmCertificateArn" in certificate
    default = certificate.get("cloudfrontDefaultCertificate") is True
    if own == default:
        yield "viewerCertificate: either CloudFront's own certificate or one of ACM"
    if own and not {"sslSupportMethod", "minimumProtocolVersion"} <= set(certificate):
        yield "viewerCertificate: ACM's needs sslSupportMethod, and without minimumProtocolVersion it is TLSv1"
    if default and set(certificate) & {"sslSupportMethod", "minimumProtocolVersion"}:
        yield "viewerCertificate: these settings have no effect with CloudFront's own certificate"
    if inputs.get("aliases") and not own:
        yield "aliases need a certificate"


WHOLE: dict[str, Whole] = {"aws:cloudfront/distribution:Distribution": distribution}
