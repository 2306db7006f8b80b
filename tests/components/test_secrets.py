"""What must be secret is secret in the graph, in the outputs and in the state file."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi

from components import InferenceEdge, KongCachedRoute, KongConsumer, lua
from tests.components.arguments import full_consumer, full_edge, minimal_consumer, minimal_route
from tests.components.recording import GENERATED_BYTES, GENERATED_PASSWORD
from tests.components.trial_stack import TrialStack

GIVEN_KEY = "key-given-to-the-web-client"


def state_text(stack: TrialStack) -> str:
    """All files of the state but the key that seals it."""
    files = [path for path in Path(stack.state_dir).rglob("*") if path.is_file() and path.name != "key"]
    assert any(path.suffix == ".json" for path in files)
    return "\n".join(path.read_text() for path in files)


def test_only_the_pre_function_holds_the_key_secret_and_is_secret_with_it(stack: TrialStack) -> None:
    graph = stack.up(lambda: KongCachedRoute("d", minimal_route()))
    assert f"C.secret = {lua.literal(GENERATED_BYTES)}\n" in graph.config("d-pre-function")["access"][0]
    for name, item in graph.of_type("Plugin").items():
        holds = GENERATED_BYTES in item["inputs"]["configJson"]
        assert holds == (name == "d-pre-function")
        assert graph.secret_inputs(name) == ({"configJson"} if holds else set())
        assert item["options"]["additionalSecretOutputs"] == (["computedConfig"] if holds else [])


def test_the_pre_function_is_secret_in_a_preview_too(stack: TrialStack) -> None:
    graph = stack.preview(lambda: KongCachedRoute("d", minimal_route()))
    assert graph.secret_inputs("d-pre-function") == {"configJson"}


def test_a_key_given_in_clear_becomes_a_secret(stack: TrialStack) -> None:
    graph = stack.up(lambda: KongConsumer("c", full_consumer()))
    assert graph["c-key-auth"]["inputs"]["key"] == GIVEN_KEY
    assert graph.secret_inputs("c-key-auth") == {"key"}
    assert graph.secret_inputs("c") == {"key"}
    assert "c-key" not in graph


def test_a_generated_key_is_a_secret_of_forty_letters_and_digits(stack: TrialStack) -> None:
    graph = stack.up(lambda: KongConsumer("c", minimal_consumer()))
    assert graph["c-key"]["inputs"] == {"length": 40, "special": False}
    assert graph["c-key-auth"]["inputs"]["key"] == GENERATED_PASSWORD
    assert graph.secret_inputs("c-key-auth") == {"key"}


def test_outputs_with_keys_are_secret_and_the_others_are_not(stack: TrialStack) -> None:
    def program() -> None:
        edge = InferenceEdge("edge", full_edge())
        consumer = KongConsumer("c", minimal_consumer(consumer="other"))
        pulumi.export("models", edge.models)
        pulumi.export("keys", edge.consumer_keys)
        pulumi.export("key", consumer.key)
        pulumi.export("username", consumer.username)

    outputs = stack.up(program).result.outputs
    assert (outputs["keys"], outputs["key"]) == ("[secret]", "[secret]")
    assert outputs["username"] == "shop-test-other"
    assert "[secret]" not in json.dumps(outputs["models"])
    assert stack.outputs()["keys"] == {"web": GIVEN_KEY, "batch": GENERATED_PASSWORD}


def test_no_secret_is_in_the_state_in_clear(stack: TrialStack) -> None:
    def program() -> None:
        edge = InferenceEdge("edge", full_edge())
        pulumi.export("keys", edge.consumer_keys)

    stack.up(program)
    text = state_text(stack)
    assert "shop-test-digits" in text
    parts = [GENERATED_BYTES, GENERATED_PASSWORD, GIVEN_KEY, lua.literal(GENERATED_BYTES), "C.secret"]
    for secret in parts:
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text
