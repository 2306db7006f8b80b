"""A component's outputs: declared, set and registered are the same."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.component import ComponentProvider

from components import InferenceEdge, KongCachedRoute, KongConsumer, ModelOutputs, SharedCache
from components.inference_edge import predict_url
from local.engine.deployment import Deployment
from local.engine.values import reveal
from tests.components.arguments import full_edge, full_route, minimal_consumer, minimal_route
from tests.components.recording import GENERATED_PASSWORD
from tests.components.shared_cache.arguments import existing
from tests.components.trial_stack import TrialStack

CASES = {
    "KongCachedRoute": (KongCachedRoute, full_route()),
    "KongConsumer": (KongConsumer, minimal_consumer()),
    "InferenceEdge": (InferenceEdge, full_edge()),
    "SharedCache": (SharedCache, existing()),
}
SCHEMA = json.loads(
    ComponentProvider(
        [InferenceEdge, KongCachedRoute, KongConsumer, SharedCache], "inference-edge", None, "0.0.0"
    ).schema
    or ""
)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Outputs that components registered, by logical name."""
    found: dict[str, dict[str, Any]] = {}
    register = Deployment.register_outputs

    def keep(self: Deployment, urn: str, outputs: dict[str, Any]) -> None:
        found[urn.split("::")[-1]] = reveal(outputs)
        register(self, urn, outputs)

    monkeypatch.setattr(Deployment, "register_outputs", keep)
    return found


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@pytest.mark.parametrize("name", CASES)
def test_registered_declared_and_published_outputs_are_the_same(
    stack: TrialStack, registered: dict[str, dict[str, Any]], name: str
) -> None:
    component, args = CASES[name]
    declared = [key for key, kind in component.__annotations__.items() if "Output" in str(kind)]

    def program() -> None:
        made = component("one", args)
        for key in declared:
            pulumi.export(camel(key), getattr(made, key))

    stack.up(program)
    assert set(registered["one"]) == {camel(key) for key in declared}
    assert stack.outputs() == registered["one"]
    published = SCHEMA["resources"][f"inference-edge:index:{name}"]
    assert set(published["properties"]) == set(published["required"]) == set(registered["one"])


def test_outputs_of_a_cached_route(stack: TrialStack, registered: dict[str, dict[str, Any]]) -> None:
    stack.up(lambda: KongCachedRoute("d", full_route()))
    assert registered["d"] == {
        "serviceId": "service shop-test-digits",
        "routeId": "route shop-test-digits",
        "cachePluginId": "plugin shop-test-digits/proxy-cache",
        "path": "/v1/digits.json",
        "aclGroup": "shop-test-digits",
        "keyHeader": "Xpredictionkey",
        "keyGeneration": 7,
        "modelVersion": "2025-11",
        "versionToken": "",
    }


def test_outputs_of_a_route_without_cache_and_keys(stack: TrialStack, registered: dict[str, dict[str, Any]]) -> None:
    stack.up(lambda: KongCachedRoute("d", minimal_route(cache={"enabled": False}, access={"mode": "open"})))
    assert (registered["d"]["cachePluginId"], registered["d"]["aclGroup"]) == ("", "")


def test_outputs_of_a_consumer(stack: TrialStack, registered: dict[str, dict[str, Any]]) -> None:
    stack.up(lambda: KongConsumer("c", minimal_consumer()))
    assert registered["c"] == {
        "consumerId": "consumer shop-test-web",
        "username": "shop-test-web",
        "key": GENERATED_PASSWORD,
    }


def test_outputs_of_an_edge(stack: TrialStack, registered: dict[str, dict[str, Any]]) -> None:
    stack.up(lambda: InferenceEdge("edge", full_edge()))
    models = registered["edge"]["models"]
    assert set(models) == {"digits", "open", "vectors", "words"}
    assert {tuple(sorted(outputs)) for outputs in models.values()} == {tuple(sorted(ModelOutputs.__annotations__))}
    assert models["digits"] == {
        "predictUrl": "https://api.test:8443/base/v1/digits.json",
        "edgeUrl": "",
        "serviceId": "service shop-test-digits",
        "routeId": "route shop-test-digits",
        "cachePluginId": "plugin shop-test-digits/proxy-cache",
        "keyHeader": "Xpredictionkey",
        "keyGeneration": 7,
        "version": "2025-11",
        "versionToken": "",
    }
    assert models["words"]["predictUrl"] == "https://edge.test:8443/base/words/predict"
    assert models["open"]["cachePluginId"] == ""


def test_in_a_preview_only_ids_and_generated_keys_are_unknown(stack: TrialStack) -> None:
    def program() -> None:
        route = KongCachedRoute("d", minimal_route())
        for key in ("service_id", "route_id", "path", "acl_group", "key_generation", "model_version"):
            pulumi.export(key, getattr(route, key))

    assert stack.preview(program).result.outputs == {
        "service_id": "[unknown]",
        "route_id": "[unknown]",
        "path": "/digits/predict",
        "acl_group": "shop-test-digits",
        "key_generation": 1,
        "model_version": "1",
    }


@pytest.mark.parametrize(
    ("gateway", "host", "url"),
    [
        ("http://localhost:8000", None, "http://localhost:8000/digits/predict"),
        ("http://localhost:8000/", None, "http://localhost:8000/digits/predict"),
        ("https://edge.test/base", None, "https://edge.test/base/digits/predict"),
        ("https://edge.test", "api.test", "https://api.test/digits/predict"),
        ("http://127.0.0.1:8000", "api.test", "http://api.test:8000/digits/predict"),
    ],
)
def test_the_predict_url(gateway: str, host: str | None, url: str) -> None:
    assert predict_url(gateway, "/digits/predict", host) == url
