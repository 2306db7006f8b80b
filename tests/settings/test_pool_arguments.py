"""What the stack config says of pools and the router, as the components get it; what it accepts, they accept too."""

from __future__ import annotations

from typing import Any

import pytest

from components import pool_wiring
from components.gateway.arguments import POOL_RETRIES, TimeoutArgs
from components.pool import arguments as pool_component
from components.pool.checks import check_arguments
from components.router import arguments as router_component
from components.router import checks as router_checks
from components.wiring import InferenceEdgeArgs, check_wiring
from settings import models, parse_settings
from settings import pool_models as pools
from settings import router_models as router
from settings.arguments import edge_arguments
from tests.settings.support import TARGET, model, pool_stack, pooled_model, problems, routed, router_stack, stack
from tests.settings.test_pool_rules import DISCOVERY
from tests.settings.test_pool_values import POOL_ACCEPTED, pool_at

HEALTH = {"path": "/ping", "interval_seconds": 2, "timeout_seconds": 1, "successes": 1, "failures": 2}
BREAKER = {"connection_failures": 1, "timeouts": 0, "errors": 0, "statuses": [500, 502, 503, 504]}


def arguments(document: dict[str, Any]) -> dict[str, Any]:
    return {**edge_arguments(parse_settings(document))}


def pool_arguments(**changes: Any) -> dict[str, Any]:
    (found,) = arguments(pool_stack(**changes))["pools"]
    return found


def test_a_stack_without_pools_and_router_says_nothing_of_them() -> None:
    made = arguments(stack())
    assert not {"pools", "pooled", "router"} & set(made)
    assert "stream_seconds" not in made["models"][0]["timeouts"]
    assert "pool" not in made["models"][0]


def test_a_pool_becomes_its_arguments() -> None:
    assert pool_arguments() == {
        "name": "chat",
        "targets": [{"address": TARGET["address"], "weight": 100}],
        "protocol": "http",
        "health": HEALTH,
        "circuit_breaker": BREAKER,
    }
    found = pool_arguments(discovery=DISCOVERY, hostHeader="model.internal", algorithm="round-robin")
    assert (found["discovery"], found["host_header"]) == (DISCOVERY, "model.internal")
    assert (found["algorithm"], "targets" in found) == ("round-robin", False)


@pytest.mark.parametrize(
    ("affinity", "found"),
    [
        ({}, {"by": "prompt", "messages": 2, "characters": 1024}),
        ({"by": "session"}, {"by": "session", "header": "x-session-id"}),
        ({"by": "key", "maxLoadFactor": 2}, {"by": "key", "max_load_factor": 2}),
    ],
)
def test_an_affinity_has_what_its_kind_has(affinity: dict[str, Any], found: dict[str, Any]) -> None:
    assert pool_arguments(affinity=affinity)["affinity"] == {"max_load_factor": 1.25, **found}


def test_models_with_a_pool_have_no_endpoint() -> None:
    chat = pooled_model({"path": "/v1"}, name="chat-1", timeouts={"streamSeconds": 30})
    made = arguments(pool_stack(chat, pooled_model(), model(name="words")))
    assert made["pooled"] == {
        "chat-1": {"pool": "chat", "path": "/v1"},
        "digits": {"pool": "chat", "path": "/invocations"},
    }
    assert ["endpoint" in each for each in made["models"]] == [False, False, True]
    assert made["models"][0]["timeouts"]["stream_seconds"] == 30


def test_a_router_becomes_its_arguments() -> None:
    made = arguments(router_stack())["router"]
    assert made == {
        "paths": ["/v1/chat/completions"],
        "models_path": "/v1/models",
        "model_pointer": "/model",
        "max_body_bytes": 65_536,
    }
    version = {"model": "words", "weight": 0, "servedName": "w"}
    made = arguments(router_stack(modelHeader="x-model", models=[routed("digits", version)]))["router"]
    assert made["model_header"] == "x-model"
    assert made["models"] == [
        {
            "name": "gpt-x",
            "versions": [
                {"model": "digits", "weight": 100},
                {"model": "words", "weight": 0, "served_name": "w"},
            ],
        }
    ]


def test_a_fallback_is_passed_on() -> None:
    name = routed("digits", fallback={"model": "words", "servedName": "small"})
    document = pool_stack(pooled_model(), model(name="words")) | {"router": {"paths": ["/v1"], "models": [name]}}
    made = arguments(document)["router"]
    assert made["models"][0]["fallback"] == {"model": "words", "served_name": "small"}
    check_wiring(made_of(document))


