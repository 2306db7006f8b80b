"""CloudFront."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.policies.cases.case import Case, Configured
from tests.policies.resources import UNKNOWN, Res

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
CACHE_POLICY = "aws:cloudfront/cachePolicy:CachePolicy"
REQUEST_POLICY = "aws:cloudfront/originRequestPolicy:OriginRequestPolicy"
VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"
_ALL_VIEWER = "216adef6-6c7f-47e4-b989-5492eafa07d3"
_ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
_CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


def origin(**props: Any) -> dict[str, Any]:
    given = {
        "domainName": "kong.example.com",
        "originId": "kong",
        "connectionAttempts": 1,
        "customHeaders": [{"name": "X-Origin-Verify", "value": "s3cr3t-of-the-edge"}],
        "customOriginConfig": {
            "originProtocolPolicy": "https-only",
            "originSslProtocols": ["TLSv1.2"],
            "originReadTimeout": 60,
        },
        **props,
    }
    return {name: value for name, value in given.items() if value is not None}


def behavior(**props: Any) -> dict[str, Any]:
    return {"targetOriginId": "kong", "viewerProtocolPolicy": "https-only", "cachePolicyId": _CACHING_DISABLED, **props}


def distribution(refs: Mapping[str, list[str]] | None = None, **props: Any) -> Res:
    given = {
        "origins": [origin()],
        "defaultCacheBehavior": behavior(),
        "viewerCertificate": {"acmCertificateArn": "arn:1", "minimumProtocolVersion": "TLSv1.2_2021"},
        "webAclId": "arn:2",
        **props,
    }
    return Res(DISTRIBUTION, "cdn", {name: value for name, value in given.items() if value is not None}, refs or {})


def cache_policy(headers: list[str], **props: Any) -> Res:
    key = {"headersConfig": {"headerBehavior": "whitelist", "headers": {"items": headers}}}
    given = {"minTtl": 0, "maxTtl": 600, "parametersInCacheKeyAndForwardedToOrigin": key, "id": "c1", **props}
    return Res(CACHE_POLICY, "key", {name: value for name, value in given.items() if value is not None})


def request_policy(how: str, *headers: str, **props: Any) -> Res:
    config = {"headerBehavior": how, "headers": {"items": list(headers)}}
    return Res(REQUEST_POLICY, "forward", {"headersConfig": config, "id": "o1", **props})


def _kept(cache_id: str = "c1", request_id: str = "o1") -> Res:
    kept = behavior(cachePolicyId=cache_id, originRequestPolicyId=request_id, pathPattern="/predict")
    return distribution({"orderedCacheBehaviors": ["key", "forward"]}, orderedCacheBehaviors=[kept])


_LOGS = Res(
    "aws:cloudwatch/logDeliverySource:LogDeliverySource", "logs", {"resourceArn": UNKNOWN}, {"resourceArn": ["cdn"]}
)

CASES = [
    Case(
        "cloudfront-min-ttl",
        [[cache_policy([])], [distribution(defaultCacheBehavior=behavior(minTtl=0))]],
        [
            ([cache_policy([], minTtl=60)], "keeps private and no-store answers for 60 seconds"),
            (
                [distribution(orderedCacheBehaviors=[behavior(), behavior(minTtl=1)])],
                "keeps by its ordered behavior 2 private and no-store answers for 1 seconds",
            ),
        ],
        [[cache_policy([], minTtl=UNKNOWN)], [distribution(defaultCacheBehavior=UNKNOWN)]],
    ),
    Case(
        "cloudfront-ttl",
        [[cache_policy([])], [distribution()]],
        [
            ([cache_policy([], maxTtl=None)], "keeps answers for up to 31536000 seconds, more than 86400"),
            (
                [distribution(defaultCacheBehavior=behavior(defaultTtl=100000))],
                "keeps by its default behavior answers for up to 100000 seconds, more than 86400",
            ),
        ],
        [[cache_policy([], maxTtl=UNKNOWN)], [distribution(defaultCacheBehavior=behavior(maxTtl=UNKNOWN))]],
        [Configured({"maxTtlSeconds": 60}, [cache_policy([])], True)],
    ),
    Case(
        "cloudfront-all-viewer",
        [
            [request_policy("allExcept", "host")],
            [distribution(defaultCacheBehavior=behavior(originRequestPolicyId=_ALL_VIEWER_EXCEPT_HOST))],
        ],
        [
            ([request_policy("allViewer")], "passes on every header of viewers, Host too"),
            (
                [distribution(defaultCacheBehavior=behavior(originRequestPolicyId=_ALL_VIEWER))],
                "passes on every header of viewers, Host too, by its default behavior",
            ),
            (
                [distribution(orderedCacheBehaviors=[behavior(forwardedValues={"headers": ["*"]})])],
                "passes on every header of viewers, Host too, by its ordered behavior 1",
            ),
        ],
        [
            [request_policy(UNKNOWN)],
            [distribution(defaultCacheBehavior=behavior(originRequestPolicyId=UNKNOWN))],
        ],
    ),
    Case(
        "cloudfront-authorization-not-shared",
        [
            [_kept(), cache_policy(["x-model-version"]), request_policy("allExcept", "host", "Authorization")],
            [_kept(), cache_policy(["Authorization"]), request_policy("allViewer")],
            [_kept(), cache_policy([], maxTtl=0), request_policy("allViewer")],
            [_kept(), cache_policy([]), request_policy("none")],
            [_kept("elsewhere"), cache_policy([]), request_policy("allViewer")],
            [distribution(defaultCacheBehavior=behavior(originRequestPolicyId=_ALL_VIEWER_EXCEPT_HOST))],
        ],
        [
            (
                [_kept(), cache_policy(["x-model-version"]), request_policy("allExcept", "host")],
                "passes Authorization on and shares the answers by its ordered behavior 1",
            ),
            (
                [_kept(UNKNOWN, UNKNOWN), cache_policy([]), request_policy("whitelist", "authorization")],
                "passes Authorization on and shares the answers by its ordered behavior 1",
            ),
            (
                [
                    distribution(
                        defaultCacheBehavior=behavior(
                            cachePolicyId=_CACHING_OPTIMIZED, originRequestPolicyId=_ALL_VIEWER_EXCEPT_HOST
                        )
                    )
                ],
                "passes Authorization on and shares the answers by its default behavior",
            ),
        ],
        [
            [_kept(), cache_policy([]), request_policy(UNKNOWN)],
            [_kept(), cache_policy([], maxTtl=UNKNOWN), request_policy("allViewer")],
            [distribution(defaultCacheBehavior=behavior(cachePolicyId=UNKNOWN, originRequestPolicyId=_ALL_VIEWER))],
            [distribution(defaultCacheBehavior=UNKNOWN)],
        ],
    ),
    Case(
        "cloudfront-firewall",
        [[distribution()]],
        [([distribution(webAclId=None)], "has no firewall")],
        [[distribution(webAclId=UNKNOWN)]],
    ),
    Case(
        "cloudfront-logs",
        [
            [distribution(), _LOGS],
            [distribution(loggingConfig={"bucket": "logs"})],
            [distribution(defaultCacheBehavior=behavior(realtimeLogConfigArn="arn"))],
            [distribution(arn="arn:9"), Res(_LOGS.type, "logs", {"resourceArn": "arn:9"})],
        ],
        [([distribution()], "writes no access logs")],
        [
            [distribution(arn=UNKNOWN), Res(_LOGS.type, "logs", {"resourceArn": UNKNOWN})],
            [distribution(defaultCacheBehavior=UNKNOWN)],
        ],
    ),
]
