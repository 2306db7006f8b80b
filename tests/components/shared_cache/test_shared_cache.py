"""What every SharedCache does, whatever its provider: names, parents, outputs, secrets, previews, protection."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_random as random
import pytest

from components import InferenceEdge, SharedCache
from local.engine.deployment import Deployment
from local.engine.values import reveal
from tests.components.arguments import minimal_route
from tests.components.recording import GENERATED_PASSWORD
from tests.components.shared_cache.arguments import (
    PASSWORD,
    elasticache,
    existing,
    full_elasticache,
    full_memorystore,
    memorystore,
)
from tests.components.trial_stack import TrialStack, changed

ALL: dict[str, Any] = {
    "existing": existing(),
    "elasticache": elasticache(),
    "memorystore": memorystore(),
    "full elasticache": full_elasticache(),
    "full memorystore": full_memorystore(),
}
MADE = {name: args for name, args in ALL.items() if name != "existing"}
OUTPUTS = ["host", "port", "tls", "username", "password", "database", "ca_certificates"]
every = pytest.mark.parametrize("args", ALL.values(), ids=ALL)
every_made = pytest.mark.parametrize("args", MADE.values(), ids=MADE)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def cache(args: Any) -> Any:
    def program() -> None:
        made = SharedCache("cache", args)
        for name in OUTPUTS:
            pulumi.export(name, getattr(made, name))

    return program


def edge(args: Any, **cache: Any) -> Any:
    def program() -> None:
        models = [minimal_route(cache={"store": "redis", **cache}), minimal_route(model="words")]
        made = InferenceEdge("edge", {"models": models, "shared_cache": args})
        pulumi.export("address", made.shared_cache_address)
        pulumi.export("authorities", made.shared_cache_ca_certificates)

    return program


@every
def test_children_have_the_component_as_parent_and_its_name_first(stack: TrialStack, args: Any) -> None:
    graph = stack.up(cache(args))
    children = {name: item for name, item in graph.items() if name != "cache"}
    assert all(name.startswith("cache-") for name in children)
    assert all(item["parent"].endswith("::cache") for item in children.values())


@every
def test_two_caches_stand_in_one_stack(stack: TrialStack, args: Any) -> None:
    def program() -> None:
        SharedCache("cache", args)
        SharedCache("other", args)

    graph = stack.up(program)
    ids = [item["inputs"].get("userId") for item in graph.of_type("User").values()]
    assert len(set(ids)) == len(ids)
    assert set(graph.of_type("SharedCache")) == {"cache", "other"}


@every
def test_a_preview_of_a_new_stack_shows_what_an_update_makes(stack: TrialStack, args: Any) -> None:
    assert set(stack.preview(cache(args))) == set(stack.up(cache(args)))


@every
def test_a_second_update_changes_nothing(stack: TrialStack, args: Any) -> None:
    stack.up(cache(args))
    graph = stack.up(cache(args))
    assert {step.op for step in graph.result.steps} == {"same"}


@every
def test_registered_outputs_are_those_of_the_component(
    stack: TrialStack, monkeypatch: pytest.MonkeyPatch, args: Any
) -> None:
    found: dict[str, Any] = {}
    register = Deployment.register_outputs

    def keep(self: Deployment, urn: str, outputs: dict[str, Any]) -> None:
        found[urn.split("::")[-1]] = reveal(outputs)
        register(self, urn, outputs)

    monkeypatch.setattr(Deployment, "register_outputs", keep)
    stack.up(cache(args))
    declared = [name for name, kind in SharedCache.__annotations__.items() if "Output" in str(kind)]
    assert declared == OUTPUTS
    outputs = stack.outputs()
    assert found["cache"] == {camel(name): outputs[name] for name in OUTPUTS}


@every_made
def test_the_password_is_a_secret_wherever_it_is(stack: TrialStack, args: Any) -> None:
    graph = stack.up(cache(args))
    password = stack.outputs()["password"]
    assert len(password) >= 16
    assert password not in str(graph.result.graph)
    assert password not in str([path.read_text() for path in stack.state_dir.rglob("*.json")])


def test_a_given_password_is_a_secret_even_when_it_was_given_plain(stack: TrialStack) -> None:
    args = existing(username="app", password=PASSWORD)
    graph = stack.up(edge(args))
    assert PASSWORD not in str(graph.result.graph)
    assert PASSWORD not in str([path.read_text() for path in stack.state_dir.rglob("*.json")])
    assert graph["edge-shared-cache"]["inputs"]["existing"]["password"] == PASSWORD


def test_an_existing_server_is_what_was_given(stack: TrialStack) -> None:
    args = existing(host="cache.test", port=6380.0, username="app", password=PASSWORD, database=3)
    graph = stack.up(cache(args))
    assert set(graph) == {"cache"}
    assert stack.outputs() == {
        "host": "cache.test",
        "port": 6380,
        "tls": True,
        "username": "app",
        "password": PASSWORD,
        "database": 3,
        "ca_certificates": [],
    }


def test_an_existing_server_by_default(stack: TrialStack) -> None:
    stack.up(cache(existing(host="localhost", tls=False)))
    found = stack.outputs()
    assert (found["port"], found["tls"], found["database"]) == (6379, False, 0)
    assert (found["username"], found["password"]) == ("", "")


def test_an_existing_server_may_be_known_late(stack: TrialStack) -> None:
    def program() -> None:
        host = random.RandomString("host", length=8).result.apply(lambda _: "late.test")
        cache(existing(host=host))()

    assert stack.preview(program)
    stack.up(program)
    assert stack.outputs()["host"] == "late.test"


@pytest.mark.parametrize(("args", "kind"), [(full_elasticache(), "ServerlessCache"), (full_memorystore(), "Instance")])
def test_protection_keeps_the_cache_and_nothing_else(stack: TrialStack, args: Any, kind: str) -> None:
    graph = stack.up(cache(args))
    protected = {item["type"].split(":")[-1] for item in graph.values() if item["options"].get("protect")}
    assert protected == {kind}


@every_made
def test_without_alarms_there_are_none(stack: TrialStack, args: Any) -> None:
    [provider] = {"elasticache", "memorystore"} & set(args)
    silent = {**args, provider: {**args[provider], "alarms": {"enabled": False}}}
    kinds = {item["type"].split(":")[-1] for item in stack.up(cache(silent)).values()}
    assert not kinds & {"MetricAlarm", "AlertPolicy"}


@every
def test_the_models_with_redis_and_no_others_are_given_the_cache(stack: TrialStack, args: Any) -> None:
    graph = stack.up(edge(args))
    cached, other = graph["edge-digits"]["inputs"], graph["edge-words"]["inputs"]
    assert "redis" not in other
    redis = cached["redis"]
    assert stack.outputs()["address"] == f"{redis['host']}:{redis['port']}"
    assert redis.get("keyPrefix") == args.get("key_prefix")
    assert redis.get("timeoutSeconds") == args.get("timeout_seconds")
    assert redis.get("retrySeconds") == args.get("retry_seconds")


def test_a_model_whose_cache_is_off_keeps_the_shared_cache(stack: TrialStack) -> None:
    graph = stack.up(edge(elasticache(), enabled=False))
    assert "edge-shared-cache-cache" in graph


def test_the_route_comes_after_the_cache(stack: TrialStack) -> None:
    graph = stack.up(edge(elasticache()))
    assert {"edge-shared-cache-cache", "edge-shared-cache-password"} <= graph.dependencies("edge-digits-post-function")


def test_another_password_reaches_the_routes(stack: TrialStack) -> None:
    stack.up(edge(existing(password=PASSWORD)))
    graph = stack.up(edge(existing(password=GENERATED_PASSWORD)))
    assert "edge-digits-post-function" in changed(graph, "update")