def made_of(document: dict[str, Any]) -> InferenceEdgeArgs:
    return edge_arguments(parse_settings(document))


@pytest.mark.parametrize(("path", "value"), POOL_ACCEPTED)
def test_the_component_accepts_every_accepted_pool(path: str, value: Any) -> None:
    document = pool_at(path, value)
    made = made_of(document)
    check_arguments(made["pools"][0])
    check_wiring(made)


@pytest.mark.parametrize("name", sorted(router_checks._NOT_A_MODELS))
def test_the_models_header_is_none_that_the_component_refuses(name: str) -> None:
    (problem,) = problems(router_stack(modelHeader=name))
    assert problem.startswith(f'router.modelHeader = "{name}": {name} is not allowed here')


def test_defaults_are_those_of_the_components() -> None:
    found = parse_settings({**pool_stack(affinity={}), "router": {"paths": ["/v1"]}})
    (pool,), routing = found.pools, found.router
    assert pool.affinity is not None and routing is not None and pool.targets is not None
    assert pool.affinity.model_dump() == pool_component.AFFINITY
    assert pool.health.model_dump() == pool_component.HEALTH
    breaker = pool.circuit_breaker.model_dump()
    assert {**breaker, "statuses": list(breaker["statuses"])} == pool_component.CIRCUIT_BREAKER
    assert pool.targets[0].weight == pool_component.WEIGHT
    assert found.models[0].retries == POOL_RETRIES
    assert found.models[0].pool is not None and found.models[0].pool.path == pool_wiring.REPLICA_PATH
    assert routing.models_path == router_component.MODELS_PATH
    assert routing.model_pointer == router_component.MODEL_POINTER
    assert routing.max_body_bytes == router_component.MAX_BODY_BYTES
    assert router.RoutedVersionSettings(model="digits").weight == router_component.WEIGHT
    assert set(pools.POOL_ALGORITHMS) == {algorithm.value for algorithm in pool_component.BalancingAlgorithm}


@pytest.mark.parametrize(
    ("models", "repeats", "retries"),
    [
        ([pooled_model(), model(name="words")], True, [10, 1]),
        ([pooled_model(), model(name="words")], False, [POOL_RETRIES, 1]),
        ([pooled_model(retries=0), pooled_model(name="words", retries=100)], True, [0, 100]),
    ],
)
def test_where_kong_repeats_lost_requests_a_pool_is_tried_fewer_times(
    models: list[dict[str, Any]], repeats: bool, retries: list[int]
) -> None:
    made = arguments(pool_stack(*models) | {"kong": {"repeatsLostRequests": repeats}})
    assert [each["retries"] for each in made["models"]] == retries


def test_a_wrong_model_is_told_where_kong_repeats_lost_requests() -> None:
    wrong: Any = 7
    document = stack(wrong, pooled_model(pool=7), kong={"repeatsLostRequests": True})
    assert [problem.partition(" ")[0] for problem in problems(document)] == ["models[0]", "models[1].pool"]


@pytest.mark.parametrize(
    ("section", "component", "only_there"),
    [
        (pools.PoolSettings, pool_component.InferencePoolArgs, set()),
        (pools.TargetSettings, pool_component.TargetArgs, {"name"}),  # for addresses that are outputs
        (pools.DiscoverySettings, pool_component.DiscoveryArgs, set()),
        (pools.AffinitySettings, pool_component.AffinityArgs, set()),
        (pools.PoolHealthSettings, pool_component.HealthArgs, set()),
        (pools.CircuitBreakerSettings, pool_component.CircuitBreakerArgs, set()),
        (models.TimeoutSettings, TimeoutArgs, set()),
        (router.RouterSettings, router_component.RouterArgs, set()),
        (router.RoutedModelSettings, router_component.RoutedModelArgs, set()),
        (router.RoutedVersionSettings, router_component.RoutedVersionArgs, set()),
        (router.FallbackSettings, router_component.FallbackArgs, set()),
    ],
)
def test_a_section_has_the_keys_of_the_components_arguments(section: Any, component: Any, only_there: set[str]) -> None:
    assert set(component.__annotations__) - set(section.model_fields) == only_there
    assert set(section.model_fields) <= set(component.__annotations__)
