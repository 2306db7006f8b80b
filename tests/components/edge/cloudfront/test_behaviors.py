"""Behaviours, their policies, the Function and the keys of signed URLs."""

from __future__ import annotations

from typing import Any

import pulumi

from components.edge.cloudfront import CloudFrontEdge
from components.edge.cloudfront.function import FunctionRoute, JwtRules, render
from tests.components.edge.cloudfront.arguments import (
    JWT_SECRETS,
    OTHER_TOKEN,
    TOKEN,
    bare_args,
    full_args,
    jwt_args,
    minimal_args,
    private_route,
    public_key,
    shareable_route,
)
from tests.components.edge.cloudfront.memory_aws import EdgeStack
from tests.components.trial_stack import Graph, changed

SEVEN = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]


def graph(stack: EdgeStack, args: Any) -> Graph:
    return stack.up(lambda: CloudFrontEdge("edge", args))


def test_only_exact_paths_of_shareable_routes_are_cached(stack: EdgeStack) -> None:
    made = graph(stack, full_args())
    found = made["edge-distribution"]["inputs"]
    assert [each["pathPattern"] for each in found["orderedCacheBehaviors"]] == ["/digits/predict", "/v1/vectors.json"]
    assert found["defaultCacheBehavior"]["cachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    for behavior in (found["defaultCacheBehavior"], *found["orderedCacheBehaviors"]):
        assert behavior["allowedMethods"] == SEVEN
        assert behavior["cachedMethods"] == ["GET", "HEAD"]
        assert behavior["viewerProtocolPolicy"] == "https-only"
        [association] = behavior["functionAssociations"]
        assert association["eventType"] == "viewer-request"
        assert ":Function:" in association["functionArn"]
        assert not {"forwardedValues", "minTtl", "defaultTtl", "maxTtl"} & set(behavior)


def test_without_shareable_routes_nothing_is_cached(stack: EdgeStack) -> None:
    made = graph(stack, minimal_args(routes=[private_route()]))
    assert made["edge-distribution"]["inputs"]["orderedCacheBehaviors"] == []
    assert not {"edge-cache-policy", "edge-shareable-request", "edge-hit-ratio"} & set(made)


def test_the_order_of_the_routes_changes_nothing(stack: EdgeStack) -> None:
    args = full_args()
    graph(stack, args)
    again = graph(stack, {**args, "routes": args["routes"][::-1]})
    assert changed(again, "update") == ["edge"]  # its own arguments


def test_the_key_is_input_version_and_the_headers_that_change_an_answer(stack: EdgeStack) -> None:
    policy = graph(stack, full_args())["edge-cache-policy"]["inputs"]
    assert (policy["minTtl"], policy["defaultTtl"], policy["maxTtl"]) == (0, 0, 86_400)
    assert policy["parametersInCacheKeyAndForwardedToOrigin"] == {
        "queryStringsConfig": {"queryStringBehavior": "whitelist", "queryStrings": {"items": ["input"]}},
        "headersConfig": {
            "headerBehavior": "whitelist",
            "headers": {"items": ["x-model-version", "prefer", "x-tenant"]},
        },
        "cookiesConfig": {"cookieBehavior": "none"},
        "enableAcceptEncodingBrotli": True,
        "enableAcceptEncodingGzip": True,
    }


def test_a_key_header_of_a_private_route_is_not_in_the_key(stack: EdgeStack) -> None:
    routes = [shareable_route(), private_route(key_headers=["x-tenant"])]
    policy = graph(stack, bare_args(routes=routes))["edge-cache-policy"]["inputs"]
    headers = policy["parametersInCacheKeyAndForwardedToOrigin"]["headersConfig"]["headers"]
    assert headers == {"items": ["x-model-version"]}


def test_no_credential_reaches_the_gateway_where_answers_are_shared(stack: EdgeStack) -> None:
    made = graph(stack, bare_args())
    shared, default = made["edge-shareable-request"]["inputs"], made["edge-default-request"]["inputs"]
    assert shared["headersConfig"] == {"headerBehavior": "allExcept", "headers": {"items": ["authorization", "host"]}}
    assert shared["queryStringsConfig"] == {"queryStringBehavior": "none"}
    assert default["headersConfig"] == {"headerBehavior": "allExcept", "headers": {"items": ["host"]}}
    assert default["queryStringsConfig"] == {"queryStringBehavior": "all"}
    assert shared["cookiesConfig"] == default["cookiesConfig"] == {"cookieBehavior": "none"}


def test_viewers_see_nothing_internal_and_keep_nothing(stack: EdgeStack) -> None:
    policy = graph(stack, bare_args())["edge-response-headers"]["inputs"]
    assert policy["customHeadersConfig"] == {
        "items": [{"header": "Cache-Control", "value": "private, no-store", "override": True}]
    }
    removed = [item["header"] for item in policy["removeHeadersConfig"]["items"]]
    assert "Cache-Tag" in removed
    assert len([header for header in removed if header.startswith("X-Kong-")]) >= 5
    assert len(removed) <= 10
    assert policy["securityHeadersConfig"] == {
        "contentTypeOptions": {"override": True},
        "strictTransportSecurity": {"accessControlMaxAgeSec": 31_536_000, "override": True},
    }
    assert "corsConfig" not in policy


def test_models_with_the_same_cors_share_a_policy(stack: EdgeStack) -> None:
    made = graph(stack, full_args())
    [name] = set(made.of_type("ResponseHeadersPolicy")) - {"edge-response-headers"}
    behaviors = made["edge-distribution"]["inputs"]["orderedCacheBehaviors"]
    assert len({each["responseHeadersPolicyId"] for each in behaviors}) == 1
    cors = made[name]["inputs"]["corsConfig"]
    assert cors["accessControlAllowOrigins"] == {"items": ["https://app.test"]}
    assert cors["accessControlAllowMethods"] == {"items": ["GET", "OPTIONS", "POST"]}
    assert {"authorization", "content-type", "prefer", "x-tenant"} < set(cors["accessControlAllowHeaders"]["items"])
    assert (cors["accessControlMaxAgeSec"], cors["accessControlAllowCredentials"]) == (30, False)
    assert cors["originOverride"] is True


def test_origins_known_only_at_deployment_work(stack: EdgeStack) -> None:
    def program() -> None:
        cors = {"origins": [pulumi.Output.from_input("https://app.test")]}
        CloudFrontEdge("edge", bare_args(routes=[shareable_route(cors=cors)]))

    assert "edge-cors-digits-response-headers" in stack.up(program)


def test_the_function_has_every_route(stack: EdgeStack) -> None:
    found = graph(stack, full_args())["edge-viewer-request"]["inputs"]
    table = {
        "/digits/predict": FunctionRoute(TOKEN, ("prefer", "x-tenant")),
        "/v1/vectors.json": FunctionRoute(OTHER_TOKEN),
        "/words/predict": FunctionRoute(""),
    }
    assert found["code"] == render(table, None)
    assert (found["runtime"], found["publish"]) == ("cloudfront-js-2.0", True)


def test_a_private_route_has_no_version_in_the_function(stack: EdgeStack) -> None:
    routes = [private_route(version_token=TOKEN, key_headers=["x-tenant"])]
    code = graph(stack, bare_args(routes=routes))["edge-viewer-request"]["inputs"]["code"]
    assert code == render({"/words/predict": FunctionRoute("")}, None)


def test_bearer_tokens_are_checked_by_the_function(stack: EdgeStack) -> None:
    code = graph(stack, jwt_args())["edge-viewer-request"]["inputs"]["code"]
    rules = JwtRules(tuple(JWT_SECRETS), "https://id.test", "predictions")
    assert code == render({"/digits/predict": FunctionRoute(TOKEN)}, rules)


def test_a_new_version_changes_the_function_and_waits_until_every_location_runs_it(stack: EdgeStack) -> None:
    before = graph(stack, minimal_args())["edge-distribution"]["inputs"]
    again = graph(stack, minimal_args(routes=[shareable_route(version_token=OTHER_TOKEN)]))
    assert changed(again, "update") == ["edge", "edge-distribution", "edge-viewer-request"]
    after = again["edge-distribution"]["inputs"]
    assert {name for name in after if after[name] != before[name]} == {"comment"}
    assert after["waitForDeployment"] is True
    assert changed(again, "replace") == changed(again, "create") == changed(again, "delete") == []


def test_signed_urls_are_asked_for_where_answers_are_shared(stack: EdgeStack) -> None:
    made = graph(stack, full_args())
    keys = made.of_type("PublicKey")
    assert {key["inputs"]["encodedKey"] for key in keys.values()} == {f"{public_key()}\n", f"{public_key('MIIC')}\n"}
    assert not any("name" in key["inputs"] for key in keys.values())
    found = made["edge-distribution"]["inputs"]
    assert all(len(each["trustedKeyGroups"]) == 1 for each in found["orderedCacheBehaviors"])
    assert "trustedKeyGroups" not in found["defaultCacheBehavior"]
    assert len(made["edge-key-group"]["inputs"]["items"]) == 2


def test_public_keys_are_exchanged_with_an_overlap(stack: EdgeStack) -> None:
    def keys(*bodies: str) -> Any:
        given = {"mode": "signed-url", "public_keys": [public_key(body) for body in bodies]}
        return bare_args(authentication=given)

    graph(stack, keys("MIIB"))
    stack.aws.calls.clear()
    graph(stack, keys("MIIB", "MIIC"))
    assert stack.aws.calls == ["create PublicKey", "update KeyGroup"]
    stack.aws.calls.clear()
    graph(stack, keys("MIIC"))
    assert stack.aws.calls == ["update KeyGroup", "delete PublicKey"]
