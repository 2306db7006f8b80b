"""Which requests Cloud CDN keeps, by what key, and as what they reach the gateway."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.edge import limits
from components.edge.cloud_cdn import CloudCdnEdge
from components.edge.google.rule_counts import predicate_count
from components.edge.google.unkeyed_headers import JSON_ACCEPT, REMOVED, UNKEYED
from tests.components.edge.cloudfront.arguments import (
    ORIGIN_SECRET,
    OTHER_TOKEN,
    TOKEN,
    private_route,
    shareable_route,
)
from tests.components.edge.google.arguments import bare_args, cloud_args, fast, full_routes
from tests.components.edge.google.memory_gcp import GcpStack, made_id
from tests.components.edge.google.route_choice import Request, rule_of
from tests.components.trial_stack import Graph

Rule = dict[str, Any]
WORDS = "/words/predict"
NOT_FOUND = {"faultInjectionPolicy": {"abort": {"httpStatus": 404, "percentage": 100}}}


class Edge:
    """A deployed edge: its rules, and the backend services that they name."""

    def __init__(self, graph: Graph) -> None:
        self.url_map = graph["edge-routes"]["inputs"]
        [self.matcher] = self.url_map["pathMatchers"]
        self.rules: list[Rule] = self.matcher["routeRules"]
        self.services = {made_id(item): item["inputs"] for item in graph.of_type("BackendService").values()}
        self.graph = graph

    def service(self, request: Request) -> dict[str, Any] | None:
        """The backend service that gets the request, None where nobody does."""
        rule = rule_of(self.rules, request)
        return None if rule is None else self.services[rule["service"]]

    def is_cached(self, request: Request) -> bool:
        service = self.service(request)
        return service is not None and service["enableCdn"]

    def headers(self, request: Request) -> dict[str, str]:
        """What is set on the way to the gateway."""
        service = self.service(request)
        assert service is not None
        return dict(header.split(":", 1) for header in service["customRequestHeaders"])

    def removed(self, request: Request) -> set[str]:
        rule = rule_of(self.rules, request)
        assert rule is not None
        return {*rule["headerAction"]["requestHeadersToRemoves"]}


def edge_of(stack: GcpStack, args: Any) -> Edge:
    return Edge(stack.up(lambda: CloudCdnEdge("edge", args)))


@pytest.fixture
def edge(stack: GcpStack) -> Edge:
    return edge_of(stack, bare_args(routes=[shareable_route(), private_route()]))


def test_a_get_of_a_shareable_model_is_kept_as_the_gateway_says(edge: Edge) -> None:
    service = edge.service(Request())
    assert service is not None
    assert service["cdnPolicy"] == {
        "cacheMode": "USE_ORIGIN_HEADERS",
        "negativeCaching": False,
        "requestCoalescing": True,
        "serveWhileStale": 0,
        "cacheKeyPolicy": {
            "includeHost": False,
            "includeProtocol": False,
            "includeQueryString": True,
            "queryStringWhitelists": ["input"],
            "includeHttpHeaders": ["x-model-version"],
        },
    }


def test_the_version_is_a_header_of_the_backend_service_and_part_of_the_key(stack: GcpStack) -> None:
    edge = edge_of(stack, cloud_args())
    for path, token in (("/digits/predict", TOKEN), ("/v1/vectors.json", OTHER_TOKEN)):
        request = Request(path=path)
        assert edge.headers(request) == {
            "Host": "kong.test",
            "X-Origin-Verify": ORIGIN_SECRET,
            "X-Model-Version": token,
            "Accept": "application/json",
        }
        service = edge.service(request)
        assert service is not None
        assert "x-model-version" in service["cdnPolicy"]["cacheKeyPolicy"]["includeHttpHeaders"]


def test_a_rollout_changes_the_backend_service_and_nothing_else(stack: GcpStack) -> None:
    stack.up(lambda: CloudCdnEdge("edge", bare_args()))
    made = [*stack.gcp.calls]
    stack.up(lambda: CloudCdnEdge("edge", bare_args(routes=[fast(shareable_route(version_token=OTHER_TOKEN))])))
    assert stack.gcp.calls[len(made) :] == ["update BackendService"]


def test_headers_that_change_an_answer_are_in_the_key_of_their_model_alone(stack: GcpStack) -> None:
    edge = edge_of(stack, cloud_args())
    keys = {
        path: (edge.service(Request(path=path)) or {})["cdnPolicy"]["cacheKeyPolicy"]["includeHttpHeaders"]
        for path in ("/digits/predict", "/v1/vectors.json")
    }
    assert keys == {
        "/digits/predict": ["x-model-version", "prefer", "x-tenant"],
        "/v1/vectors.json": ["x-model-version"],
    }
    assert edge.is_cached(Request(headers={"prefer": "a"}))
    assert not edge.is_cached(Request(path="/v1/vectors.json", headers={"prefer": "a"}))


@pytest.mark.parametrize("header", [*UNKEYED, "x-model-version"])
def test_a_header_that_is_not_in_the_key_goes_past_the_cache(edge: Edge, header: str) -> None:
    request = Request(headers={header: "1", "accept": "*/*"})
    service = edge.service(request)
    assert service is not None
    assert not service["enableCdn"] and "cdnPolicy" not in service
    assert edge.headers(request) == {"Host": "kong.test", "X-Origin-Verify": ORIGIN_SECRET}
    assert edge.removed(request) == {"x-model-version"}


@pytest.mark.parametrize("accept", ["text/csv", "application/json;q=0, */*", "application/json,text/csv", ""])
def test_another_accept_goes_past_the_cache(edge: Edge, accept: str) -> None:
    assert not edge.is_cached(Request(headers={"accept": accept}))


@pytest.mark.parametrize("accept", JSON_ACCEPT)
def test_whoever_takes_json_gets_the_kept_answer(edge: Edge, accept: str) -> None:
    assert edge.is_cached(Request(headers={"accept": accept}))


HEADERS = st.dictionaries(
    st.sampled_from([*UNKEYED, *REMOVED, "accept", "x-model-version", "x-origin-verify", "user-agent"]),
    st.sampled_from(["", "1", "*/*", "application/json", "text/csv", "application/json, */*"]),
    max_size=4,
)


@given(
    headers=HEADERS,
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE"]),
    query=st.dictionaries(st.sampled_from(["input", "other"]), st.just("e30"), max_size=2),
    path=st.sampled_from(["/digits/predict", WORDS, "/digits/predict/", "/DIGITS/predict", "/", "/status"]),
)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_is_kept_that_the_key_does_not_tell_apart(
    edge: Edge, headers: dict[str, str], method: str, query: dict[str, str], path: str
) -> None:
    request = Request(path, method, query, headers)
    if edge.service(request) is None:
        unknown = path not in ("/digits/predict", WORDS)
        assert unknown or method not in ("GET", "POST", "OPTIONS") or (path, method) == (WORDS, "GET")
        return
    assert edge.headers(request)["X-Origin-Verify"] == ORIGIN_SECRET
    kept = edge.is_cached(request)
    assert ("X-Model-Version" in edge.headers(request)) == kept
    assert ("x-model-version" in edge.removed(request)) != kept
    if kept:
        assert (path, method) == ("/digits/predict", "GET") and "input" in query
        assert not {*UNKEYED, "x-model-version"} & set(headers)
        assert headers.get("accept", "*/*") in JSON_ACCEPT
        assert edge.removed(request) == {*REMOVED}


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/digits/predict", WORDS])
def test_post_passes_uncached_as_it_came(edge: Edge, path: str, method: str) -> None:
    request = Request(path, method, {}, {"apikey": "k"})
    assert edge.service(request) is not None and not edge.is_cached(request)
    assert edge.removed(request) == {"x-model-version"}


@pytest.mark.parametrize("request_", [Request(path=WORDS), Request("/digits/predict", "HEAD"), Request("/status")])
def test_what_no_rule_is_for_is_answered_with_404_and_cannot_reach_the_gateway(edge: Edge, request_: Request) -> None:
    assert edge.service(request_) is None
    for place in (edge.url_map, edge.matcher):
        assert place["defaultRouteAction"] == NOT_FOUND
        nowhere = edge.services[place["defaultService"]]
        assert "backends" not in nowhere and "customRequestHeaders" not in nowhere


def test_only_a_connection_that_failed_is_tried_again(edge: Edge) -> None:
    for rule in edge.rules:
        assert rule["routeAction"] == {"retryPolicy": {"numRetries": 1, "retryConditions": ["connect-failure"]}}


def test_viewers_keep_nothing_and_learn_what_the_cache_did(edge: Edge) -> None:
    for request in (Request(), Request(method="POST")):
        service = edge.service(request)
        assert service is not None
        assert service["customResponseHeaders"] == [
            "Cache-Control:private, no-store",
            "Cache-Tag:",
            "Strict-Transport-Security:max-age=31536000",
            "X-Content-Type-Options:nosniff",
            "X-Cache:{cdn_cache_status}",
        ]


def test_browsers_of_one_site_get_the_kept_answer(stack: GcpStack) -> None:
    edge = edge_of(stack, cloud_args())
    request = Request(headers={"origin": "https://other.test"})
    service = edge.service(request)
    assert service is not None and edge.is_cached(request)
    assert "Access-Control-Allow-Origin:https://app.test" in service["customResponseHeaders"]
    others = [each for each in edge.services.values() if each is not service]
    assert not any("Access-Control" in str(each.get("customResponseHeaders")) for each in others)


def test_browsers_of_several_sites_are_answered_by_the_gateway(stack: GcpStack) -> None:
    cors = {"origins": ["https://a.test", "https://b.test"]}
    edge = edge_of(stack, bare_args(routes=[fast(shareable_route(cors=cors))]))
    assert not edge.is_cached(Request(headers={"origin": "https://a.test"}))
    assert edge.is_cached(Request())


def test_another_order_of_the_models_changes_nothing(stack: GcpStack) -> None:
    assert edge_of(stack, cloud_args()).rules == edge_of(stack, cloud_args(routes=full_routes()[::-1])).rules


def test_paths_and_versions_may_be_known_late(stack: GcpStack) -> None:
    def program() -> None:
        late = {"path": pulumi.Output.from_input("/late"), "version_token": pulumi.Output.from_input(TOKEN)}
        CloudCdnEdge("edge", bare_args(routes=[shareable_route(**late)]))

    edge = Edge(stack.up(program))
    assert edge.headers(Request(path="/late"))["X-Model-Version"] == TOKEN


def test_conditions_are_counted_as_they_are_made(stack: GcpStack) -> None:
    edge = edge_of(stack, cloud_args())
    made = sum(
        1 + len(match.get("headerMatches", [])) + len(match.get("queryParameterMatches", []))
        for rule in edge.rules
        for match in rule["matchRules"]
    )
    assert made == sum(predicate_count(route) for route in full_routes()) <= limits.CLOUD_CDN_PREDICATES
