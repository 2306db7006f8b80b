"""Who may call what: the consumers of an InferenceEdge and the KongConsumer itself."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_random as random
import pytest

from components import InferenceEdge, KongConsumer
from tests.components.arguments import full_consumer, full_edge, minimal_consumer, minimal_edge, minimal_route
from tests.components.trial_stack import Graph, TrialStack

TAGS = ["project:shop", "stack:test"]


def groups(graph: Graph) -> dict[str, str]:
    return {name: item["inputs"]["group"] for name, item in graph.of_type("ConsumerAcl").items()}


def test_the_least_arguments_make_a_consumer_with_a_generated_key(stack: TrialStack) -> None:
    graph = stack.up(lambda: KongConsumer("c", minimal_consumer()))
    assert set(graph) == {"c", "c-consumer", "c-key", "c-key-auth", "c-acl-digits"}
    assert graph["c"]["inputs"] == minimal_consumer()
    assert graph["c-consumer"]["inputs"] == {"username": "shop-test-web", "tags": TAGS}
    assert set(graph["c-key-auth"]["inputs"]) == {"consumerId", "key", "tags"}
    assert graph["c-acl-digits"]["inputs"] == {
        "consumerId": "consumer shop-test-web",
        "group": "shop-test-digits",
        "tags": TAGS,
    }


def test_a_consumer_with_every_argument(stack: TrialStack) -> None:
    graph = stack.up(lambda: KongConsumer("c", full_consumer()))
    assert set(graph) == {"c", "c-consumer", "c-key-auth", "c-acl-digits", "c-acl-words"}
    assert groups(graph) == {"c-acl-digits": "a", "c-acl-words": "b"}
    assert graph["c-key-auth"]["inputs"] == {
        "consumerId": "consumer shop-test-web",
        "key": "key-given-to-the-web-client",
        "tags": TAGS,
    }


def test_a_preview_with_an_unknown_key_and_group(stack: TrialStack) -> None:
    def program() -> None:
        elsewhere = random.RandomString("elsewhere", length=20, special=False).result
        KongConsumer("c", minimal_consumer(key=elsewhere, groups={"digits": elsewhere}))

    graph = stack.preview(program)
    assert graph["c-acl-digits"]["inputs"]["group"] == "[unknown]"
    assert graph.secret_inputs("c-key-auth") == {"key"}
    assert graph.dependencies("c-key-auth") == {"c-consumer", "elsewhere"}
    graph = stack.up(program)
    assert len(graph["c-key-auth"]["inputs"]["key"]) == 20
    assert "c-key" not in graph


def test_a_consumer_may_call_every_model_with_keys_unless_it_names_some(stack: TrialStack) -> None:
    graph = stack.up(lambda: InferenceEdge("edge", full_edge()))
    assert groups(graph) == {
        "edge-web-acl-digits": "shop-test-digits",
        "edge-web-acl-words": "shop-test-words",
        "edge-batch-acl-words": "shop-test-words",
    }


def test_a_consumer_that_names_no_model_may_call_none(stack: TrialStack) -> None:
    graph = stack.up(lambda: InferenceEdge("edge", minimal_edge(consumers=[{"name": "web", "models": []}])))
    assert groups(graph) == {}
    assert "edge-web-key-auth" in graph


def test_an_edge_without_consumers_makes_none(stack: TrialStack) -> None:
    graph = stack.up(lambda: InferenceEdge("edge", minimal_edge()))
    assert not graph.of_type("KongConsumer") and not graph.of_type("Consumer")
    assert set(graph.of_type("KongCachedRoute")) == {"edge-digits"}


def test_the_allowed_group_is_the_one_that_the_model_asks_for(stack: TrialStack) -> None:
    graph = stack.up(lambda: InferenceEdge("edge", minimal_edge(consumers=[{"name": "web"}])))
    assert [groups(graph)["edge-web-acl-digits"]] == graph.config("edge-digits-acl")["allow"]


def test_an_edge_with_unknown_inputs(stack: TrialStack) -> None:
    def program() -> None:
        elsewhere = random.RandomString("elsewhere", length=20, special=False).result
        model = minimal_route(version=elsewhere, endpoint=pulumi.Output.concat("http://", elsewhere, ":80/"))
        args: Any = {
            "models": [model],
            "consumers": [{"name": "web", "key": elsewhere}],
            "gateway_url": pulumi.Output.concat("http://", elsewhere),
        }
        edge = InferenceEdge("edge", args)
        pulumi.export("models", edge.models)

    graph = stack.preview(program)
    assert graph["edge-digits-service"]["inputs"]["host"] == "[unknown]"
    assert graph.secret_inputs("edge-web-key-auth") == {"key"}
    stack.up(program)
    outputs = stack.outputs()["models"]["digits"]
    assert outputs["predictUrl"] == f"http://{outputs['version']}/digits/predict"


@pytest.mark.parametrize("before", [["digits", "words"], ["words"]])
def test_a_model_withdrawn_from_a_consumer_is_a_deletion(stack: TrialStack, before: list[str]) -> None:
    def edge(models: list[str]) -> Any:
        args = {
            "models": [minimal_route(), minimal_route(model="words")],
            "consumers": [{"name": "web", "models": models}],
        }
        return lambda: InferenceEdge("edge", args)  # type: ignore[arg-type]

    stack.up(edge(before))
    stack.recorder.calls.clear()
    stack.up(edge(["digits"]))
    assert stack.recorder.entities("delete") == ["acl shop-test-web/shop-test-words"]
