"""In which order things come and go: nothing is reachable before authentication and the key are in place."""

from __future__ import annotations

import pytest

from components import InferenceEdge, KongCachedRoute
from local.engine import EngineError
from tests.components.arguments import full_edge, full_route, minimal_route
from tests.components.trial_stack import TrialStack, changed

SERVICE = "service shop-test-digits"
ROUTE = "route shop-test-digits"
GUARDS = {
    f"plugin shop-test-digits/{name}"
    for name in (
        "acl",
        "correlation-id",
        "cors",
        "key-auth",
        "prometheus",
        "rate-limiting",
        "request-size-limiting",
    )
}
FUNCTIONS = {f"plugin shop-test-digits/{name}" for name in ("pre-function", "post-function")}
CACHE = "plugin shop-test-digits/proxy-cache"


def deploy(stack: TrialStack) -> None:
    stack.up(lambda: KongCachedRoute("d", full_route()))


def test_the_route_depends_on_every_plugin_and_proxy_cache_on_all_others(stack: TrialStack) -> None:
    graph = stack.preview(lambda: KongCachedRoute("d", full_route()))
    plugins = set(graph.of_type("Plugin"))
    assert graph.dependencies("d-route") == plugins | {"d-service"}
    assert graph.dependencies("d-proxy-cache") == plugins - {"d-proxy-cache"} | {"d-service"}
    assert graph.dependencies("d-pre-function") == {"d-service", "d-key-secret"}


def test_the_route_is_created_last_and_proxy_cache_after_the_functions(stack: TrialStack) -> None:
    deploy(stack)
    assert stack.recorder.call("create", SERVICE).after == set()
    assert stack.recorder.call("create", CACHE).after >= GUARDS | FUNCTIONS | {SERVICE}
    assert stack.recorder.call("create", ROUTE).after == GUARDS | FUNCTIONS | {SERVICE, CACHE}
    assert stack.recorder.entities("create")[-2:] == [CACHE, ROUTE]


@pytest.mark.parametrize("entity", sorted(GUARDS | FUNCTIONS | {CACHE}))
def test_there_is_no_route_when_a_plugin_fails(stack: TrialStack, entity: str) -> None:
    stack.recorder.failing.add(entity)
    with pytest.raises(EngineError, match=f"{entity} was made to fail"):
        deploy(stack)
    created = stack.recorder.entities("create")
    assert entity in created and ROUTE not in created
    assert entity == CACHE or CACHE not in created


def test_destroying_takes_the_route_first_then_proxy_cache_and_the_service_last(stack: TrialStack) -> None:
    deploy(stack)
    stack.destroy()
    assert set(stack.recorder.entities("delete")) == set(stack.recorder.entities("create"))
    assert stack.recorder.call("delete", ROUTE).after == set()
    assert stack.recorder.call("delete", CACHE).after == {ROUTE}
    for entity in GUARDS | FUNCTIONS:
        assert stack.recorder.call("delete", entity).after >= {ROUTE, CACHE}
    assert stack.recorder.call("delete", SERVICE).after == GUARDS | FUNCTIONS | {CACHE, ROUTE}


def test_nothing_is_deleted_before_what_depends_on_it(stack: TrialStack) -> None:
    graph = stack.up(lambda: InferenceEdge("edge", full_edge()))
    ids = {item["urn"]: _entity(name, item) for name, item in graph.items() if item["type"].startswith("kong:")}
    edges = [(ids[item["urn"]], ids[on]) for item in graph.values() for on in item["dependencies"] if on in ids]
    stack.destroy()
    assert len(edges) > 50
    for dependent, dependency in edges:
        assert dependency in stack.recorder.call("create", dependent).after
        assert dependent in stack.recorder.call("delete", dependency).after


