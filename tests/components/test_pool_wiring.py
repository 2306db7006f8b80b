"""Models of an InferenceEdge with pools and a router: what is refused, and what is made of the rest."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components import ArgumentError, InferenceEdge
from components.wiring import check_wiring
from tests.components.trial_stack import TrialStack

POOL: dict[str, Any] = {"name": "chat", "targets": [{"address": "10.0.3.7:8080"}]}
OTHER: dict[str, Any] = {"name": "small", "targets": [{"address": "10.0.3.8:8080"}]}
WEB, ALL = {"name": "web", "models": ["a"]}, {"name": "all"}
LATER = pulumi.Output.from_input("/later")


def model(name: str, **more: Any) -> dict[str, Any]:
    return {"model": name, "version": "1", **more}


def edge(**more: Any) -> Any:
    """Two models of one pool."""
    pooled = {"a": {"pool": "chat"}, "b": {"pool": "chat"}}
    return {"models": [model("a"), model("b")], "pools": [POOL], "pooled": pooled, **more}


OTHER_CALLERS = (
    "pooled b has other callers than a, which the same replicas serve on the same path: a request to one could name "
    "the other in its body; give it a pool or a path of its own"
)
ROUTED_CALLERS = (
    "models b has other callers than a, which the same server answers: behind a router the body names the model, and a "
    "request to one could name the other; give it replicas of its own or the same callers"
)
ROUTER: dict[str, Any] = {"paths": ["/v1"]}
OPEN_B = [model("a"), model("b", access={"mode": "open"})]
WRONG: dict[str, tuple[Any, str]] = {
    "a pool without a name": (
        edge(pools=[{"targets": POOL["targets"]}]),
        "pools[].name must be 1 to 40 lower-case letters, digits and hyphens, letter first",
    ),
    "a pool twice": (edge(pools=[POOL, POOL]), "pools has chat twice"),
    "unknown": (
        edge(pooled={"a": {"pool": "chat", "url": ""}, "b": {"pool": "chat"}}),
        "pooled a url is not an argument; known are path, pool",
    ),
    "no model": (edge(pooled={"c": {"pool": "chat"}}), "pooled c is no model"),
    "no pool": (edge(pooled={"a": {"pool": "chat"}, "b": {"pool": "c"}}), "pooled b pool names c, which is no pool"),
    "path": (
        edge(pooled={"a": {"pool": "chat", "path": "v1"}, "b": {"pool": "chat"}}),
        "pooled a path must begin with /",
    ),
    "a pool of nobody": (edge(pools=[POOL, OTHER]), "pools small is of no model"),
    "other callers": (edge(consumers=[WEB, ALL]), OTHER_CALLERS),
    "another mode": (edge(models=[model("a"), model("b", access={"mode": "open"})]), OTHER_CALLERS),
    "other callers, and a path that may be the same": (
        edge(consumers=[WEB], pooled={"a": {"pool": "chat"}, "b": {"pool": "chat", "path": LATER}}),
        OTHER_CALLERS,
    ),
    "other callers on another path behind a router": (
        edge(consumers=[WEB], router=ROUTER, pooled={"a": {"pool": "chat"}, "b": {"pool": "chat", "path": "/b"}}),
        ROUTED_CALLERS,
    ),
    "other callers of another pool with the same target": (
        edge(
            models=OPEN_B,
            router=ROUTER,
            pools=[POOL, {"name": "small", "targets": [{"address": LATER, "name": "x"}, *POOL["targets"]]}],
            pooled={"a": {"pool": "chat"}, "b": {"pool": "small"}},
        ),
        ROUTED_CALLERS,
    ),
    "other callers of an endpoint that is a target": (
        edge(
            models=[model("a"), model("b", access={"mode": "open"}, endpoint="http://10.0.3.7:8080/b")],
            router=ROUTER,
            pooled={"a": {"pool": "chat"}},
        ),
        ROUTED_CALLERS,
    ),
    "other callers of one host": (
        {
            "models": [
                model("a", endpoint="https://Model.test./a"),
                model("b", endpoint="https://model.test:443/b", access={"mode": "open"}),
            ],
            "router": ROUTER,
        },
        ROUTED_CALLERS,
    ),
    "an endpoint, too": (
        edge(models=[model("a", endpoint="http://model.test/"), model("b")]),
        "models a must have one of endpoint, sagemaker and pooled",
    ),
    "a route's pool": (
        edge(models=[model("a", pool={"name": "chat"}), model("b")]),
        "models a pool is set by InferenceEdge, of pooled",
    ),
    "a router behind an edge": (
        edge(router={"paths": ["/v1"]}, edge={"cloudfront": {"origin": {"domain": "kong.test"}}}),
        "router cannot be used with edge: no edge leads to its paths",
    ),
}
RIGHT: dict[str, Any] = {
    "the same callers": edge(consumers=[ALL, {"name": "web", "models": ["a", "b"]}]),
    "other callers on another path": edge(
        consumers=[WEB], pooled={"a": {"pool": "chat"}, "b": {"pool": "chat", "path": "/b"}}
    ),
    "other callers of another pool": edge(
        consumers=[WEB], pools=[POOL, OTHER], pooled={"a": {"pool": "chat"}, "b": {"pool": "small", "path": LATER}}
    ),
    "other callers of another pool behind a router": edge(
        consumers=[WEB], pools=[POOL, OTHER], pooled={"a": {"pool": "chat"}, "b": {"pool": "small"}}, router=ROUTER
    ),
    "other callers, and what the pools' own checks refuse": edge(
        models=OPEN_B,
        pools=[{"name": "chat", "targets": ["10.0.3.7:8080"]}, {"name": "small", "targets": 7, "discovery": 7}],
        pooled={"a": {"pool": "chat"}, "b": {"pool": "small"}},
        router=ROUTER,
    ),
    "other callers of what is not known yet": edge(
        models=[model("a"), model("b", access={"mode": "open"}, endpoint=LATER)],
        pooled={"a": {"pool": "chat"}},
        pools=[{"name": "chat", "discovery": {"name": LATER, "port": 80}}],
        router=ROUTER,
    ),
}


@pytest.mark.parametrize(("args", "words"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_argument_is_refused_by_name(args: Any, words: str) -> None:
    with pytest.raises(ArgumentError) as error:
        check_wiring(args)
    assert str(error.value) == f"InferenceEdge: {words}"


@pytest.mark.parametrize("args", RIGHT.values(), ids=list(RIGHT))
def test_who_may_call_all_that_a_request_could_name_is_taken(args: Any) -> None:
    check_wiring(args)


def test_a_pooled_model_calls_its_pool_and_the_router_its_models(stack: TrialStack) -> None:
    def program() -> None:
        made = InferenceEdge("e", edge(router={"paths": ["/v1"]}, gateway_url="http://kong.test/"))
        pulumi.export("routerUrls", made.router_urls)

    graph = stack.up(program)
    for name in ("a", "b"):
        service = graph[f"e-{name}-service"]["inputs"]
        assert (service["host"], service["port"], service["path"]) == ("shop-test-chat-pool", 80, "/invocations")
        assert service["retries"] == 100
        assert graph[f"e-router-{name}-route"]["inputs"]["paths"] == ["~/v1$"]
        assert graph.config(f"e-{name}-prometheus")["upstream_health_metrics"] is True
    assert "e-chat-pool-target-10.0.3.7-8080" in graph
    assert stack.outputs()["routerUrls"] == ["http://kong.test/v1"]
