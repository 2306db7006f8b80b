"""What every plugin's configuration has in common, whatever the arguments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.provider.experimental.component import ComponentProvider

from components import InferenceEdge, KongCachedRoute, KongConsumer, SharedCache
from local.kong.plugin_schemas import PLUGINS
from tests.components.arguments import full_edge, full_route, minimal_route
from tests.components.trial_stack import Graph, TrialStack

VARIANTS = {
    "least": minimal_route(),
    "everything": full_route(),
    "no-cache": minimal_route(cache={"enabled": False}),
    "llm": minimal_route(cache={"profile": "llm"}),
    "open": minimal_route(access={"mode": "open", "rate_limit": {"per_hour": 3}, "cors": {"origins": ["*"]}}),
    "upstream": minimal_route(access={"mode": "upstream-credential", "rate_limit": {"per_second": 3}}),
}
# Fields that no version of these components has ever set; Kong keeps its defaults.
LEFT_TO_KONG = {
    "cors": {"allow_origin_absent"},
    "prometheus": {"ai_metrics", "wasm_metrics"},
    "rate-limiting": {"redis", *(name for name in PLUGINS["rate-limiting"].config if name.startswith("redis_"))},
}


def keys_of(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}{key}"
            yield from keys_of(item, f"{path}{key}.")


def configs(graph: Graph) -> dict[str, str]:
    return {item["inputs"]["name"]: item["inputs"]["configJson"] for item in graph.of_type("Plugin").values()}


@pytest.fixture(params=VARIANTS)
def graph(stack: TrialStack, request: pytest.FixtureRequest) -> Graph:
    return stack.up(lambda: KongCachedRoute("d", VARIANTS[request.param]))


def test_a_plugin_has_the_same_keys_in_every_variant(stack: TrialStack) -> None:
    keys: dict[str, set[tuple[str, ...]]] = {}
    for args in VARIANTS.values():
        for plugin, text in configs(stack.up(lambda args=args: KongCachedRoute("d", args))).items():
            keys.setdefault(plugin, set()).add(tuple(keys_of(json.loads(text))))
    assert len(keys) == 10
    assert {plugin: len(found) for plugin, found in keys.items()} == dict.fromkeys(keys, 1)


def test_a_plugin_sets_every_field_that_kong_has_or_never_any(graph: Graph) -> None:
    for plugin, text in configs(graph).items():
        assert set(json.loads(text)) == set(PLUGINS[plugin].config) - LEFT_TO_KONG.get(plugin, set()), plugin


def test_a_configuration_is_canonical_json(graph: Graph) -> None:
    for text in configs(graph).values():
        assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_a_configuration_has_no_number_with_a_fraction(graph: Graph) -> None:
    def refuse(number: str) -> None:
        raise AssertionError(number)

    for text in configs(graph).values():
        json.loads(text, parse_float=refuse)


def test_every_plugin_is_enabled_explicitly_and_hangs_on_the_service(graph: Graph) -> None:
    for item in graph.of_type("Plugin").values():
        assert set(item["inputs"]) == {"name", "enabled", "configJson", "serviceId", "tags"}
        assert item["inputs"]["enabled"] is True
        assert item["inputs"]["serviceId"] == "service shop-test-digits"


def floats(value: Any) -> Any:
    """As arguments reach a component that another language uses: every integer is a float."""
    if isinstance(value, dict):
        return {key: floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_integers_that_arrive_as_floats_make_the_same_resources(stack: TrialStack) -> None:
    given = stack.up(lambda: KongCachedRoute("d", full_route()))
    as_floats = stack.up(lambda: KongCachedRoute("d", floats(full_route())))
    assert dict(as_floats) == dict(given)
    assert as_floats.result.changes["same"] == len(given) + 1


def camel(value: Any) -> Any:
    """Names as the schema has them."""
    if isinstance(value, dict):
        return {_camel_word(key): camel(item) for key, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def _camel_word(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def test_a_package_consumer_gets_the_same_resources(stack: TrialStack) -> None:
    provider = ComponentProvider(
        [InferenceEdge, KongCachedRoute, KongConsumer, SharedCache], "inference-edge", None, "0.0.0"
    )
    inputs = floats(camel(full_edge()))
    here = stack.up(lambda: InferenceEdge("edge", full_edge()))
    packaged = stack.up(lambda: provider.construct("edge", "inference-edge:index:InferenceEdge", inputs))
    assert dict(packaged) == dict(here)
    assert packaged.result.changes["same"] == len(here) + 1
