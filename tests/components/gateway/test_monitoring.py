"""What a route's post-function knows of costs and of verification."""

from __future__ import annotations

from typing import Any

import pulumi_random as random
import pytest

from components import KongCachedRoute, lua
from components.metrics.phases import Cost, Metrics
from components.prediction_key import StoreSettings
from components.verification.phases import Verification
from tests.components.arguments import minimal_route
from tests.components.recording import GENERATED_PASSWORD
from tests.components.test_kong_cached_route import deployed, settings
from tests.components.test_stores import HEADERS
from tests.components.trial_stack import TrialStack

DAY = 1_793_491_200  # 2026-11-01T00:00:00Z
NODES = ["kong-1.internal:8000", "kong-2.internal:8000"]


def log_of(stack: TrialStack, plugin: str = "d-post-function", **changes: Any) -> list[str]:
    return deployed(stack, minimal_route(**changes)).config(plugin)["log"]


def counting(cost: Cost | None = None) -> list[str]:
    return Metrics("digits", "1", cost).phases()["log"]


@pytest.mark.parametrize(
    ("cost", "price"),
    [
        ({"per_call": 0.0002}, {"call": 0.0002, "busy_second": 0}),
        ({"per_instance_hour": 1.8}, {"call": 0, "busy_second": 0.0005}),
        ({"per_instance_hour": 1.8, "concurrency": 4}, {"call": 0, "busy_second": 0.000125}),
    ],
)
def test_a_price_is_of_a_call_or_of_a_second_that_a_call_keeps_an_instance_busy(
    stack: TrialStack, cost: dict[str, Any], price: dict[str, float]
) -> None:
    values = Cost(**cost, as_of="2026-11-01").lua_values()
    assert values == {"price": pytest.approx(price), "price_as_of_seconds": DAY}
    [log] = log_of(stack, cost={**cost, "as_of": "2026-11-01"})
    assert [log] == counting(Cost(**cost, as_of="2026-11-01"))
    assert lua.literal(values)[1:-1] in log


def test_without_a_cost_both_prices_are_nothing(stack: TrialStack) -> None:
    assert log_of(stack) == counting()
    assert Cost().lua_values() == {"price": {"call": 0, "busy_second": 0}, "price_as_of_seconds": 0}


def test_a_model_without_a_cache_is_counted_too(stack: TrialStack) -> None:
    assert log_of(stack, cache={"enabled": False}) == counting()


def test_a_cost_that_is_known_late_is_the_same(stack: TrialStack) -> None:
    def late(name: str, value: Any) -> Any:
        return random.RandomString(f"late-{name}", length=8).result.apply(lambda _: value)

    def program() -> None:
        cost = {"per_instance_hour": late("a", 1.8), "concurrency": late("b", 4.0), "as_of": late("c", "2026-11-01")}
        KongCachedRoute("d", minimal_route(cost=cost, version=late("d", "1")))

    cost = Cost(per_instance_hour=1.8, concurrency=4, as_of="2026-11-01")
    assert stack.up(program).config("d-post-function")["log"] == counting(cost)


DEFAULTS: dict[str, Any] = {
    "share": 0.01,
    "max_mismatch_ratio": 0.01,
    "max_per_second": 10,
    "max_in_flight": 8,
    "tolerances": {},
    "ignore_fields": (),
    "connect_seconds": 5,
    "path": "/-/shadow/shop-test-digits",
}
GIVEN: dict[str, Any] = {
    "share": 0.5,
    "max_mismatch_ratio": 0.02,
    "max_per_second": 0.5,
    "max_in_flight": 3,
    "tolerances": [{"field": "predictions.score", "difference": 0.001}, {"field": "*", "difference": 0}],
    "ignore_fields": ["id", "größe.a b"],
}
TAKEN = {
    **DEFAULTS,
    **GIVEN,
    "tolerances": {"predictions.score": 0.001, "*": 0},
    "ignore_fields": ("id", "größe.a b"),
    "connect_seconds": 0.25,
}


