"""What the plugin constructs for programs in other languages: the same as in Python, from what those languages send."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pulumi_random as random
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

import components
from components.camel_case import camel_case
from local.engine import EmbeddedEngine, EngineError
from settings import load_settings
from settings.arguments import edge_arguments
from tests.components.arguments import ENDPOINT, full_consumer, full_edge, full_route, minimal_edge, minimal_route
from tests.components.recording import Recorder
from tests.components.trial_stack import Graph, Program, TrialStack, changed
from tests.package.remote_components import RemoteComponent, remote_components
from tests.package.running import running_plugin
from tests.stacks.projects import PASSPHRASE, STACKS, lay_project

Construct = Callable[..., RemoteComponent]
CASES = {"InferenceEdge": full_edge, "KongCachedRoute": full_route, "KongConsumer": full_consumer}


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """The running plugin."""
    with running_plugin(tmp_path_factory.mktemp("elsewhere")) as stub:
        yield stub


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrialStack:
    """A stack sealed by a key file."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    return TrialStack(tmp_path)


@pytest.fixture
def construct(plugin: provider_pb2_grpc.ResourceProviderStub) -> Iterator[Construct]:
    """Makes a component by the plugin; the arguments have Python's names."""
    with remote_components(plugin) as prepare:

        def make(kind: str, name: str, args: Any, opts: pulumi.ResourceOptions | None = None) -> RemoteComponent:
            prepare()
            return RemoteComponent(f"inference-edge:index:{kind}", name, camel_case(args), opts)

        yield make


def resources(graph: Graph) -> dict[str, dict[str, Any]]:
    """By name; a component has dependencies and options in other languages only."""
    return {
        name: item if item["custom"] else {**item, "dependencies": [], "propertyDependencies": {}, "options": {}}
        for name, item in graph.items()
    }


@pytest.mark.parametrize("operation", ["preview", "up"])
@pytest.mark.parametrize("kind", CASES)
def test_it_registers_what_the_component_registers_in_python(
    stack: TrialStack, construct: Construct, tmp_path: Path, kind: str, operation: str
) -> None:
    args = CASES[kind]
    here = getattr(stack, operation)(lambda: getattr(components, kind)("one", args()))
    (tmp_path / "other").mkdir()
    other = TrialStack(tmp_path / "other")
    there = getattr(other, operation)(lambda: construct(kind, "one", args()))
    assert len(here) > 3
    assert resources(there) == resources(here)


@pytest.mark.parametrize("name", [name for name in STACKS if name.endswith(("-everything", "-otherwise"))])
def test_it_registers_what_a_stack_with_every_option_registers_in_python(
    construct: Construct, tmp_path: Path, name: str
) -> None:
    def engine(folder: str, program: Program | None) -> EmbeddedEngine:
        project, providers = lay_project(name, tmp_path / folder), Recorder().providers
        state = tmp_path / f"{folder}-state"
        return EmbeddedEngine(project, name, state, passphrase=PASSPHRASE, program=program, providers=providers)

    def program() -> None:
        construct("InferenceEdge", "edge", edge_arguments(load_settings(pulumi.Config())))

    here = resources(Graph(engine("here", None).preview()))
    there = resources(Graph(engine("there", program).preview()))
    assert there.keys() == here.keys()
    for resource in here:
        assert there[resource] == here[resource], resource


def test_whole_numbers_that_come_as_floats_are_written_without_a_point(stack: TrialStack, construct: Construct) -> None:
    args = minimal_route(cache={"ttl_seconds": 60.0, "max_body_bytes": 1000.0}, retries=3.0)
    graph = stack.up(lambda: construct("KongCachedRoute", "one", args))
    assert graph["one-service"]["inputs"]["retries"] == 3
    texts = [item["inputs"]["configJson"] for item in graph.of_type("Plugin").values()]
    assert '"cache_ttl":60,' in "".join(texts)
    assert not [text for text in texts if ".0," in text or ".0}" in text]


def test_outputs_have_the_values_of_the_component(stack: TrialStack, construct: Construct) -> None:
    def program() -> None:
        made = construct("InferenceEdge", "one", minimal_edge(consumers=[{"name": "web", "key": "k" * 20}]))
        pulumi.export("models", made.models)  # type: ignore[attr-defined]
        pulumi.export("consumerKeys", made.consumerKeys)  # type: ignore[attr-defined]

    graph = stack.up(program)
    assert graph.result.outputs["models"]["digits"]["serviceId"] == "service shop-test-digits"
    assert graph.result.outputs["models"]["digits"]["keyGeneration"] == 1
    assert graph.result.outputs["consumerKeys"] == "[secret]"
    assert stack.outputs()["consumerKeys"] == {"web": "k" * 20}


