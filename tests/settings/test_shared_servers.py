"""Models that one server answers, behind a router: they have the same callers, for the config and the components."""

from __future__ import annotations

from typing import Any

import pytest

from components import ArgumentError
from components.wiring import check_wiring
from settings.arguments import edge_arguments
from settings.models import Settings
from tests.settings.support import model, pool, pooled_model, problems, routed, sagemaker_model, stack

ROUTER = {"paths": ["/v1"]}
REST = (
    "must have replicas of its own, or the callers of models[0]: the same server answers both, behind a router the "
    "body names the model, and a request to one could name the other"
)
DISCOVERY = {"name": "Replicas.internal", "port": 8000}

Pair = tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]


def at(endpoint: str) -> dict[str, Any]:
    return model(endpoint=endpoint)


def of(address: str, name: str = "chat") -> dict[str, Any]:
    return pool(
        name=name, targets=[{"address": "10.0.9.9:1" if name == "chat" else "10.0.9.8:1"}, {"address": address}]
    )


IN_CHAT, IN_SMALL = pooled_model(), pooled_model({"name": "small"})
SHARED: dict[str, Pair] = {
    "one pool": (IN_CHAT, IN_CHAT, [pool()]),
    "one pool, another path": (IN_CHAT, pooled_model({"path": "/b"}), [pool()]),
    "one target": (IN_CHAT, IN_SMALL, [of("10.0.0.1:80"), of("10.0.0.1:80", "small")]),
    "one target, spelt otherwise": (IN_CHAT, IN_SMALL, [of("[::1]:80"), of("[0:0::1]:80", "small")]),
    "one target that drains": (
        IN_CHAT,
        IN_SMALL,
        [
            pool(targets=[{"address": "a:1"}, {"address": "b:1", "weight": 0}]),
            pool(name="small", targets=[{"address": "B:1"}]),
        ],
    ),
    "one DNS name": (IN_CHAT, IN_SMALL, [pool(discovery=DISCOVERY), pool(name="small", discovery=DISCOVERY)]),
    "one host": (at("http://model:8080/a"), at("http://Model:8080/b"), []),
    "the port of http": (at("http://model/a"), at("http://model:80/b"), []),
    "the port of https": (at("https://model/a"), at("http://model:443/b"), []),
    "a target and an endpoint": (IN_CHAT, at("http://10.0.0.1/a"), [of("10.0.0.1:80")]),
    "an endpoint and a target": (at("http://MODEL:8080/a"), IN_CHAT, [of("model:8080")]),
    "a DNS name and an endpoint": (IN_CHAT, at("http://replicas.internal:8000"), [pool(discovery=DISCOVERY)]),
}
APART: dict[str, Pair] = {
    "two pools": (IN_CHAT, IN_SMALL, [of("10.0.0.1:80"), of("10.0.0.1:81", "small")]),
    "two ports": (at("http://model:8080/a"), at("http://model:8081/a"), []),
    "two schemes": (at("http://model/a"), at("https://model/a"), []),
    "two hosts": (at("http://model/a"), at("http://model.test/a"), []),
    "SageMaker": (at("http://model/a"), sagemaker_model(), []),
}


def document(pair: Pair, mode: str, **others: Any) -> dict[str, Any]:
    """A stack whose second model has this access mode."""
    one, other, pools = pair
    models = [{**one, "name": "a"}, {**other, "name": "b", "access": {"mode": mode}}]
    return stack(*models, **({"pools": pools} if pools else {}), **others)


def refusal_of_components(found: dict[str, Any]) -> str:
    """What the components say of a document whose rules nobody has checked; nothing when they take it."""
    try:
        check_wiring(edge_arguments(Settings.model_validate(found)))
    except ArgumentError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("pair", SHARED.values(), ids=list(SHARED))
def test_models_of_one_server_must_have_the_same_callers_behind_a_router(pair: Pair) -> None:
    found = document(pair, "open", router=ROUTER)
    (problem,) = problems(found)
    assert problem.startswith("models[1].pool = " if "pool" in pair[1] else "models[1].endpoint = ")
    assert problem.endswith(f": {REST}")
    assert "path" not in problem.removeprefix("models[1].")
    assert refusal_of_components(found).startswith("InferenceEdge: models b has other callers than a, which the same ")


@pytest.mark.parametrize("pair", SHARED.values(), ids=list(SHARED))
def test_with_the_same_callers_they_may_share_it(pair: Pair) -> None:
    found = document(pair, "key-auth", router=ROUTER, consumers=[{"name": "web", "models": ["a", "b"]}])
    assert problems(found) == []
    assert refusal_of_components(found) == ""


@pytest.mark.parametrize("pair", SHARED.values(), ids=list(SHARED))
def test_a_consumer_of_one_alone_is_another_caller(pair: Pair) -> None:
    found = document(pair, "key-auth", router=ROUTER, consumers=[{"name": "web", "models": ["a"]}])
    assert [problem.endswith(REST) for problem in problems(found)] == [True]
    assert refusal_of_components(found)


@pytest.mark.parametrize("pair", APART.values(), ids=list(APART))
def test_models_of_different_servers_may_have_different_callers(pair: Pair) -> None:
    mode = "open" if "sagemaker" not in pair[1] else "key-auth"
    found = document(pair, mode, router=ROUTER, consumers=[{"name": "web", "models": ["a"]}])
    assert problems(found) == []
    assert refusal_of_components(found) == ""


@pytest.mark.parametrize("name", sorted(set(SHARED) - {"one pool"}))
def test_without_a_router_only_the_pool_and_its_path_count(name: str) -> None:
    found = document(SHARED[name], "open")
    assert problems(found) == []
    assert refusal_of_components(found) == ""


def test_a_model_that_the_router_does_not_name_counts_too() -> None:
    found = document(SHARED["one host"], "open", router={**ROUTER, "models": [routed("a")]})
    assert len(problems(found)) == 1
    assert refusal_of_components(found)


def test_each_model_is_told_once_and_of_the_first_that_it_shares_with() -> None:
    shared = [of("10.0.0.1:80"), of("10.0.0.1:80", "small")]
    others = [{**IN_SMALL, "name": name, "access": {"mode": "open"}} for name in ("b", "c")]
    found = stack({**IN_CHAT, "name": "a"}, *others, pools=shared, router=ROUTER)
    assert [(problem.partition(" ")[0], problem.endswith(REST)) for problem in problems(found)] == [
        ("models[1].pool", True),
        ("models[2].pool", True),
    ]
