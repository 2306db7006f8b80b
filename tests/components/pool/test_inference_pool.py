"""What an InferencePool makes of its arguments."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.pool.arguments import AFFINITY_HEADER, BalancingAlgorithm, PoolProtocol
from components.pool.inference_pool import InferencePool
from local.engine.deployment import Deployment
from local.engine.values import reveal
from tests.components.pool.arguments import FIRST, SECOND, discovered, full_pool, pool, weighted
from tests.components.trial_stack import Graph, TrialStack, changed

TAGS = ["project:shop", "stack:test", "pool:chat"]
UPSTREAM = "shop-test-chat-pool"


def made(stack: TrialStack, args: Any) -> Graph:
    return stack.up(lambda: InferencePool("p", args))


def targets(graph: Graph) -> dict[str, tuple[str, int]]:
    """Logical name -> address and weight."""
    inputs = {name: item["inputs"] for name, item in graph.of_type("Target").items()}
    return {name: (each["target"], each["weight"]) for name, each in inputs.items()}


def test_an_upstream_with_its_targets(stack: TrialStack) -> None:
    graph = made(stack, pool())
    assert set(graph) == {"p", "p-upstream", "p-target-10.0.3.7-8080", "p-target-10.0.3.8-8080"}
    upstream = graph["p-upstream"]["inputs"]
    assert (upstream["name"], upstream["tags"]) == (UPSTREAM, TAGS)
    assert targets(graph) == {"p-target-10.0.3.7-8080": (FIRST, 100), "p-target-10.0.3.8-8080": (SECOND, 100)}
    for item in graph.of_type("Target").values():
        assert (item["inputs"]["upstreamId"], item["inputs"]["tags"]) == (f"upstream {UPSTREAM}", TAGS)


def test_the_checks_leave_out_the_ill_and_take_back_the_well(stack: TrialStack) -> None:
    checks = made(stack, pool())["p-upstream"]["inputs"]["healthchecks"]
    active, passive = checks["active"], checks["passive"]
    assert (active["type"], active["httpPath"], active["timeout"]) == ("http", "/ping", 1)
    assert active["healthy"] == {"interval": 2, "successes": 1, "httpStatuses": [200, 204]}
    assert {name: active["unhealthy"][name] for name in ("interval", "tcpFailures", "timeouts", "httpFailures")} == {
        "interval": 2,
        "tcpFailures": 2,
        "timeouts": 2,
        "httpFailures": 2,
    }
    assert {404, 429, 500, 502, 503, 504} <= set(active["unhealthy"]["httpStatuses"])
    assert passive["healthy"]["successes"] == 0  # no request takes a target back
    assert passive["unhealthy"] == {
        "tcpFailures": 1,
        "timeouts": 0,
        "httpFailures": 0,
        "httpStatuses": [500, 502, 503, 504],
    }


def test_every_argument_reaches_kong(stack: TrialStack) -> None:
    graph = made(stack, full_pool())
    upstream = graph["p-upstream"]["inputs"]
    active, passive = upstream["healthchecks"]["active"], upstream["healthchecks"]["passive"]
    assert targets(graph) == {"p-target-a": (FIRST, 10), "p-target-10.0.3.8-8080": (SECOND, 1)}
    assert upstream["hostHeader"] == "model.internal"
    assert (active["type"], passive["type"], active["httpPath"]) == ("https", "https", "/health/ready")
    assert (active["timeout"], active["healthy"]["interval"], active["unhealthy"]["interval"]) == (3, 5, 5)
    assert (active["healthy"]["successes"], active["unhealthy"]["tcpFailures"]) == (4, 6)
    assert (active["unhealthy"]["timeouts"], active["unhealthy"]["httpFailures"]) == (6, 6)
    assert passive["unhealthy"] == {"tcpFailures": 2, "timeouts": 7, "httpFailures": 8, "httpStatuses": [500, 599]}


@pytest.mark.parametrize(
    ("args", "hashed"),
    [
        ({}, False),
        ({"algorithm": "round-robin"}, False),
        ({"algorithm": BalancingAlgorithm.LEAST_CONNECTIONS}, True),
        ({"affinity": {}}, True),
        ({"affinity": {"by": "key"}, "algorithm": BalancingAlgorithm.CONSISTENT_HASHING}, True),
    ],
)
def test_the_algorithm_is_that_of_what_is_hashed(stack: TrialStack, args: Any, hashed: bool) -> None:
    upstream = made(stack, pool(**args))["p-upstream"]["inputs"]
    assert (upstream["hashOn"], upstream["hashFallback"]) == (("header", "ip") if hashed else ("none", "none"))
    assert upstream["hashOnHeader"] == AFFINITY_HEADER  # the provider could not take it away
    assert not set(AFFINITY_HEADER) & set("-_")
    assert upstream["slots"] == 65_536


def test_a_dns_name_is_one_target(stack: TrialStack) -> None:
    graph = made(stack, discovered(name="Replicas.Test"))
    assert targets(graph) == {"p-target-replicas.test-8000": ("replicas.test:8000", 100)}


@pytest.mark.parametrize(
    ("address", "sent", "name"),
    [
        ("Model-1.Internal:08080", "model-1.internal:8080", "model-1.internal-8080"),
        (
            "[2001:DB8::1]:80",
            "[2001:0db8:0000:0000:0000:0000:0000:0001]:80",
            "2001-0db8-0000-0000-0000-0000-0000-0001-80",
        ),
        ("127.0.0.1:65535", "127.0.0.1:65535", "127.0.0.1-65535"),
    ],
)
def test_an_address_is_sent_as_kong_writes_it(stack: TrialStack, address: str, sent: str, name: str) -> None:
    assert targets(made(stack, pool(targets=[{"address": address}]))) == {f"p-target-{name}": (sent, 100)}


def test_whole_numbers_come_as_such_from_other_languages(stack: TrialStack) -> None:
    args = pool(
        targets=[{"address": FIRST, "weight": 10.0}],
        health={"interval_seconds": 5.0, "failures": 3.0},
        circuit_breaker={"errors": 2.0, "statuses": [500.0]},
    )
    graph = made(stack, args)
    checks = graph["p-upstream"]["inputs"]["healthchecks"]
    numbers = [
        graph["p-target-10.0.3.7-8080"]["inputs"]["weight"],
        checks["active"]["healthy"]["interval"],
        checks["active"]["unhealthy"]["timeouts"],
        checks["passive"]["unhealthy"]["httpFailures"],
        *checks["passive"]["unhealthy"]["httpStatuses"],
    ]
    assert numbers == [10, 5, 3, 2, 500]
    assert all(type(number) is int for number in numbers)


def test_outputs_may_be_arguments(stack: TrialStack) -> None:
    def program() -> None:
        later = pulumi.Output.from_input
        targets = [{"name": "a", "address": later(FIRST)}]
        health = {"path": later("/health"), "failures": later(3)}
        InferencePool("p", pool(targets=targets, health=health))
        InferencePool("q", {"name": "other", "discovery": {"name": later("replicas.test"), "port": later(8000)}})

    graph = stack.up(program)
    assert targets(graph) == {"p-target-a": (FIRST, 100), "q-target-discovery": ("replicas.test:8000", 100)}
    assert graph["p-upstream"]["inputs"]["healthchecks"]["active"]["httpPath"] == "/health"


def test_the_url_is_a_service_s(stack: TrialStack, monkeypatch: pytest.MonkeyPatch) -> None:
    registered: dict[str, Any] = {}
    register = Deployment.register_outputs

    def keep(self: Deployment, urn: str, outputs: dict[str, Any]) -> None:
        registered[urn.split("::")[-1]] = reveal(outputs)
        register(self, urn, outputs)

    monkeypatch.setattr(Deployment, "register_outputs", keep)

    def program() -> None:
        one = InferencePool("p", pool(name="chat"))
        two = InferencePool("q", pool(name="safe", protocol=PoolProtocol.HTTPS))
        for key in ("upstream_id", "upstream", "url"):
            pulumi.export(key, getattr(one, key))
        pulumi.export("other", two.url)

    stack.up(program)
    expected = {"upstream_id": f"upstream {UPSTREAM}", "upstream": UPSTREAM, "url": f"http://{UPSTREAM}:80"}
    assert stack.outputs() == {**expected, "other": "https://shop-test-safe-pool:443"}
    assert registered["p"] == {"upstreamId": expected["upstream_id"], "upstream": UPSTREAM, "url": expected["url"]}
    assert {key for key, kind in InferencePool.__annotations__.items() if "Output" in str(kind)} == {
        "upstream_id",
        "upstream",
        "url",
    }


def test_its_name_is_found_by_a_url_s_lower_case(stack: TrialStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "get_project", lambda: "Shop")
    assert made(stack, pool())["p-upstream"]["inputs"]["name"] == UPSTREAM


def test_drained_targets_are_not_in_the_upstream(stack: TrialStack) -> None:
    assert list(targets(made(stack, pool(targets=weighted(0, 5, 0))))) == ["p-target-10.0.3.8-8080"]


def test_targets_are_made_one_after_the_other(stack: TrialStack) -> None:
    made(stack, pool(targets=weighted(1, 1, 1)))
    calls = [stack.recorder.call("create", f"target {UPSTREAM}/10.0.3.{last}:8080") for last in (7, 8, 9)]
    assert [sum(name.startswith("target") for name in call.after) for call in calls] == [0, 1, 2]


def test_a_change_of_all_weights_takes_out_one_target_at_a_time(stack: TrialStack) -> None:
    made(stack, pool(targets=weighted(100, 100)))
    stack.recorder.calls.clear()
    graph = made(stack, pool(targets=weighted(50, 50)))
    first, second = (f"target {UPSTREAM}/10.0.3.{last}:8080" for last in (7, 8))
    calls = [(call.operation, call.entity) for call in stack.recorder.calls]
    assert calls == [("delete", first), ("create", first), ("delete", second), ("create", second)]
    assert changed(graph, "update") == ["p"]


@pytest.mark.parametrize(
    ("then", "calls"),
    [
        (weighted(100, 100), []),
        (weighted(100, 0), [("delete", "10.0.3.8")]),
        (weighted(100), [("delete", "10.0.3.8")]),
        (weighted(100, 100, 1), [("create", "10.0.3.9")]),
        ([*weighted(0, 100, 7)], [("create", "10.0.3.9"), ("delete", "10.0.3.7")]),
        (weighted(100, 100)[::-1], []),
    ],
    ids=["nothing", "drained", "removed", "added", "one for another", "another order"],
)
def test_no_other_target_is_touched(stack: TrialStack, then: Any, calls: list[tuple[str, str]]) -> None:
    made(stack, pool(targets=weighted(100, 100)))
    stack.recorder.calls.clear()
    made(stack, pool(targets=then))
    assert [(call.operation, call.entity.split("/")[1].split(":")[0]) for call in stack.recorder.calls] == calls


def test_another_dns_name_is_there_before_the_old_one_goes(stack: TrialStack) -> None:
    made(stack, discovered())
    stack.recorder.calls.clear()
    made(stack, discovered(port=8001))
    assert [(call.operation, call.entity[-4:]) for call in stack.recorder.calls] == [
        ("create", "8001"),
        ("delete", "8000"),
    ]


def test_arguments_are_kept_in_the_state_as_other_languages_name_them(stack: TrialStack) -> None:
    inputs = made(stack, full_pool())["p"]["inputs"]
    assert inputs["circuitBreaker"]["connectionFailures"] == 2
    assert inputs["affinity"]["maxLoadFactor"] == 2
    assert inputs["hostHeader"] == "model.internal"
