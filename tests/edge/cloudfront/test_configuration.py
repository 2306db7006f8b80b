"""What the admin port takes and refuses; a refusal changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.edge.running import (
    CACHING_DISABLED,
    Edge,
    Origin,
    behaviour,
    cache_policy,
    configure,
    distribution,
    origin_inputs,
)

NO_QUERY = {"queryStringsConfig": {"queryStringBehavior": "none"}}
NO_COOKIES = {"cookiesConfig": {"cookieBehavior": "none"}}
WHITELIST = {"headerBehavior": "whitelist", "headers": {"items": ["Authorization"]}}


def changed_policy(**parameters: Any) -> dict[str, Any]:
    policy = cache_policy()
    policy["parametersInCacheKeyAndForwardedToOrigin"].update(parameters)
    return policy


def custom_origin(**changes: Any) -> dict[str, Any]:
    inputs = origin_inputs(80)
    inputs["customOriginConfig"].update(changes)
    return distribution(80, origins=[inputs])


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("distribution", distribution(80, originGroups=[{"originId": "g"}]), "originGroups"),
    ("distribution", distribution(80, defaultRootObject="index.html"), "defaultRootObject"),
    ("distribution", distribution(80, viewerMtlsConfig={"mode": "required"}), "viewerMtlsConfig"),
    ("distribution", distribution(80, somethingNew=1), "somethingNew"),
    ("distribution", distribution(80, behaviour(forwardedValues={"queryString": True})), "forwardedValues"),
    ("distribution", distribution(80, behaviour(defaultTtl=5)), "defaultTtl"),
    ("distribution", distribution(80, behaviour(lambdaFunctionAssociations=[{}])), "lambdaFunctionAssociations"),
    ("distribution", distribution(80, behaviour(trustedSigners=["self"])), "trustedSigners"),
    ("distribution", distribution(80, behaviour(fieldLevelEncryptionId="x")), "fieldLevelEncryptionId"),
    ("distribution", distribution(80, behaviour(grpcConfig={"enabled": True})), "grpcConfig has enabled"),
    ("distribution", distribution(80, behaviour(cachedMethods=["GET", "HEAD", "OPTIONS"])), "cachedMethods"),
    ("distribution", distribution(80, behaviour(allowedMethods=["GET", "POST"])), "three sets"),
    ("distribution", distribution(80, behaviour(targetOriginId="x")), "names the origin x"),
    ("distribution", distribution(80, behaviour(cachePolicyId="x")), "no cache policy x"),
    ("distribution", distribution(80, behaviour(originRequestPolicyId="x")), "no origin request policy x"),
    ("distribution", distribution(80, behaviour(responseHeadersPolicyId="x")), "response headers policy x"),
    ("distribution", distribution(80, behaviour(trustedKeyGroups=["x"])), "key groups x"),
    (
        "distribution",
        distribution(80, behaviour(functionAssociations=[{"eventType": "viewer-request", "functionArn": "x"}])),
        "names the function x",
    ),
    (
        "distribution",
        distribution(80, behaviour(functionAssociations=[{"eventType": "viewer-response", "functionArn": "x"}])),
        "eventType must be one of viewer-request",
    ),
    ("distribution", distribution(80, orderedCacheBehaviors=[behaviour()]), "needs pathPattern"),
    ("distribution", distribution(80, customErrorResponses=[{"errorCode": 418}]), "errorCode 418"),
    (
        "distribution",
        distribution(80, customErrorResponses=[{"errorCode": 404, "responseCode": 200, "responsePagePath": "/e"}]),
        "custom error pages",
    ),
    ("distribution", distribution(80, origins=[origin_inputs(80), origin_inputs(81)]), "two origins"),
    ("distribution", distribution(80, origins=[origin_inputs(80, originAccessControlId="x")]), "originAccessControlId"),
    ("distribution", distribution(80, origins=[origin_inputs(80, connectionAttempts=4)]), "between 1 and 3"),
    ("distribution", distribution(80, origins=[origin_inputs(80, responseCompletionTimeout=9)]), "below its origin"),
    (
        "distribution",
        distribution(80, origins=[{"originId": "origin", "domainName": "b.s3.amazonaws.com", "s3OriginConfig": {}}]),
        "no S3 origin",
    ),
    (
        "distribution",
        distribution(
            80, origins=[{"originId": "origin", "domainName": "x", "vpcOriginConfig": {"vpcOriginId": "vo_1"}}]
        ),
        "not a registered VPC origin",
    ),
    ("distribution", custom_origin(originProtocolPolicy="match-viewer"), "http-only, https-only"),
    ("distribution", custom_origin(originMtlsConfig={"clientCertificateArn": "x"}), "originMtlsConfig"),
    ("distribution", custom_origin(httpPort=0), "httpPort must be between"),
    ("distribution", {**distribution(80), "enabled": "yes"}, "enabled must be true or false"),
    ("distribution", {**distribution(80), "origins": {}}, "origins must be a list"),
    ("distribution", {}, "needs origins"),
    ("cachePolicy", cache_policy(maxTtl=0, query=["a"]), "all its TTLs are 0"),
    ("cachePolicy", cache_policy(minTtl=5, defaultTtl=1), "minTtl <= defaultTtl <= maxTtl"),
    ("cachePolicy", cache_policy(query=[f"q{number}" for number in range(11)]), "the quota is 10"),
    ("cachePolicy", cache_policy(headers=["CloudFront-Viewer-Country"]), "cloudfront-viewer-country"),
    ("cachePolicy", changed_policy(headersConfig={"headerBehavior": "allViewer"}), "none, whitelist"),
    ("cachePolicy", changed_policy(queryStringsConfig={"queryStringBehavior": "whitelist"}), "lists 0 names"),
    ("cachePolicy", changed_policy(unknown=True), "unknown"),
    ("originRequestPolicy", {**NO_QUERY, **NO_COOKIES, "headersConfig": WHITELIST}, "authorization"),
    ("originRequestPolicy", {**NO_QUERY, **NO_COOKIES}, "needs headersConfig"),
    ("responseHeadersPolicy", {"corsConfig": {}}, "needs accessControlAllow"),
    ("responseHeadersPolicy", {"securityHeadersConfig": {"newHeader": {}}}, "newHeader"),
    ("publicKey", {"encodedKey": "text"}, "PublicKey new.encodedKey is not a public key"),
    ("keyGroup", {"items": ["K1"]}, "K1, which are not registered"),
    ("keyValueStore", {}, "does not serve aws:cloudfront/keyValueStore"),
    ("connectionFunction", {}, "does not serve"),
]


@pytest.mark.parametrize(("kind", "inputs", "reason"), REFUSED)
async def test_what_cannot_be_served_is_refused_with_the_reason(
    edge: Edge, origin: Origin, kind: str, inputs: dict[str, Any], reason: str
) -> None:
    await configure(edge, origin)
    before = edge.registry.configuration
    status, body = await edge.put(kind, "new", inputs, domainName="new.cloudfront.net", arn="arn:new")
    assert status == 400
    assert reason in body["message"]
    assert edge.registry.configuration is before
    assert (await edge.send("/a")).status == 200


async def test_what_changes_no_answer_is_taken(edge: Edge, origin: Origin) -> None:
    await configure(
        edge,
        origin,
        default={"compress": True, "realtimeLogConfigArn": "arn", "smoothStreaming": False, "trustedSigners": []},
        anycastIpListId="x",
        comment="c",
        continuousDeploymentPolicyId="p",
        httpVersion="http2and3",
        isIpv6Enabled=True,
        loggingConfig={"bucket": "b"},
        priceClass="PriceClass_100",
        retainOnDelete=True,
        staging=False,
        tags={"a": "b"},
        waitForDeployment=False,
        webAclId="arn",
        originGroups=[],
        defaultRootObject=None,
        origins=[origin_inputs(origin.port, originShield={"enabled": True, "originShieldRegion": "eu-west-1"})],
    )
    assert (await edge.send("/a")).status == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"type": 1}', b'{"type": "aws:cloudfront/cachePolicy:CachePolicy", "id": "other"}']
    + [b'{"type": "aws:cloudfront/cachePolicy:CachePolicy", "inputs": []}'],
)
async def test_a_body_of_another_form_is_refused(edge: Edge, body: bytes) -> None:
    async with edge.session.put(f"{edge.admin}/resources/x", data=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["message"]


async def test_a_distribution_needs_its_domain_name_and_a_function_its_arn(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    assert (await edge.put("distribution", "E2", distribution(80)))[1] == {
        "message": "Distribution E2 has no output domainName"
    }
    code = {"runtime": "cloudfront-js-2.0", "code": "function handler() {}"}
    assert (await edge.put("function", "f", code))[1] == {"message": "Function f has no output arn"}


async def test_names_are_unique_over_distributions(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin, aliases=["p.example.com"])
    second = distribution(80, aliases=["P.example.com"])
    status, body = await edge.put("distribution", "E2", second, domainName="d2.cloudfront.net")
    assert (status, "p.example.com" in body["message"]) == (400, True)


async def test_resources_are_found_and_deleted_but_not_while_in_use(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    async with edge.session.get(f"{edge.admin}/resources/policy") as answer:
        assert await answer.json() == {"type": "aws:cloudfront/cachePolicy:CachePolicy", "id": "policy"}
    status, body = await edge.delete("policy")
    assert (status, "CachePolicy policy is in use" in body["message"]) == (409, True)
    assert (await edge.send("/a")).status == 200
    assert (await edge.delete("E1"))[0] == 204
    assert (await edge.send("/a")).status == 403
    assert (await edge.delete("policy"))[0] == 204
    assert (await edge.delete("policy"))[0] == 404
    async with edge.session.get(f"{edge.admin}/resources/policy") as answer:
        assert answer.status == 404


async def test_an_id_belongs_to_one_type(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    status, body = await edge.put("realtimeLogConfig", "E1", {})
    assert (status, "taken by a resource of type" in body["message"]) == (400, True)
    await edge.must_put("realtimeLogConfig", "log", {"name": "log", "samplingRate": 100})
    assert (await edge.send("/a")).status == 200


async def test_secrets_are_in_no_answer_of_the_admin_port(edge: Edge, origin: Origin) -> None:
    secret = [{"name": "X-Origin-Verify", "value": "very-secret"}]
    await configure(edge, origin, origins=[origin_inputs(origin.port, customHeaders=secret)])
    async with edge.session.get(f"{edge.admin}/resources/E1") as answer:
        assert "very-secret" not in await answer.text()
    wrong = [{**secret[0], "extra": "x"}]
    inputs = distribution(80, origins=[origin_inputs(80, customHeaders=wrong)])
    _, body = await edge.put("distribution", "E1", inputs, domainName="d1.cloudfront.net")
    assert "extra" in body["message"] and "very-secret" not in body["message"]


async def test_the_status_counts_what_is_stored(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    await edge.send("/a")
    async with edge.session.get(f"{edge.admin}/status") as answer:
        assert await answer.json() == {
            "resources": 2,
            "objects": 1,
            "objectBytes": edge.store.size_bytes,
            "capacityBytes": 1 << 20,
        }


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("POST", "/resources/a", 405)])
async def test_other_calls_of_the_admin_port(edge: Edge, method: str, path: str, status: int) -> None:
    async with edge.session.request(method, f"{edge.admin}{path}") as answer:
        assert answer.status == status


@pytest.mark.parametrize(
    "policy", [CACHING_DISABLED, "658327ea-f89d-4fab-a63d-7e88639e58f6", "b2884449-e4de-46a7-ac36-70bc7f1ddd6d"]
)
async def test_managed_cache_policies(edge: Edge, origin: Origin, policy: str) -> None:
    await configure(edge, origin, default={"cachePolicyId": policy})
    origin.cache_control = "max-age=1"
    await edge.send("/a")
    assert (await edge.send("/a")).x_cache == ("Miss" if policy == CACHING_DISABLED else "Hit")
