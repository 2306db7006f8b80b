"""What InferenceEdge's models have to do with its pools and its router: arguments and checks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NotRequired, Optional, TypedDict
from urllib.parse import urlsplit

import pulumi

from . import validation
from .gateway.arguments import RoutePoolArgs
from .pool.arguments import InferencePoolArgs
from .pool.checks import kong_address

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
) -> None:
    """Names, and that pools and models know each other. Raises ArgumentError."""
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
    for unused in sorted(set(names) - {use["pool"] for use in pooled.values()}):
        raise validation.ArgumentError(component, f"pools {unused}", "is of no model")


def check_callers_of_paths(
    component: str, pooled: dict[str, PooledModelArgs], callers: dict[str, frozenset[str]]
) -> None:
    """Replicas of several models may tell them apart by the body, into which a model's own path does not look. A path
    that is not known yet may be any. `callers`: who may call each model. Raises ArgumentError."""
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


def check_callers_of_servers(
    component: str,
    endpoints: dict[str, Any],
    pools: list[InferencePoolArgs],
    pooled: dict[str, PooledModelArgs],
    callers: dict[str, frozenset[str]],
) -> None:
    """Behind a router servers do tell models apart by the body, on whatever path it comes. `endpoints`: those of all
    models, None for one without. Raises ArgumentError."""
    models, addresses = list(endpoints), {pool["name"]: _addresses(pool) for pool in pools}
    used = {model: use["pool"] for model, use in pooled.items()}
    found = [servers(endpoints[model], used.get(model), addresses.get(used.get(model, ""), [])) for model in models]
    for one, other in sharing(found):
        if callers[models[one]] != callers[models[other]]:
            raise validation.ArgumentError(
                component,
                f"models {models[other]}",
                f"has other callers than {models[one]}, which the same server answers: behind a router the body names "
                "the model, and a request to one could name the other; give it replicas of its own or the same callers",
            )


def servers(endpoint: Any, pool: Optional[str], addresses: Iterable[Any]) -> frozenset[str]:
    """Who answers for a model, as far as it is known: its pool, and host:port of its endpoint or of the replicas."""
    known = {_address(address) for address in (*addresses, _host_and_port(endpoint))}
    return frozenset(name for name in (pool, *known) if name is not None)


def sharing(found: Iterable[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """For the servers of each model: which are shared with one before, each time with the first that has them."""
    firsts: dict[str, int] = {}
    for place, own in enumerate(found):
        for first in sorted({firsts.setdefault(server, place) for server in own} - {place}):
            yield first, place


def _addresses(pool: InferencePoolArgs) -> list[Any]:
    """Where replicas are; what is no address is told by the pool's own checks."""
    targets, discovery = pool.get("targets"), pool.get("discovery")
    if isinstance(discovery, Mapping):
        name, port = discovery.get("name"), discovery.get("port")
        return [f"{name}:{int(port)}"] if isinstance(name, str) and isinstance(port, int | float) else []
    listed = targets if isinstance(targets, list) else []
    return [target.get("address") for target in listed if isinstance(target, Mapping)]


def _host_and_port(url: Any) -> Optional[str]:
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is None or not parts.hostname:
            return None
        host = parts.hostname.rstrip(".")
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None  # told by the route's own check
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _address(address: Any) -> Optional[str]:
    """One spelling of it; None for what is not known yet."""
    if not isinstance(address, str):
        return None
    try:
        return kong_address("address", address)
    except validation.ArgumentError:
        return address.lower()


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