def verifying(**more: Any) -> dict[str, list[str]]:
    given = {"lease_seconds": more.pop("lease_seconds", 126), "store": more.pop("store", None)}
    own = settings(verified=True, **given)
    return Verification(**{**DEFAULTS, **more}).phases(own, GENERATED_PASSWORD)


def test_verification_has_its_defaults(stack: TrialStack) -> None:
    config = deployed(stack, minimal_route(cache={"verify": {}})).config("d-post-function")
    assert config["log"] == counting() + verifying()["log"]
    assert config["access"][1:] == verifying()["access"]


def test_every_argument_of_verification_reaches_the_node(stack: TrialStack) -> None:
    timeouts = {"connect_seconds": 0.25, "read_seconds": 60, "write_seconds": 60}
    log = log_of(stack, cache={"verify": GIVEN}, timeouts=timeouts)
    leases = [verifying(**TAKEN, lease_seconds=seconds)["log"][0] for seconds in range(100, 130)]
    assert log[-1] in leases


def test_values_that_are_known_late_are_the_same(stack: TrialStack) -> None:
    def program() -> None:
        late: Any = random.RandomString("late", length=8).result
        verify = {name: late.apply(lambda _, name=name: GIVEN[name]) for name in GIVEN}
        verify["tolerances"] = [
            {"field": late.apply(lambda _: "predictions.score"), "difference": late.apply(lambda _: 0.001)},
            {"field": "*", "difference": 0},
        ]
        verify["ignore_fields"] = ["id", late.apply(lambda _: "größe.a b")]
        verify["max_in_flight"] = late.apply(lambda _: 3.0)
        KongCachedRoute("d", minimal_route(cache={"verify": verify}))

    log = stack.up(program).config("d-post-function")["log"]
    assert log == counting() + verifying(**{**TAKEN, "connect_seconds": 5})["log"]


def test_a_store_in_memory_is_verified_in_the_same_way(stack: TrialStack) -> None:
    log = log_of(stack, cache={"verify": {}, "store": "memory"})
    assert log[-1:] == verifying(store=StoreSettings(HEADERS))["log"]


def test_the_node_that_keeps_a_shards_answers_verifies_them(stack: TrialStack) -> None:
    graph = deployed(stack, minimal_route(shards=NODES, cache={"verify": {}, "store": "memory"}))
    verifiers = {name for name in graph.of_type("Plugin") if "in_doubt" in str(graph.config(name))}
    assert verifiers == {"d-shards-post-function"}
    assert graph.config("d-entry-post-function")["log"] == counting()


@pytest.mark.parametrize("store", ["proxy-cache", "memory"])
def test_requests_ask_whether_the_cache_is_off_only_where_answers_are_verified(stack: TrialStack, store: str) -> None:
    for verify, is_there in (({}, True), (None, False)):
        cache: dict[str, Any] = {"store": store} | ({"verify": verify} if verify is not None else {})
        config = str(deployed(stack, minimal_route(cache=cache))["d-post-function"]["inputs"])
        if store == "proxy-cache":
            config = str(deployed(stack, minimal_route(cache=cache))["d-pre-function"]["inputs"])
        assert ("function C.is_off()" in config) is is_there


def test_the_functions_are_a_secret_with_verification_and_not_without(stack: TrialStack) -> None:
    graph = deployed(stack, minimal_route(cache={"verify": {}}, cost={"per_call": 1, "as_of": "2026-11-01"}))
    assert graph.secret_inputs("d-post-function") == {"configJson"}
    assert graph["d-post-function"]["options"]["additionalSecretOutputs"] == ["computedConfig"]
    graph = deployed(stack, minimal_route(cost={"per_call": 1, "as_of": "2026-11-01"}))
    assert graph.secret_inputs("d-post-function") == set()
