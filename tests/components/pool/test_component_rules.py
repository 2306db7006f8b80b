"""An InferencePool keeps the rules of every component."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_kong as kong
import pytest
from pulumi.provider.experimental.component import ComponentProvider

from components.pool.inference_pool import InferencePool
from local.engine import EngineError
from tests.components.pool.arguments import discovered, full_pool, pool
from tests.components.trial_stack import TrialStack

CASES = {"least": pool(), "full": full_pool(), "discovered": discovered()}
case = pytest.mark.parametrize("args", CASES.values(), ids=list(CASES))


@case
def test_every_child_belongs_to_it_and_carries_its_name(stack: TrialStack, args: Any) -> None:
    graph = stack.preview(lambda: InferencePool("one", args))
    assert graph["one"]["type"] == InferencePool.TYPE == "inference-edge:index:InferencePool"
    for name in set(graph) - {"one"}:
        assert name.startswith("one-")
        assert graph[name]["parent"] == graph["one"]["urn"]


@case
def test_its_options_reach_every_resource(stack: TrialStack, args: Any) -> None:
    def program() -> None:
        own = kong.Provider("own", kong_admin_uri="http://kong.test:8001")
        InferencePool("one", args, pulumi.ResourceOptions(protect=True, provider=own))

    graph = stack.up(program)
    assert {item["options"]["protect"] for name, item in graph.items() if name != "own"} == {True}
    for goal in graph.result.goals:
        of_kong = goal.name.startswith("one-")
        assert goal.provider.startswith(graph["own"]["urn"]) == of_kong, goal.name
    with pytest.raises(EngineError, match="protected"):
        stack.destroy()


@case
def test_a_second_deployment_changes_nothing(stack: TrialStack, args: Any) -> None:
    stack.up(lambda: InferencePool("one", args))
    again = stack.preview(lambda: InferencePool("one", args))
    assert {step.op for step in again.result.steps} == {"same"}


def test_pools_of_one_stack_do_not_meet(stack: TrialStack) -> None:
    def program() -> None:
        InferencePool("one", pool())
        InferencePool("two", pool(name="other"))

    stack.up(program)
    created = stack.recorder.entities("create")
    assert len(created) == len(set(created)) == 6


def test_depending_on_it_waits_for_all_targets(stack: TrialStack) -> None:
    def program() -> None:
        one = InferencePool("one", pool())
        kong.Consumer("last", username="last", opts=pulumi.ResourceOptions(depends_on=[one]))

    stack.up(program)
    assert len(stack.recorder.call("create", "consumer last").after) == 3


def test_it_can_be_published() -> None:
    schema = json.loads(ComponentProvider([InferencePool], "inference-edge", None, "0.0.0").schema or "")
    published = schema["resources"][InferencePool.TYPE]
    assert set(published["properties"]) == set(published["required"]) == {"upstreamId", "upstream", "url"}
    assert published["requiredInputs"] == ["name"]
