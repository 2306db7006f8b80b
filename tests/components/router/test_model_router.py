"""The resources of a ModelRouter, input by input."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.component import ComponentProvider

from components.router import ModelRouter
from components.router.render import (
    RoutedName,
    RouterSettings,
    Version,
    directory_phases,
    entry_phases,
    routing_value,
)
from tests.components.recording import GENERATED_PASSWORD
from tests.components.router.arguments import PATH, full_router, keyed, minimal_router, service, services
from tests.components.trial_stack import Graph, TrialStack, changed

TAGS = ["project:shop", "stack:test"]
FULL = RouterSettings(
    paths=(PATH, "/v1/completions"),
    models_path="/models",
    model_pointer="/parameters/model~1name",
    model_header="x-model",
    max_body_bytes=1000,
    names=(
        RoutedName(
            "org/gpt-x:1",
            (Version("beta", 10), Version("alpha", 90, "llama-3")),
            Version("small", served_name="tiny"),
        ),
        RoutedName("words", (Version("words"),)),
    ),
    keyed=frozenset({"alpha", "beta", "small"}),
    upstreams={"alpha": "alpha-pool", "beta": "beta-pool"},
    callers={"web": ["alpha", "beta", "small"], "batch": []},
)


def deployed(stack: TrialStack, args: Any) -> Graph:
    return stack.up(lambda: ModelRouter("r", args))


def function_config(phases: dict[str, list[str]]) -> dict[str, list[str]]:
    names = ("certificate", "rewrite", "access", "header_filter", "body_filter", "log")
    return {name: phases.get(name, []) for name in names}


def test_the_least_arguments_route_every_model_by_its_own_name(stack: TrialStack) -> None:
    graph = deployed(stack, minimal_router())
    guards = {f"r-directory-{name}" for name in ("correlation-id", "post-function", "prometheus")}
    assert set(graph) == {
        "r",
        "r-secret",
        "r-pre-function",
        "r-directory-service",
        "r-directory-route",
        "r-directory-request-size-limiting",
        "r-alpha-route",
        "r-beta-route",
        *guards,
    }
    assert graph["r"]["inputs"] == {"paths": [PATH]}
    entry = graph["r-pre-function"]["inputs"]
    assert {name: entry[name] for name in entry if name != "configJson"} == {
        "name": "pre-function",
        "enabled": True,
        "tags": TAGS,
    }
    assert graph["r-directory-service"]["inputs"] == {
        "name": "shop-test-models_directory",
        "protocol": "http",
        "host": "directory.invalid",
        "port": 80,
        "path": "/",
        "connectTimeout": 1000,
        "readTimeout": 1000,
        "writeTimeout": 1000,
        "retries": 0,
        "tags": TAGS,
    }
    route = {
        "regexPriority": 1,
        "stripPath": True,
        "preserveHost": False,
        "pathHandling": "v0",
        "httpsRedirectStatusCode": 426,
        "requestBuffering": True,
        "responseBuffering": True,
    }
    assert graph["r-directory-route"]["inputs"] == {
        **route,
        "name": "shop-test-models_directory",
        "serviceId": "service shop-test-models_directory",
        "protocols": ["http", "https"],
        "paths": ["~/v1/chat/completions$", "~/v1/models$"],
        "tags": TAGS,
    }
    assert graph["r-alpha-route"]["inputs"] == {
        **route,
        "name": "shop-test-alpha_routed",
        "serviceId": "service alpha",
        "protocols": ["http", "https"],
        "methods": ["POST"],
        "paths": ["~/v1/chat/completions$"],
        "headers": [{"name": "Xpredictionmodel", "values": [routing_value("alpha", GENERATED_PASSWORD)]}],
        "tags": [*TAGS, "model:alpha"],
    }


def test_every_argument_reaches_its_resource(stack: TrialStack) -> None:
    graph = deployed(stack, full_router())
    assert graph.config("r-pre-function") == function_config(entry_phases(FULL, GENERATED_PASSWORD))
    assert graph.config("r-directory-post-function") == function_config(directory_phases(FULL))
    assert graph["r-directory-route"]["inputs"]["paths"] == [
        "~/v1/chat/completions$",
        "~/v1/completions$",
        "~/models$",
    ]
    for model in ("alpha", "beta", "small"):
        route = graph[f"r-{model}-route"]["inputs"]
        assert (route["protocols"], route["hosts"]) == (["https"], ["api.test"])
        assert route["paths"] == ["~/v1/chat/completions$", "~/v1/completions$"]
    assert "r-unused-route" not in graph


def test_what_a_route_matches_is_a_secret_of_this_router(stack: TrialStack) -> None:
    graph = deployed(stack, full_router())
    drawn = graph["r-secret"]["inputs"]
    assert (drawn["length"], drawn["special"]) == (48, False)
    assert graph.secret_inputs("r-pre-function") == {"configJson"}
    assert graph["r-pre-function"]["options"]["additionalSecretOutputs"] == ["computedConfig"]
    for name in ("r-alpha-route", "r-words-route"):
        assert graph.secret_inputs(name) == {"headers"}
        assert graph[name]["options"]["additionalSecretOutputs"] == ["headers"]
    holders = {name for name, item in graph.items() if GENERATED_PASSWORD in json.dumps(item["inputs"])}
    routes = {f"r-{model}-route" for model in ("alpha", "beta", "small", "words")}
    assert holders == {"r-pre-function", *routes}
    assert GENERATED_PASSWORD not in json.dumps(graph.result.graph)
    assert not graph.secret_inputs("r-directory-post-function")


def test_every_model_has_a_value_of_its_own_that_its_name_does_not_tell(stack: TrialStack) -> None:
    graph = deployed(stack, full_router())
    models = ("alpha", "beta", "small", "words")
    values = [graph[f"r-{model}-route"]["inputs"]["headers"][0]["values"] for model in models]
    assert values == [[f"{model}.{GENERATED_PASSWORD}"] for model in models]


def test_answers_of_language_models_are_passed_on_as_they_come(stack: TrialStack) -> None:
    graph = deployed(stack, full_router())
    buffered = {name: item["inputs"]["responseBuffering"] for name, item in graph.of_type("Route").items()}
    assert [name for name, is_buffered in buffered.items() if not is_buffered] == ["r-words-route"]


def test_the_directory_asks_for_a_key_when_a_model_does(stack: TrialStack) -> None:
    assert "r-directory-key-auth" not in deployed(stack, minimal_router())
    graph = deployed(stack, minimal_router(services=services(service("alpha"), keyed("beta"))))
    assert graph.config("r-directory-key-auth")["key_in_query"] is False


def test_a_keyed_model_that_is_not_routed_asks_for_nothing(stack: TrialStack) -> None:
    args = minimal_router(
        services=services(service("alpha"), keyed("beta")), models=[{"name": "a", "versions": [{"model": "alpha"}]}]
    )
    assert "r-directory-key-auth" not in deployed(stack, args)


def test_the_directory_takes_what_the_largest_request_may_be(stack: TrialStack) -> None:
    def limited(model: str, size: int) -> dict[str, Any]:
        return service(model, access={"mode": "open", "max_request_bytes": size})

    graph = deployed(stack, minimal_router(services=services(limited("a", 10), limited("b", 3000), limited("c", 200))))
    assert graph.config("r-directory-request-size-limiting")["allowed_payload_size"] == 3000


def test_a_version_without_weight_has_its_route_before_its_requests(stack: TrialStack) -> None:
    versions = [{"model": "alpha"}, {"model": "beta", "weight": 0}]
    args = minimal_router(models=[{"name": "a", "versions": versions}])
    graph = deployed(stack, args)
    assert "r-beta-route" in graph
    given = [{"model": "alpha"}, {"model": "beta", "weight": 5}]
    graph = deployed(stack, minimal_router(models=[{"name": "a", "versions": given}]))
    assert [name for name in changed(graph, "update") if name != "r"] == ["r-pre-function"]


def test_a_weight_of_none_is_the_default(stack: TrialStack) -> None:
    texts = []
    for weight in ({"weight": None}, {"weight": 100}, {}):
        versions = [{"model": "alpha", **weight}, {"model": "beta", "weight": 50}]
        graph = deployed(stack, minimal_router(models=[{"name": "a", "versions": versions}]))
        texts.append(graph["r-pre-function"]["inputs"]["configJson"])
    assert len({*texts}) == 1


def test_numbers_may_be_floats_as_packages_give_them(stack: TrialStack) -> None:
    versions = [{"model": "alpha", "weight": 1.0}, {"model": "beta", "weight": 2.0}]
    floats = minimal_router(max_body_bytes=100.0, models=[{"name": "a", "versions": versions}])
    whole = [{"model": "alpha", "weight": 1}, {"model": "beta", "weight": 2}]
    ints = minimal_router(max_body_bytes=100, models=[{"name": "a", "versions": whole}])
    texts = [deployed(stack, args)["r-pre-function"]["inputs"]["configJson"] for args in (floats, ints)]
    assert texts[0] == texts[1]


def test_upstreams_may_be_known_late(stack: TrialStack) -> None:
    def program() -> None:
        late: Any = {**full_router()["services"]["alpha"], "upstream": pulumi.Output.from_input("alpha-pool")}
        ModelRouter("r", full_router(services={**full_router()["services"], "alpha": late}))

    graph = stack.up(program)
    assert graph.config("r-pre-function") == function_config(entry_phases(FULL, GENERATED_PASSWORD))


def test_registered_declared_and_published_outputs_are_the_same(stack: TrialStack) -> None:
    def program() -> None:
        made = ModelRouter("r", full_router())
        pulumi.export("paths", made.paths)
        pulumi.export("modelNames", made.model_names)

    stack.up(program)
    assert stack.outputs() == {"paths": [PATH, "/v1/completions"], "modelNames": ["org/gpt-x:1", "words"]}
    schema = json.loads(ComponentProvider([ModelRouter], "inference-edge", None, "0.0.0").schema or "")
    published = schema["resources"]["inference-edge:index:ModelRouter"]
    assert set(published["properties"]) == {"paths", "modelNames"}


def test_options_reach_every_resource(stack: TrialStack) -> None:
    graph = stack.up(lambda: ModelRouter("r", minimal_router(), pulumi.ResourceOptions(protect=True)))
    assert all(item["options"]["protect"] for item in graph.values())


@pytest.mark.parametrize("args", [minimal_router(), full_router()], ids=["least", "full"])
def test_a_second_deployment_changes_nothing(stack: TrialStack, args: Any) -> None:
    deployed(stack, args)
    calls = len(stack.recorder.calls)
    graph = deployed(stack, args)
    assert graph.result.changes["same"] == len(graph) + 1
    assert len(stack.recorder.calls) == calls


def test_lists_are_rendered_once_for_consumers_who_are_told_the_same() -> None:
    callers = {f"c{i}": ["alpha", "beta", "small"] if i % 2 else [] for i in range(100)}
    text = directory_phases(FULL)["access"][0]
    many = directory_phases(RouterSettings(**{**FULL.__dict__, "callers": callers}))["access"][0]
    assert many.count("org/gpt-x:1") == text.count("org/gpt-x:1") == 1
