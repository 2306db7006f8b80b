"""The graph with the least arguments and with everything on: names, origin, countries, outputs, previews."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.edge.cloudfront import CloudFrontEdge
from tests.components.edge.cloudfront.arguments import (
    CERTIFICATE,
    LOAD_BALANCER,
    ORIGIN_SECRET,
    TOKEN,
    bare_args,
    full_args,
    jwt_args,
    minimal_args,
    private_route,
    shareable_route,
)
from tests.components.edge.cloudfront.memory_aws import EdgeStack
from tests.components.trial_stack import Graph

SEVEN = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]


def graph(stack: EdgeStack, args: Any) -> Graph:
    return stack.up(lambda: CloudFrontEdge("edge", args))


def inputs(stack: EdgeStack, args: Any) -> dict[str, Any]:
    """Inputs of the distribution."""
    return graph(stack, args)["edge-distribution"]["inputs"]


def test_the_least_is_a_distribution_its_policies_and_its_function(stack: EdgeStack) -> None:
    assert set(graph(stack, bare_args())) == {
        "edge",
        "edge-cache-policy",
        "edge-default-request",
        "edge-distribution",
        "edge-response-headers",
        "edge-shareable-request",
        "edge-viewer-request",
    }


def test_everything_on(stack: EdgeStack) -> None:
    made = graph(stack, full_args())
    kinds = sorted(item["type"].split(":")[-1] for item in made.values())
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "Bucket": 1,
        "BucketLifecycleConfiguration": 1,
        "BucketPolicy": 1,
        "BucketPublicAccessBlock": 1,
        "CachePolicy": 1,
        "Certificate": 1,
        "CertificateValidation": 1,
        "CloudFrontEdge": 1,
        "Dashboard": 1,
        "Distribution": 1,
        "Function": 1,
        "KeyGroup": 1,
        "LogDelivery": 1,
        "LogDeliveryDestination": 1,
        "LogDeliverySource": 1,
        "LogGroup": 1,
        "LogResourcePolicy": 1,
        "MetricAlarm": 3,
        "MonitoringSubscription": 1,
        "OriginRequestPolicy": 2,
        "PublicKey": 2,
        "Record": 5,
        "ResponseHeadersPolicy": 2,
        "VpcOrigin": 1,
        "WebAcl": 1,
        "WebAclLoggingConfiguration": 1,
    }


@pytest.mark.parametrize("args", [minimal_args(), full_args()], ids=["least", "everything"])
def test_every_child_belongs_to_the_edge_and_carries_its_name(stack: EdgeStack, args: Any) -> None:
    made = graph(stack, args)
    for name in set(made) - {"edge"}:
        assert made[name]["parent"] == made["edge"]["urn"]
        assert name.startswith("edge-")


def test_two_edges_stand_side_by_side(stack: EdgeStack) -> None:
    made = stack.up(lambda: [CloudFrontEdge(name, full_args()) for name in ("one", "two")])
    assert len(made.of_type("Distribution")) == 2


def test_what_is_not_given_is_safe(stack: EdgeStack) -> None:
    found = inputs(stack, bare_args())
    shown = ("enabled", "isIpv6Enabled", "httpVersion", "priceClass", "waitForDeployment", "retainOnDelete")
    assert [found[name] for name in shown] == [True, True, "http2and3", "PriceClass_100", True, False]
    assert found["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}
    assert found["restrictions"] == {"geoRestriction": {"restrictionType": "none", "locations": []}}
    assert found["cacheTagConfig"] == {"headerName": "Cache-Tag"}
    assert not {"aliases", "webAclId", "continuousDeploymentPolicyId", "loggingConfig"} & set(found)


def test_errors_are_kept_for_a_moment_or_not_at_all(stack: EdgeStack) -> None:
    kept = {
        item["errorCode"]: item["errorCachingMinTtl"] for item in inputs(stack, bare_args())["customErrorResponses"]
    }
    assert kept == {**dict.fromkeys((400, 403, 404, 405, 414, 416), 0), 500: 1, 501: 1, 502: 1, 503: 1, 504: 2}


def test_the_origin_is_asked_once_by_tls_with_the_secret(stack: EdgeStack) -> None:
    assert inputs(stack, bare_args())["origins"] == [
        {
            "originId": "gateway",
            "domainName": "kong.test",
            "connectionAttempts": 1,
            "connectionTimeout": 5,
            "responseCompletionTimeout": 75,
            "customHeaders": [{"name": "X-Origin-Verify", "value": ORIGIN_SECRET}],
            "customOriginConfig": {
                "httpPort": 80,
                "httpsPort": 443,
                "originProtocolPolicy": "https-only",
                "originSslProtocols": ["TLSv1.2"],
                "originReadTimeout": 70,
                "originKeepaliveTimeout": 60,
            },
        }
    ]


@pytest.mark.parametrize(("slowest", "read"), [(20.5, 25), (65, 70), (115, 120), (119, 120), (120, 120)])
def test_the_edge_waits_longer_than_the_slowest_route(stack: EdgeStack, slowest: float, read: int) -> None:
    routes = [shareable_route(timeout_seconds=slowest), private_route(timeout_seconds=1)]
    [origin] = inputs(stack, bare_args(routes=routes))["origins"]
    assert origin["customOriginConfig"]["originReadTimeout"] == read
    assert origin["responseCompletionTimeout"] == read + 5


def test_an_origin_on_localhost_may_speak_http(stack: EdgeStack) -> None:
    [origin] = inputs(stack, bare_args(origin={"domain": "localhost", "protocol": "http", "port": 8000}))["origins"]
    config = origin["customOriginConfig"]
    assert (config["httpPort"], config["httpsPort"], config["originProtocolPolicy"]) == (8000, 443, "http-only")


def test_an_origin_in_a_vpc_is_reached_through_it(stack: EdgeStack) -> None:
    made = graph(stack, full_args())
    assert made["edge-vpc-origin"]["inputs"]["vpcOriginEndpointConfig"] == {
        "arn": LOAD_BALANCER,
        "name": "kong",
        "httpPort": 80,
        "httpsPort": 8443,
        "originProtocolPolicy": "https-only",
        "originSslProtocols": {"items": ["TLSv1.2"], "quantity": 1},
    }
    [origin] = made["edge-distribution"]["inputs"]["origins"]
    assert "customOriginConfig" not in origin
    assert origin["vpcOriginConfig"]["originReadTimeout"] == 50
    assert origin["vpcOriginConfig"]["vpcOriginId"].startswith("VpcOrigin")
    assert origin["originShield"] == {"enabled": True, "originShieldRegion": "eu-west-1"}


def test_the_gateway_may_ask_for_a_client_certificate(stack: EdgeStack) -> None:
    [origin] = inputs(stack, bare_args(origin={"domain": "kong.test", "client_certificate_arn": CERTIFICATE}))[
        "origins"
    ]
    assert origin["customOriginConfig"]["originMtlsConfig"] == {"clientCertificateArn": CERTIFICATE}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"allow": ["DE", "AT"]}, {"restrictionType": "whitelist", "locations": ["AT", "DE"]}),
        ({"deny": ["FR"]}, {"restrictionType": "blacklist", "locations": ["FR"]}),
    ],
)
def test_countries(stack: EdgeStack, given: Any, expected: Any) -> None:
    assert inputs(stack, bare_args(geo_restriction=given))["restrictions"]["geoRestriction"] == expected


def test_continuous_deployment_does_without_http3(stack: EdgeStack) -> None:
    found = inputs(stack, bare_args(continuous_deployment_policy_id="policy-1"))
    assert (found["httpVersion"], found["continuousDeploymentPolicyId"]) == ("http2", "policy-1")


def test_arguments_are_seen_in_camel_case(stack: EdgeStack) -> None:
    seen = graph(stack, minimal_args())["edge"]["inputs"]
    assert seen["routes"][0]["versionToken"] == TOKEN
    assert json.dumps(seen).count("_") == 0


def outputs(stack: EdgeStack, args: Any) -> dict[str, Any]:
    def program() -> None:
        edge = CloudFrontEdge("edge", args)
        for name in CloudFrontEdge.__annotations__:
            pulumi.export(name, getattr(edge, name))

    stack.up(program)
    return stack.outputs()


def test_outputs(stack: EdgeStack) -> None:
    found = outputs(stack, bare_args())
    assert found.pop("edge_id").startswith("Distribution-")
    domain = "d111111abcdef8.cloudfront.net"
    assert found == {"domain_name": domain, "url": f"https://{domain}", "public_key_ids": []}


def test_callers_learn_by_which_ids_their_keys_are_known(stack: EdgeStack) -> None:
    found = outputs(stack, full_args())["public_key_ids"]
    made = stack.up(lambda: CloudFrontEdge("edge", full_args())).of_type("PublicKey")
    assert len(found) == len(set(found)) == len(made) == 2


@pytest.mark.parametrize(
    ("aliases", "url"),
    [
        (["predict.test.com", "b.test.com"], "https://predict.test.com"),
        (["*.test.com", "b.test.com"], "https://b.test.com"),
        (["*.test.com"], "https://d111111abcdef8.cloudfront.net"),
    ],
)
def test_the_url_is_that_of_the_first_name(stack: EdgeStack, aliases: list[str], url: str) -> None:
    assert outputs(stack, bare_args(aliases=aliases, certificate_arn=CERTIFICATE))["url"] == url


def test_a_preview_works_with_all_inputs_unknown(stack: EdgeStack) -> None:
    def program() -> None:
        later: pulumi.Output[str] = CloudFrontEdge("first", bare_args()).edge_id
        route = shareable_route(
            path=later.apply(lambda id_: f"/{id_}"),
            version_token=later.apply(lambda _: TOKEN),
            ttl_seconds=later.apply(len),
        )
        args = jwt_args(routes=[route])
        args["origin"] = {"domain": later}
        args["origin_secret"] = later
        args["authentication"]["secrets"] = [later.apply(lambda id_: id_ * 10)]
        CloudFrontEdge("edge", args)

    planned = stack.preview(program)
    assert set(planned) == set(stack.up(program))
    assert planned["edge-viewer-request"]["inputs"]["runtime"] == "cloudfront-js-2.0"