def _entity(name: str, item: dict) -> str:
    inputs = item["inputs"]
    match item["type"].split(":")[-1]:
        case "Plugin":
            return f"plugin {inputs['serviceId'].removeprefix('service ')}/{inputs['name']}"
        case "Consumer":
            return f"consumer {inputs['username']}"
        case "ConsumerAcl":
            return f"acl {inputs['consumerId'].removeprefix('consumer ')}/{inputs['group']}"
        case "ConsumerKeyAuth":
            return f"key-auth {inputs['consumerId'].removeprefix('consumer ')}"
        case kind:
            return f"{kind.lower()} {inputs['name']}"


@pytest.mark.parametrize(
    ("before", "after"),
    [(["a.test"], ["b.test"]), (["a.test"], []), (["a.test"], ["a.test", "b.test"]), ([], ["a.test"])],
)
def test_other_hosts_replace_the_route_alone(stack: TrialStack, before: list[str], after: list[str]) -> None:
    stack.up(lambda: KongCachedRoute("d", minimal_route(hosts=before)))
    stack.recorder.calls.clear()
    graph = stack.up(lambda: KongCachedRoute("d", minimal_route(hosts=after)))
    assert changed(graph, "replace") == ["d-route"]
    assert [(call.operation, call.entity) for call in stack.recorder.calls] == [("delete", ROUTE), ("create", ROUTE)]
    assert stack.recorder.sent[ROUTE].get("hosts", []) == after


@pytest.mark.parametrize(
    ("changes", "updated"),
    [
        ({"cache": {"generation": 2}}, ["d-post-function", "d-pre-function"]),
        ({"cache": {"ttl_seconds": 9}}, ["d-post-function", "d-pre-function", "d-proxy-cache"]),
        ({"path": "/elsewhere"}, ["d-route"]),
        ({"https_only": True}, ["d-route"]),
        ({"retries": 0}, ["d-service"]),
        ({"access": {"max_request_bytes": 1}}, ["d-request-size-limiting"]),
        ({"access": {"cors": {"origins": ["*"]}}}, ["d-key-auth", "d-route"]),
    ],
)
def test_any_other_change_is_made_in_place(stack: TrialStack, changes: dict, updated: list[str]) -> None:
    stack.up(lambda: KongCachedRoute("d", minimal_route()))
    graph = stack.up(lambda: KongCachedRoute("d", minimal_route(**changes)))
    assert changed(graph, "replace") == changed(graph, "delete") == []
    assert [name for name in changed(graph, "update") if name != "d"] == updated


@pytest.mark.parametrize(
    ("changes", "updated"),
    [
        ({"version": "2"}, ["d-post-function", "d-pre-function"]),
        ({"endpoint": "http://other.test:8080/invocations"}, ["d-service"]),  # secrets are all alike in the recorder
    ],
)
def test_a_rollout_takes_a_new_secret_and_nothing_else_is_replaced(
    stack: TrialStack, changes: dict, updated: list[str]
) -> None:
    stack.up(lambda: KongCachedRoute("d", minimal_route()))
    graph = stack.up(lambda: KongCachedRoute("d", minimal_route(**changes)))
    assert changed(graph, "replace") == ["d-key-secret"]
    assert [name for name in changed(graph, "update") if name != "d"] == updated


def test_switching_the_cache_off_takes_proxy_cache_away_before_the_functions(stack: TrialStack) -> None:
    stack.up(lambda: KongCachedRoute("d", minimal_route()))
    stack.up(lambda: KongCachedRoute("d", minimal_route(cache={"enabled": False})))
    assert set(stack.recorder.entities("delete")) == {"plugin shop-test-digits/pre-function", CACHE}
    assert stack.recorder.call("delete", CACHE).after == set()


def test_a_second_deployment_changes_nothing(stack: TrialStack) -> None:
    stack.up(lambda: InferenceEdge("edge", full_edge()))
    calls = len(stack.recorder.calls)
    graph = stack.up(lambda: InferenceEdge("edge", full_edge()))
    assert graph.result.changes["same"] == len(graph) + 1
    assert len(stack.recorder.calls) == calls
