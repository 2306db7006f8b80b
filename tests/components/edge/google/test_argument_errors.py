"""What both of Google's edges say about a wrong argument, word by word."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components import ArgumentError
from components.edge.cloud_cdn import CloudCdnEdge
from components.edge.media_cdn import MediaCdnEdge
from local.engine import EngineError
from tests.components.edge.cloudfront.arguments import private_route, shareable_route
from tests.components.edge.google.arguments import CERTIFICATE, bare_args, fast, minimal_args
from tests.components.edge.google.memory_gcp import GcpStack

both = pytest.mark.parametrize("component", [MediaCdnEdge, CloudCdnEdge])
NAMES = "must be host names in lower case such as predict.example.com"
KEY = "must be header names in lower case that the edge does not set or remove itself"
COUNTRIES = "must be country codes of two capital letters such as DE"


def route(**more: Any) -> Any:
    return {"routes": [fast(shareable_route(**more))]}


def origin(**more: Any) -> Any:
    return {"origin": {"domain": "kong.test", **more}}


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown of a route": (
        route(ttl=1),
        "routes[].ttl is not an argument; known are cors, key_headers, model, path, shareable, timeout_seconds, "
        "ttl_seconds, version_token",
    ),
    "unknown of logs": (
        {"logs": {"bucket_arn": "a"}},
        "logs.bucket_arn is not an argument; known are enabled, sample_rate",
    ),
    "unknown of alarms": (
        {"alarms": {"topic_arn": "a"}},
        "alarms.topic_arn is not an argument; known are enabled, error_rate_percent, minimum_hit_ratio_percent, "
        "minimum_requests, notification_channels, origin_latency_ms",
    ),
    "no origin": ({"origin": {}}, "origin is missing"),
    "no domain": ({"origin": {"port": 443}}, "origin.domain is missing"),
    "no origin secret": ({"origin_secret": ""}, "origin_secret is missing"),
    "no routes": ({"routes": []}, "routes must name at least one route"),
    "no version": (route(version_token=None), "routes digits version_token is needed by a shareable model"),
    "no lifetime": (route(ttl_seconds=None), "routes digits ttl_seconds is needed by a shareable model"),
    "lifetime": (route(ttl_seconds=1.5), "routes digits ttl_seconds must be a whole number from 1 to 31536000"),
    "wildcard path": (
        route(path="/digits/*"),
        "path must be an exact path such as /digits/predict: letters, digits and . _ ~ : -",
    ),
    "path twice": (
        {"routes": [fast(shareable_route()), fast(private_route(path="/digits/predict"))]},
        "routes has the path /digits/predict twice",
    ),
    "credential as key": (route(key_headers=["authorization"]), f"routes digits key_headers {KEY}"),
    "version as key": (route(key_headers=["x-model-version"]), f"routes digits key_headers {KEY}"),
    "no time": (route(timeout_seconds=0), "routes digits timeout_seconds must be a number of seconds above 0"),
    "slower than the edge": (
        {**route(), **origin(read_timeout_seconds=10)},
        "routes digits timeout_seconds must be at most 10, origin.read_timeout_seconds (it is 12)",
    ),
    "URL as domain": (
        origin(domain="https://kong.test"),
        "origin.domain must be a host name without scheme, port and path",
    ),
    "http": (origin(protocol="http"), "origin.protocol must be https: http is for an origin on localhost"),
    "protocol": (origin(protocol="h2"), "origin.protocol must be one of https, http"),
    "port": (origin(port=0), "origin.port must be a whole number from 1 to 65535"),
    "no names": (
        {"aliases": []},
        "aliases is missing: Google has no host name and no certificate of its own for an edge",
    ),
    "names without certificate": ({"certificate_ids": []}, "aliases need certificate_ids or dns_zone"),
    "certificate and zone": (
        {"dns_zone": "test-com"},
        "certificate_ids cannot be used with dns_zone, which makes a certificate",
    ),
    "name in upper case": ({"aliases": ["A.test.com"]}, f"aliases {NAMES}"),
    "name as URL": ({"aliases": ["https://a.test.com"]}, f"aliases {NAMES}"),
    "name twice": ({"aliases": ["a.test.com"] * 2}, "aliases has a name twice"),
    "wildcard first": (
        {"aliases": ["*.test.com", "a.test.com"]},
        "aliases must begin with a name without *, that of the edge's URL",
    ),
    "too many names": ({"aliases": [f"h{i}.test.com" for i in range(101)]}, "aliases may have 100 names"),
    "allow and deny": (
        {"geo_restriction": {"allow": ["DE"], "deny": ["FR"]}},
        "geo_restriction must be allow or deny, not both",
    ),
    "no country": ({"geo_restriction": {"allow": []}}, f"geo_restriction.allow {COUNTRIES}"),
    "country": ({"geo_restriction": {"deny": ["de"]}}, f"geo_restriction.deny {COUNTRIES}"),
    "sample rate": ({"logs": {"sample_rate": 2}}, "logs.sample_rate must be a number from 0 to 1"),
    "hit ratio": (
        {"alarms": {"minimum_hit_ratio_percent": 100}},
        "alarms.minimum_hit_ratio_percent must be a number between 0 and 100",
    ),
    "requests": (
        {"alarms": {"minimum_requests": 0}},
        "alarms.minimum_requests must be a whole number from 1 to 1000000000",
    ),
}


@both
@pytest.mark.parametrize("name", CASES)
def test_a_wrong_argument_is_refused_before_anything_is_made(component: Any, name: str) -> None:
    given, message = CASES[name]
    with pytest.raises(ArgumentError) as error:
        component("edge", minimal_args(**given))
    assert str(error.value) == f"{component.__name__}: {message}"


@both
@pytest.mark.parametrize("header", ["content-type", "user-agent", "x-api-key", "sec-fetch-mode", "x-goog-tenant"])
def test_a_header_that_no_key_is_kept_by(component: Any, header: str) -> None:
    product = "Media CDN" if component is MediaCdnEdge else "Cloud CDN"
    with pytest.raises(ArgumentError) as error:
        component("edge", minimal_args(**route(key_headers=[header])))
    expected = f"routes digits key_headers has {header}, by which {product} keeps no key"
    assert str(error.value) == f"{component.__name__}: {expected}"


@both
def test_a_private_models_key_headers_and_lifetime_do_not_matter(component: Any, stack: GcpStack) -> None:
    routes = [fast(private_route(key_headers=["authorization"], ttl_seconds=0.5))]
    assert len(stack.up(lambda: component("edge", bare_args(routes=routes)))) > 3


@both
@pytest.mark.parametrize("name", ["", "1edge", "Edge", "edge_1", "e" * 25])
def test_a_name_that_google_would_refuse(component: Any, name: str) -> None:
    with pytest.raises(
        ArgumentError, match="name must be 1 to 24 lower-case letters, digits and hyphens, letter first"
    ):
        component(name, minimal_args())


FOREIGN = [
    ("price_class", "CloudFrontEdge"),
    ("hosted_zone_id", "CloudFrontEdge"),
    ("continuous_deployment_policy_id", "CloudFrontEdge"),
]


@both
@pytest.mark.parametrize(("argument", "owner"), FOREIGN)
def test_an_argument_of_another_edge_is_named_as_such(component: Any, argument: str, owner: str) -> None:
    product = "Media CDN" if component is MediaCdnEdge else "Cloud CDN"
    with pytest.raises(ArgumentError) as error:
        component("edge", minimal_args(**{argument: "x"}))
    assert str(error.value) == f"{component.__name__}: {argument} is an argument of {owner}, {product} has none"


@both
def test_an_argument_of_no_edge(component: Any) -> None:
    with pytest.raises(ArgumentError, match="alias is not an argument; known are alarms, aliases, "):
        component("edge", minimal_args(alias="x"))


@both
def test_a_path_known_only_at_deployment_is_checked_then(component: Any, stack: GcpStack) -> None:
    def program() -> None:
        late = fast(shareable_route(path=pulumi.Output.from_input("/a*")))
        component("edge", bare_args(routes=[late]))

    with pytest.raises(EngineError) as error:
        stack.up(program)
    assert f"{component.__name__}: path must be an exact path such as /digits/predict" in str(error.value)
    assert not {"create EdgeCacheService", "create URLMap"} & set(stack.gcp.calls)


@both
def test_http_is_for_localhost(component: Any, stack: GcpStack) -> None:
    args = bare_args(origin={"domain": "127.0.0.1", "port": 8000, "protocol": "http"}, certificate_ids=[CERTIFICATE])
    assert len(stack.up(lambda: component("edge", args))) > 3
