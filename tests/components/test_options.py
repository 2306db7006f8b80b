"""Resource options, names and tags: the same rules for every component."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kong as kong
import pytest

from components import InferenceEdge, KongCachedRoute, KongConsumer
from local.engine import EngineError
from tests.components.arguments import (
    full_consumer,
    full_edge,
    full_route,
    minimal_consumer,
    minimal_edge,
    minimal_route,
)
from tests.components.trial_stack import TrialStack, changed

Make = Callable[[str, Any, pulumi.ResourceOptions | None], pulumi.ComponentResource]
OF_OWNERS = {"Service", "Route", "Plugin", "Consumer", "ConsumerAcl", "ConsumerKeyAuth"}
CASES = {
    "KongCachedRoute": (KongCachedRoute, full_route, {"model": "words"}),
    "KongConsumer": (KongConsumer, full_consumer, {"consumer": "other"}),
    "InferenceEdge": (InferenceEdge, full_edge, {"models": [minimal_route(model="second")], "consumers": []}),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Make, Any, Any]:
    """A component, its arguments, and arguments for another instance of it."""
    component, args, other = CASES[request.param]
    return component, args(), args(**other)


def test_the_type_is_package_module_and_class(stack: TrialStack, case: tuple[Make, Any, Any]) -> None:
    component, args, _ = case
    name = component.__name__  # type: ignore[attr-defined]
    graph = stack.preview(lambda: component("one", args, None))
    assert graph["one"]["type"] == component.TYPE == f"inference-edge:index:{name}"  # type: ignore[attr-defined]


def test_every_child_belongs_to_its_component_and_carries_its_name(
    stack: TrialStack, case: tuple[Make, Any, Any]
) -> None:
    component, args, _ = case
    graph = stack.preview(lambda: component("one", args, None))
    by_urn = {item["urn"]: name for name, item in graph.items()}
    assert len(graph) > 3
    for name in set(graph) - {"one"}:
        parent = by_urn[graph[name]["parent"]]
        assert name.startswith(f"{parent}-"), (name, parent)
        assert not graph[parent]["custom"]


def test_a_parent_takes_the_component_in(stack: TrialStack, case: tuple[Make, Any, Any]) -> None:
    component, args, _ = case

    def program() -> None:
        outer = pulumi.ComponentResource("shop:index:Outer", "outer")
        component("one", args, pulumi.ResourceOptions(parent=outer))

    graph = stack.preview(program)
    assert graph["one"]["parent"] == graph["outer"]["urn"]
    assert all("shop:index:Outer$" in item["urn"] for name, item in graph.items() if name != "outer")


def test_protect_reaches_every_resource(stack: TrialStack, case: tuple[Make, Any, Any]) -> None:
    component, args, _ = case
    graph = stack.up(lambda: component("one", args, pulumi.ResourceOptions(protect=True)))
    assert {item["options"]["protect"] for item in graph.values()} == {True}
    with pytest.raises(EngineError, match="protected"):
        stack.destroy()
    assert stack.recorder.entities("delete") == []


@pytest.mark.parametrize("how", ["provider", "providers"])
def test_a_provider_serves_every_kong_resource(stack: TrialStack, case: tuple[Make, Any, Any], how: str) -> None:
    component, args, _ = case

    def program() -> None:
        own = kong.Provider("own", kong_admin_uri="http://kong.test:8001")
        given: Any = {"provider": own} if how == "provider" else {"providers": {"kong": own}}
        component("one", args, pulumi.ResourceOptions(**given))

    graph = stack.up(program)
    goals = {goal.name: goal for goal in graph.result.goals}
    of_kong = {name for name, item in graph.items() if item["type"].startswith("kong:")}
    assert of_kong
    for name, goal in goals.items():
        assert goal.provider.startswith(graph["own"]["urn"]) == (name in of_kong), name


def test_an_alias_lets_a_renamed_component_keep_its_resources(stack: TrialStack, case: tuple[Make, Any, Any]) -> None:
    component, args, _ = case
    stack.up(lambda: component("one", args, None))
    calls = len(stack.recorder.calls)
    renamed = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="one")])
    graph = stack.up(lambda: component("two", args, renamed))
    assert graph.result.changes["same"] == len(graph) + 1
    assert len(stack.recorder.calls) == calls


def test_depending_on_a_component_waits_for_all_of_it(stack: TrialStack, case: tuple[Make, Any, Any]) -> None:
    component, args, _ = case

    def program() -> None:
        one = component("one", args, None)
        kong.Consumer("last", username="last", opts=pulumi.ResourceOptions(depends_on=[one]))

    stack.up(program)
    created = set(stack.recorder.entities("create")) - {"consumer last"}
    assert stack.recorder.call("create", "consumer last").after == created


def test_two_instances_stand_side_by_side(stack: TrialStack, case: tuple[Make, Any, Any]) -> None:
    component, args, other = case

    def both() -> None:
        component("one", args, None)
        component("two", other, None)

    graph = stack.up(both)
    created = stack.recorder.entities("create")
    assert len(created) == len(set(created))
    assert {name.split("-")[0] for name in graph} == {"one", "two"}
    graph = stack.up(lambda: component("two", other, None))
    assert {name.split("-")[0] for name in changed(graph, "delete")} == {"one"}
    assert graph.result.changes["same"] == len(graph) + 1


def test_everything_in_kong_names_project_and_stack(stack: TrialStack, case: tuple[Make, Any, Any]) -> None:
    component, args, _ = case
    graph = stack.preview(lambda: component("one", args, None))
    in_kong = [item for item in graph.values() if item["type"].startswith("kong:")]
    assert {item["type"].split(":")[-1] for item in in_kong} <= OF_OWNERS
    for item in in_kong:
        assert item["inputs"]["tags"][:2] == ["project:shop", "stack:test"]
        assert all(re.fullmatch(r"(project|stack|model):[A-Za-z0-9._~:-]+", tag) for tag in item["inputs"]["tags"])


def test_everything_of_a_model_names_the_model(stack: TrialStack) -> None:
    graph = stack.preview(lambda: InferenceEdge("edge", full_edge()))
    for name, item in graph.items():
        if item["type"].split(":")[-1] in ("Service", "Route", "Plugin"):
            assert item["inputs"]["tags"] == ["project:shop", "stack:test", f"model:{name.split('-')[1]}"]


@pytest.mark.parametrize("args", [minimal_edge(), full_edge()])
def test_logical_names_do_not_depend_on_the_order_of_models_and_consumers(stack: TrialStack, args: Any) -> None:
    stack.up(lambda: InferenceEdge("edge", args))
    turned: Any = {key: value[::-1] if isinstance(value, list) else value for key, value in args.items()}
    graph = stack.up(lambda: InferenceEdge("edge", turned))
    assert graph.result.changes["same"] == len(graph) + 1


def test_tags_hold_no_character_that_kong_refuses(stack: TrialStack) -> None:
    folder = stack.state_dir.parent
    (folder / "Pulumi.yaml").write_text("name: shop.of_all-things\nruntime: python\n")
    graph = stack.preview(lambda: KongConsumer("c", minimal_consumer()))
    assert graph["c-consumer"]["inputs"]["tags"] == ["project:shop.of_all-things", "stack:test"]
