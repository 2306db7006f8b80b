"""A model's pool and its streamed answers -> what post-function does for them. Outputs, because some is known late."""

from typing import Any, Optional

import pulumi

from .. import lua, naming
from ..lua import Phases
from ..pool.arguments import AFFINITY, AffinityKind, BalancingAlgorithm
from ..pool.functions import Affinity, Balancing, PoolUse, StreamTimeouts
from ..pool.use_checks import check_affinity
from . import arguments as defaults
from .arguments import CacheProfile, KongCachedRouteArgs
from .checks import COMPONENT


def balancing_of(args: KongCachedRouteArgs) -> Optional[pulumi.Output[Balancing]]:
    """How the model's requests find a target; None where there is nothing to do. Raises ArgumentError."""
    pool, given = args.get("pool"), args.get("timeouts") or {}
    if pool is None and given.get("stream_seconds") is None:
        return None
    values: dict[str, Any] = {
        "dictionary": args.get("dictionary", defaults.DICTIONARY),
        "pool": pool,
        "timeouts": {**defaults.TIMEOUTS, **given},
    }
    model, stack = args["model"], naming.kong_name("")
    return pulumi.Output.from_input(values).apply(lambda known: _balancing(model, stack, known))


def with_balancing(phases: Phases, balancing: Optional[Balancing]) -> Phases:
    """The functions of a service, and after them those of its pool."""
    return phases if balancing is None else lua.merged(phases, balancing.phases())


def streams(args: KongCachedRouteArgs) -> bool:
    """Whether answers are passed on as they come: those of language models often are streams of events."""
    return CacheProfile((args.get("cache") or {}).get("profile", CacheProfile.CLASSIC)) is CacheProfile.LLM


def _balancing(model: str, stack: str, known: dict[str, Any]) -> Balancing:
    timeouts = known["timeouts"]
    stream = timeouts.get("stream_seconds")
    return Balancing(
        model=model,
        dictionary=known["dictionary"],
        pool=_pool_use(known["pool"], stack) if known["pool"] else None,
        timeouts=None
        if stream is None
        else StreamTimeouts(timeouts["connect_seconds"], timeouts["write_seconds"], stream),
    )


def _pool_use(pool: dict[str, Any], stack: str) -> PoolUse:
    affinity = pool.get("affinity")
    check_affinity(COMPONENT, "pool.affinity.", affinity or {})
    if affinity is None:
        return PoolUse(
            pool["name"],
            stack + pool["name"],
            least_connections=pool.get("algorithm") == BalancingAlgorithm.LEAST_CONNECTIONS,
        )
    given = {**AFFINITY, **affinity}
    return PoolUse(
        pool["name"],
        stack + pool["name"],
        Affinity(
            by=AffinityKind(given["by"]).value,
            messages=int(given["messages"]),
            characters=int(given["characters"]),
            header=given["header"],
            max_load_factor=given["max_load_factor"],
        ),
    )
