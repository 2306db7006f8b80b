"""The way by which a node asks a model again: a service and a route that only the gateway's nodes can use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components import KongCachedRoute, lua
from components.gateway.shadow_tier import ShadowTier
from components.prediction_key import header_lock_phases
from components.verification.phases import SHADOW_HEADER
from local.engine import EngineError
from tests.components.arguments import minimal_route
from tests.components.recording import GENERATED_PASSWORD
from tests.components.test_kong_cached_route import TAGS, deployed, function_config
from tests.components.trial_stack import Graph, TrialStack

SHADOW = "shop-test-digits_shadow"
SPELLED = lua.literal(GENERATED_PASSWORD)
PARTS = {"", "-secret", "-service", "-route", "-pre-function", "-post-function", "-prometheus"}


def verified(**more: Any) -> Any:
    return minimal_route(**{"cache": {"verify": {}}, **more})


def of_shadow(graph: Graph) -> set[str]:
    return {name.removeprefix("d-shadow") for name in graph if name.startswith("d-shadow")}


@pytest.fixture
def graph(stack: TrialStack) -> Graph:
    return deployed(stack, verified())


def test_there_is_none_where_nothing_is_verified(stack: TrialStack) -> None:
    assert of_shadow(deployed(stack, minimal_route())) == set()
    assert of_shadow(deployed(stack, minimal_route(cache={"enabled": False}))) == set()


def test_it_has_a_lock_and_no_guard_of_callers_no_limit_and_no_cache(graph: Graph) -> None:
    assert {"", "-secret", "-service", "-route", "-pre-function"} <= of_shadow(graph) <= PARTS
    assert graph["d-shadow"]["type"] == ShadowTier.TYPE == "inference-edge:index:ShadowTier"
    assert graph["d-shadow"]["inputs"] == {"model": "digits"}
    assert graph["d-shadow"]["parent"] == graph["d"]["urn"]
    children = {name for name, item in graph.items() if item.get("parent") == graph["d-shadow"]["urn"]}
    assert children == {f"d-shadow{part}" for part in of_shadow(graph) - {""}}
    lock = function_config(header_lock_phases(SHADOW_HEADER, GENERATED_PASSWORD))
    assert graph.config("d-shadow-pre-function") == lock


def test_its_service_calls_the_model_as_the_routes_own_does(stack: TrialStack) -> None:
    graph = deployed(stack, verified(timeouts={"read_seconds": 7}, retries=3))
    assert graph["d-shadow-service"]["inputs"] == {**graph["d-service"]["inputs"], "name": SHADOW}


def test_its_route_takes_its_path_alone(graph: Graph) -> None:
    assert graph["d-shadow-route"]["inputs"] == {
        "name": SHADOW,
        "serviceId": f"service {SHADOW}",
        "protocols": ["http", "https"],
        "methods": ["POST"],
        "paths": ["~/-/shadow/shop-test-digits$"],
        "stripPath": True,
        "preserveHost": False,
        "regexPriority": 1,
        "pathHandling": "v0",
        "httpsRedirectStatusCode": 426,
        "requestBuffering": True,
        "responseBuffering": True,
        "tags": TAGS,
    }


def test_what_lets_a_node_in_is_a_secret_of_which_the_lock_has_a_digest(stack: TrialStack, graph: Graph) -> None:
    assert graph["d-shadow-secret"]["inputs"] == {"length": 48, "special": False}
    assert SPELLED in str(graph.config("d-post-function")["log"])
    holders = {name for name in graph.of_type("Plugin") if SPELLED in str(graph.config(name))}
    assert holders == {"d-post-function"}
    for name in ("d-post-function", "d-shadow-pre-function"):
        assert graph.secret_inputs(name) == {"configJson"}
        assert graph[name]["options"]["additionalSecretOutputs"] == ["computedConfig"]
    files = [path for path in Path(stack.state_dir).rglob("*") if path.is_file() and path.name != "key"]
    text = "\n".join(path.read_text() for path in files)
    assert SHADOW in text
    assert GENERATED_PASSWORD not in text and "C.secret" not in text


def test_the_functions_are_secret_in_a_preview_too(stack: TrialStack) -> None:
    graph = stack.preview(lambda: KongCachedRoute("d", verified()))
    assert graph.secret_inputs("d-post-function") == graph.secret_inputs("d-shadow-pre-function") == {"configJson"}


def test_a_new_version_keeps_the_secret(graph: Graph) -> None:
    assert "keepers" not in graph["d-shadow-secret"]["inputs"]


def test_credentials_of_the_model_go_that_way_too(stack: TrialStack) -> None:
    graph = deployed(stack, verified(upstream_headers={"x-api-key": "of-the-model"}))
    holders = {name for name in graph.of_type("Plugin") if "of-the-model" in str(graph.config(name))}
    assert holders == {"d-post-function", "d-shadow-post-function"}
    assert graph.secret_inputs("d-shadow-post-function") == {"configJson"}


def test_a_pool_is_balanced_there_as_everywhere(stack: TrialStack) -> None:
    pool = {"name": "chat", "algorithm": "consistent-hashing", "affinity": {"by": "session", "header": "x-session"}}
    graph = deployed(stack, verified(pool=pool, endpoint="http://shop-test-chat:80/v1"))
    assert graph["d-shadow-service"]["inputs"]["host"] == "shop-test-chat"
    own, shadow = (graph.config(name)["access"] for name in ("d-post-function", "d-shadow-post-function"))
    assert own[-1] == shadow[-1]
    assert "http_x_session" in str(shadow)


def test_a_sharded_models_nodes_have_it_too(stack: TrialStack) -> None:
    nodes = ["kong-1.internal:8000", "kong-2.internal:8000"]
    graph = deployed(stack, verified(shards=nodes, cache={"verify": {}, "store": "memory"}))
    service = {**graph["d-shards-service"]["inputs"], "name": SHADOW}
    assert graph["d-shadow-service"]["inputs"] == service
    holders = {name for name in graph.of_type("Plugin") if "Xpredictionshadow" in str(graph.config(name))}
    assert holders == {"d-shards-post-function", "d-shadow-pre-function"}


def test_its_route_comes_after_its_lock_and_the_models_route_last_of_all(stack: TrialStack, graph: Graph) -> None:
    plugins = {f"plugin {SHADOW}/{part[1:]}" for part in of_shadow(graph) if part.endswith(("function", "prometheus"))}
    assert stack.recorder.call("create", f"route {SHADOW}").after >= plugins | {f"service {SHADOW}"}


def test_there_is_no_way_in_without_the_lock(stack: TrialStack) -> None:
    stack.recorder.failing.add(f"plugin {SHADOW}/pre-function")
    with pytest.raises(EngineError, match="was made to fail"):
        deployed(stack, verified())
    assert f"route {SHADOW}" not in stack.recorder.entities("create")


def test_it_comes_and_goes_with_verification(stack: TrialStack) -> None:
    deployed(stack, minimal_route())
    start = len(stack.recorder.calls)
    deployed(stack, verified())
    calls = [(call.operation, call.entity) for call in stack.recorder.calls[start:]]
    assert {entity for operation, entity in calls if operation == "create"} >= {f"service {SHADOW}", f"route {SHADOW}"}
    assert {entity for operation, entity in calls if operation == "update"} <= {
        f"plugin shop-test-digits/{name}" for name in ("pre-function", "post-function")
    }
    start = len(stack.recorder.calls)
    graph = deployed(stack, minimal_route())
    deleted = [call.entity for call in stack.recorder.calls[start:] if call.operation == "delete"]
    assert of_shadow(graph) == set()
    assert deleted[0] == f"route {SHADOW}" and f"service {SHADOW}" in deleted


def test_another_model_has_a_way_of_its_own(stack: TrialStack) -> None:
    graph = deployed(stack, verified(model="words"))
    assert graph["d-shadow-route"]["inputs"]["paths"] == ["~/-/shadow/shop-test-words$"]
    assert graph["d-shadow-route"]["inputs"]["name"] == "shop-test-words_shadow"


def test_a_second_deployment_changes_nothing(stack: TrialStack) -> None:
    deployed(stack, verified())
    again = deployed(stack, verified())
    assert {step.op for step in again.result.steps} == {"same"}
