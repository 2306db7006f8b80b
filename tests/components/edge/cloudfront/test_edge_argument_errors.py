"""What the edge's components say about a wrong argument, word by word."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components import ArgumentError
from components.edge import OriginSecret
from components.edge.cloudfront import CloudFrontEdge
from local.engine import EngineError
from tests.components.edge.cloudfront.arguments import (
    CERTIFICATE,
    JWT_SECRETS,
    LOAD_BALANCER,
    bare_args,
    minimal_args,
    private_route,
    public_key,
    shareable_route,
)
from tests.components.edge.cloudfront.memory_aws import EdgeStack

FOREIGN = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
US_EAST_1 = "must be an ARN in us-east-1, where CloudFront's are"
NAMES = "must be host names in lower case such as predict.example.com"
KEY = "must be header names in lower case that the edge does not set or remove itself"
PEM = "authentication.public_keys must be PEM texts that begin with -----BEGIN PUBLIC KEY-----"


def route(**more: Any) -> Any:
    return {"routes": [shareable_route(**more)]}


def origin(**more: Any) -> Any:
    return {"origin": {"domain": "kong.test", **more}}


def authentication(**given: Any) -> Any:
    return {"authentication": given}


def many(count: int) -> Any:
    return [shareable_route(model=f"m{i}", path=f"/m{i}") for i in range(count)]


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": (
        {"alias": []},
        "alias is not an argument; known are alarms, aliases, authentication, certificate_arn, "
        "continuous_deployment_policy_id, firewall, geo_restriction, hosted_zone_id, http_version, logs, origin, "
        "origin_secret, price_class, protect, routes, wait_for_deployment",
    ),
    "unknown of a route": (
        route(ttl=1),
        "routes[].ttl is not an argument; known are cors, key_headers, model, path, shareable, timeout_seconds, "
        "ttl_seconds, version_token",
    ),
    "unknown of the origin": (
        origin(host="a"),
        "origin.host is not an argument; known are client_certificate_arn, domain, port, protocol, "
        "read_timeout_seconds, shield_region, vpc",
    ),
    "unknown of the VPC": (
        origin(vpc={"arn": LOAD_BALANCER, "id": 1}),
        "origin.vpc.id is not an argument; known are arn, name",
    ),
    "no origin": ({"origin": None}, "origin is missing"),
    "no domain": ({"origin": {"port": 443}}, "origin.domain is missing"),
    "no origin secret": ({"origin_secret": ""}, "origin_secret is missing"),
    "no load balancer": (origin(vpc={}), "origin.vpc.arn is missing"),
    "no routes": ({"routes": []}, "routes must name at least one route"),
    "no path": (route(path=None), "routes digits path is missing"),
    "no shareable": (route(shareable=None), "routes digits shareable is missing"),
    "no version": (route(version_token=None), "routes digits version_token is needed by a shareable model"),
    "empty version": (route(version_token=""), "routes digits version_token is needed by a shareable model"),
    "no lifetime": (route(ttl_seconds=None), "routes digits ttl_seconds is needed by a shareable model"),
    "wrong version": (route(version_token="7"), "routes[].version_token must be 32 hex digits in lower case"),
    "lifetime": (route(ttl_seconds=1.5), "routes digits ttl_seconds must be a whole number from 1 to 31536000"),
    "model": (
        route(model="Digits"),
        "routes[].model must be 1 to 40 lower-case letters, digits and hyphens, letter first",
    ),
    "wildcard path": (
        route(path="/digits/*"),
        "path must be an exact path such as /digits/predict: letters, digits and . _ ~ : -",
    ),
    "path with dots": (route(path="/a/../b"), "path must have at most 255 characters and no segment . or .."),
    "long path": (route(path="/" + "a" * 255), "path must have at most 255 characters and no segment . or .."),
    "model twice": ({"routes": [shareable_route(), shareable_route(path="/b")]}, "routes has the model digits twice"),
    "path twice": (
        {"routes": [shareable_route(), private_route(path="/digits/predict")]},
        "routes has the path /digits/predict twice",
    ),
    "too many shareable routes": (
        {"routes": many(75)},
        "routes may have 74 shareable models: use another edge for more",
    ),
    "too many key headers": (
        {"routes": [shareable_route(key_headers=[f"x-{i}" for i in range(10)])]},
        "routes may have 9 different key_headers in all",
    ),
    "credential as key": (route(key_headers=["authorization"]), f"routes digits key_headers {KEY}"),
    "version as key": (route(key_headers=["x-model-version"]), f"routes digits key_headers {KEY}"),
    "key in upper case": (route(key_headers=["X-Tenant"]), f"routes digits key_headers {KEY}"),
    "no origins": (route(cors={}), "routes digits cors.origins is missing"),
    "no time": (route(timeout_seconds=0), "routes digits timeout_seconds must be a number of seconds above 0"),
    "slower than CloudFront": (
        route(timeout_seconds=120.5),
        "routes digits timeout_seconds must be at most 120, CloudFront's own limit (it is 120.5)",
    ),
    "slower than the edge": (
        {**route(), **origin(read_timeout_seconds=60)},
        "routes digits timeout_seconds must be at most 60, origin.read_timeout_seconds (it is 65)",
    ),
    "no read time": (
        origin(read_timeout_seconds=0),
        "origin.read_timeout_seconds must be a whole number from 1 to 120",
    ),
    "long read time": (
        origin(read_timeout_seconds=121),
        "origin.read_timeout_seconds must be a whole number from 1 to 120",
    ),
    "URL as domain": (
        {"origin": {"domain": "https://kong.test"}},
        "origin.domain must be a host name without scheme, port and path",
    ),
    "http": (origin(protocol="http"), "origin.protocol must be https: http is for an origin on localhost"),
    "protocol": (origin(protocol="match-viewer"), "origin.protocol must be one of https, http"),
    "port": (origin(port=81), "origin.port must be 80, 443 or a number from 1024 to 65535"),
    "certificate inside a VPC": (
        origin(vpc={"arn": LOAD_BALANCER}, client_certificate_arn=CERTIFICATE),
        "origin.client_certificate_arn cannot be used with origin.vpc",
    ),
    "client certificate elsewhere": (
        origin(client_certificate_arn=FOREIGN),
        f"origin.client_certificate_arn {US_EAST_1}",
    ),
    "shield": (
        origin(shield_region="eu-north-1"),
        "origin.shield_region must be one of us-east-1, us-east-2, us-west-2, ap-northeast-1, ap-northeast-2, "
        "ap-south-1, ap-southeast-1, ap-southeast-2, eu-central-1, eu-west-1, eu-west-2, me-central-1, sa-east-1",
    ),
    "names without certificate": ({"aliases": ["a.test.com"]}, "aliases need certificate_arn or hosted_zone_id"),
    "certificate and zone": (
        {"aliases": ["a.test.com"], "certificate_arn": CERTIFICATE, "hosted_zone_id": "Z1"},
        "certificate_arn cannot be used with hosted_zone_id, which makes a certificate",
    ),
    "certificate without names": ({"certificate_arn": CERTIFICATE}, "certificate_arn needs aliases"),
    "zone without names": ({"hosted_zone_id": "Z1"}, "hosted_zone_id needs aliases"),
    "certificate elsewhere": (
        {"aliases": ["a.test.com"], "certificate_arn": FOREIGN},
        f"certificate_arn {US_EAST_1}",
    ),
    "name in upper case": ({"aliases": ["A.test.com"], "hosted_zone_id": "Z1"}, f"aliases {NAMES}"),
    "name as URL": ({"aliases": ["https://a.test.com"], "hosted_zone_id": "Z1"}, f"aliases {NAMES}"),
    "name twice": ({"aliases": ["a.test.com"] * 2, "hosted_zone_id": "Z1"}, "aliases has a name twice"),
    "price class": (
        {"price_class": "100"},
        "price_class must be one of PriceClass_100, PriceClass_200, PriceClass_All",
    ),
    "HTTP version": ({"http_version": "2"}, "http_version must be one of http1.1, http2, http3, http2and3"),
    "continuous deployment by HTTP/3": (
        {"continuous_deployment_policy_id": "p", "http_version": "http2and3"},
        "http_version must be http1.1 or http2 with continuous_deployment_policy_id",
    ),
    "mode": (authentication(mode="cookie"), "authentication.mode must be one of none, signed-url, jwt"),
    "jwt without secrets": (
        authentication(mode="jwt"),
        "authentication.secrets must be one secret, or two while one replaces the other",
    ),
    "three secrets": (
        authentication(mode="jwt", secrets=[*JWT_SECRETS, "x" * 40]),
        "authentication.secrets must be one secret, or two while one replaces the other",
    ),
    "weak secret": (
        authentication(mode="jwt", secrets=["weak"]),
        "authentication.secrets must have at least 32 bytes each",
    ),
    "secrets of nobody": (authentication(secrets=JWT_SECRETS), "authentication.secrets needs authentication.mode jwt"),
    "issuer of nobody": (
        authentication(mode="signed-url", public_keys=[public_key()], issuer="a"),
        "authentication.issuer needs authentication.mode jwt",
    ),
    "signed-url without keys": (
        authentication(mode="signed-url"),
        "authentication.public_keys must be 1 to 5 public keys",
    ),
    "keys of nobody": (
        authentication(public_keys=[public_key()]),
        "authentication.public_keys needs authentication.mode signed-url",
    ),
    "no PEM": (authentication(mode="signed-url", public_keys=["ssh-rsa AAAA"]), PEM),
    "private key": (
        authentication(mode="signed-url", public_keys=[public_key("secret").replace("PUBLIC", "PRIVATE")]),
        PEM,
    ),
    "key twice": (
        authentication(mode="signed-url", public_keys=[public_key(), public_key() + "\n"]),
        "authentication.public_keys has a key twice",
    ),
    "allow and deny": (
        {"geo_restriction": {"allow": ["DE"], "deny": ["FR"]}},
        "geo_restriction must be allow or deny, not both",
    ),
    "no country": (
        {"geo_restriction": {"allow": []}},
        "geo_restriction.allow must be country codes of two capital letters such as DE",
    ),
    "country": (
        {"geo_restriction": {"deny": ["de"]}},
        "geo_restriction.deny must be country codes of two capital letters such as DE",
    ),
    "rate": (
        {"firewall": {"rate_limit_per_5_minutes": 1}},
        "firewall.rate_limit_per_5_minutes must be a whole number from 10 to 2000000000",
    ),
    "hit ratio": (
        {"alarms": {"minimum_hit_ratio_percent": 100}},
        "alarms.minimum_hit_ratio_percent must be a number between 0 and 100",
    ),
    "topic elsewhere": ({"alarms": {"topic_arn": "arn:aws:sns:eu-west-1:1:a"}}, f"alarms.topic_arn {US_EAST_1}"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_argument_is_refused_before_anything_is_made(name: str) -> None:
    given, message = CASES[name]
    with pytest.raises(ArgumentError) as error:
        CloudFrontEdge("edge", minimal_args(**given))
    assert str(error.value) == f"CloudFrontEdge: {message}"


@pytest.mark.parametrize("name", ["", "1edge", "edge_1", "e" * 37])
def test_a_name_that_aws_would_refuse(name: str) -> None:
    with pytest.raises(ArgumentError, match="name must be 1 to 36 letters, digits and hyphens, letter first"):
        CloudFrontEdge(name, minimal_args())


def test_retention_is_one_that_cloudwatch_takes() -> None:
    with pytest.raises(ArgumentError, match=r"logs.retention_days must be one of 1, 3, 5, 7, 14, 30, "):
        CloudFrontEdge("edge", minimal_args(logs={"retention_days": 2}))


def test_a_function_that_is_too_large() -> None:
    routes = [{**each, "path": each["path"] + "x" * 200} for each in many(60)]
    with pytest.raises(ArgumentError, match=r"routes make a CloudFront Function of \d+ bytes, which may have 10240"):
        CloudFrontEdge("edge", minimal_args(routes=routes))


LATER: dict[str, tuple[dict[str, Any], str]] = {
    "path": ({"path": "/a*"}, "path must be an exact path such as /digits/predict"),
    "path twice": ({"path": "/words/predict"}, "routes has the path /words/predict twice"),
    "version": ({"version_token": "7"}, "routes[].version_token must be 32 hex digits"),
    "no version": ({"version_token": ""}, "routes[].version_token must be 32 hex digits"),
}


@pytest.mark.parametrize("name", LATER)
def test_what_is_known_only_at_deployment_is_checked_then(stack: EdgeStack, name: str) -> None:
    given, message = LATER[name]

    def program() -> None:
        later = {key: pulumi.Output.from_input(value) for key, value in given.items()}
        CloudFrontEdge("edge", bare_args(routes=[shareable_route(**later), private_route()]))

    with pytest.raises(EngineError) as error:
        stack.up(program)
    assert f"CloudFrontEdge: {message}" in str(error.value)
    assert not {"create Function", "create Distribution"} & set(stack.aws.calls)


def test_a_weak_secret_known_only_at_deployment_is_refused_without_showing_it(stack: EdgeStack) -> None:
    def program() -> None:
        weak = pulumi.Output.secret("weak-secret")
        CloudFrontEdge("edge", bare_args(authentication={"mode": "jwt", "secrets": [weak]}))

    with pytest.raises(EngineError, match="authentication.secrets must have at least 32 bytes each") as error:
        stack.up(program)
    assert "weak-secret" not in str(error.value)


@pytest.mark.parametrize("rotation", [0, -1, 1.5, "1", True, None])
def test_a_rotation_is_a_whole_number(rotation: Any) -> None:
    args: Any = {"rotation": rotation}
    with pytest.raises(ArgumentError) as error:
        OriginSecret("secret", args)
    assert str(error.value) == "OriginSecret: rotation must be a whole number of at least 1"
