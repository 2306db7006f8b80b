"""What InferenceEdge's models have to do with its pools and its router: arguments and checks."""

from collections.abc import Callable
from typing import Any, NotRequired, TypedDict

import pulumi

from . import validation
from .gateway.arguments import RoutePoolArgs
from .pool.arguments import InferencePoolArgs

REPLICA_PATH = "/invocations"


class PooledModelArgs(TypedDict):
    pool: str
    """The name of the pool that answers for the model."""
    path: NotRequired[pulumi.Input[str]]
    """The path of predictions on every replica; by default /invocations."""


def check_pools(
    component: str,
    pools: list[InferencePoolArgs],
    pooled: dict[str, PooledModelArgs],
    models: list[str],
    callers: dict[str, frozenset[str]],
) -> None:
    """Names, and that pools and models know each other. `callers`: who may call each model. Raises ArgumentError."""
    names = [validation.check_name(component, "pools[].name", pool.get("name")) for pool in pools]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        raise validation.ArgumentError(component, "pools", f"has {twice} twice")
    for model, use in pooled.items():
        validation.check_known(component, f"pooled {model} ", use, frozenset(PooledModelArgs.__annotations__))
        if model not in models:
            raise validation.ArgumentError(component, f"pooled {model}", "is no model")
        if use.get("pool") not in names:
            raise validation.ArgumentError(
                component, f"pooled {model} pool", f"names {use.get('pool')}, which is no pool"
            )
        path = use.get("path")
        if isinstance(path, str) and not path.startswith("/"):
            raise validation.ArgumentError(component, f"pooled {model} path", "must begin with /")
    _check_callers(component, pooled, callers)
    for unused in sorted(set(names) - {use["pool"] for use in pooled.values()}):
        raise validation.ArgumentError(component, f"pools {unused}", "is of no model")


def _check_callers(component: str, pooled: dict[str, PooledModelArgs], callers: dict[str, frozenset[str]]) -> None:
    """Replicas of several models tell them apart by the body, into which a model's own path does not look. A path that
    is not known yet may be any."""
    known: dict[tuple[str, Any, frozenset[str]], str] = {}
    for model, use in pooled.items():
        path = use.get("path") or REPLICA_PATH
        own = path if isinstance(path, str) else None
        for (pool, others, who), other in known.items():
            if pool == use["pool"] and who != callers[model] and (own == others or own is None or others is None):
                raise validation.ArgumentError(
                    component,
                    f"pooled {model}",
                    f"has other callers than {other}, which the same replicas serve on the same path: a request to one "
                    "could name the other in its body; give it a pool or a path of its own",
                )
        known.setdefault((use["pool"], own, callers[model]), model)


def pool_route(use: PooledModelArgs, pool: InferencePoolArgs, url: pulumi.Output[str]) -> dict[str, Any]:
    """The arguments of a route to a pool that is reached at `url`."""
    route_pool: RoutePoolArgs = {"name": pool["name"]}
    if "algorithm" in pool:
        route_pool["algorithm"] = pool["algorithm"]
    if "affinity" in pool:
        route_pool["affinity"] = pool["affinity"]
    return {"endpoint": pulumi.Output.concat(url, use.get("path") or REPLICA_PATH), "pool": route_pool}


def callers_of(consumers: list[Any], keyed: list[str], username: Callable[[str], str]) -> dict[str, list[str]]:
    """By Kong's name of each consumer, the models with key-auth that it may call."""
    limits = {consumer["name"]: consumer.get("models") for consumer in consumers}
    return {
        username(name): [model for model in keyed if allowed is None or model in allowed]
        for name, allowed in limits.items()
    }