def test_secrets_stay_secret_and_unknown_values_unknown(stack: TrialStack, construct: Construct) -> None:
    def program() -> None:
        made = random.RandomPassword("given", length=30)
        host = random.RandomString("host", length=8, special=False).result
        edge = minimal_edge(consumers=[{"name": "web", "key": made.result}])
        edge["models"][0]["endpoint"] = pulumi.Output.concat("http://", host, ".test/invocations")
        edge["models"][0]["cache"] = {"ttl_seconds": host.apply(lambda text: len(text) * 10.0)}
        construct("InferenceEdge", "one", edge)

    preview = stack.preview(program)
    assert preview["one-digits-service"]["inputs"]["host"] == "[unknown]"
    assert preview["one-digits-proxy-cache"]["inputs"]["configJson"] == "[unknown]"
    graph = stack.up(program)
    assert graph.config("one-digits-proxy-cache")["cache_ttl"] == 80
    assert graph.secret_inputs("one-web-key-auth") == {"key"}
    assert graph.secret_inputs("one-digits-pre-function") == {"configJson"}
    assert "given" in graph.dependencies("one-web-key-auth")
    key = graph["one-web-key-auth"]["inputs"]["key"]
    assert len(key) > 20
    assert key not in json.dumps(graph.result.graph)
    assert all(key not in file.read_text() for file in stack.state_dir.rglob("*.json"))


WRONG: dict[str, tuple[str, Any, str]] = {
    "nothing": ("InferenceEdge", {}, "Missing required input 'models' on 'InferenceEdge'"),
    "no consumer": ("KongConsumer", {"groups": {}}, "Missing required input 'consumer' on 'KongConsumer'"),
    "no model": ("InferenceEdge", {"models": [{"version": "1", "endpoint": ENDPOINT}]}, "models[0].model"),
    "no list": ("InferenceEdge", {"models": "digits"}, "models"),
    "version": ("KongCachedRoute", {"model": "digits", "endpoint": ENDPOINT}, "version is missing"),
    "name": ("KongCachedRoute", minimal_route(model="Digits"), "model must be 1 to 40 lower-case letters"),
    "profile": ("KongCachedRoute", minimal_route(cache={"profile": "vision"}), "profile"),
    "text for a number": ("KongCachedRoute", minimal_route(cache={"ttl_seconds": "soon"}), "ttl"),
    "part of a number": (
        "KongCachedRoute",
        minimal_route(cache={"ttl_seconds": 60.5}),
        "property cache.ttlSeconds: 'cache.ttlSeconds' must be a whole number, not 60.5",
    ),
    "part of a number in a list": (
        "KongCachedRoute",
        minimal_route(cache={"response_codes": [200, 200.5]}),
        "'cache.responseCodes[1]' must be a whole number, not 200.5",
    ),
}


@pytest.mark.parametrize("argument", ["access", "cache", "edge", "timeouts"])
def test_an_object_that_is_not_known_yet_is_refused_not_left_out(
    stack: TrialStack, construct: Construct, argument: str
) -> None:
    def program() -> None:
        unknown = random.RandomString("host", length=8).result.apply(lambda _: {})
        construct("KongCachedRoute", "one", minimal_route(**{argument: unknown}))

    with pytest.raises(EngineError, match=f"property {argument}: '{argument}' must be known when the component is"):
        stack.preview(program)


@pytest.mark.parametrize("case", WRONG)
def test_wrong_and_missing_inputs_are_named_before_anything_is_made(
    stack: TrialStack, construct: Construct, case: str
) -> None:
    kind, args, message = WRONG[case]
    with pytest.raises(EngineError) as raised:
        stack.up(lambda: construct(kind, "one", args))
    assert message in str(raised.value)
    assert stack.recorder.calls == []


def test_an_alias_lets_a_renamed_component_keep_its_resources(stack: TrialStack, construct: Construct) -> None:
    stack.up(lambda: construct("InferenceEdge", "one", full_edge()))
    renamed = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="one")])
    graph = stack.up(lambda: construct("InferenceEdge", "two", full_edge(), renamed))
    assert [changed(graph, operation) for operation in ("create", "replace", "delete", "update")] == [[], [], [], []]


def test_protect_reaches_every_resource(stack: TrialStack, construct: Construct) -> None:
    graph = stack.up(lambda: construct("KongCachedRoute", "one", full_route(), pulumi.ResourceOptions(protect=True)))
    assert {item["options"]["protect"] for item in graph.values()} == {True}
