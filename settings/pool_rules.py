"""Rules about pools: what is in them, how the next replica is chosen, and which models they answer for."""

from __future__ import annotations

from collections.abc import Iterator

from components.pool.checks import kong_address
from components.pool_wiring import servers, sharing

from .callers import caller_of_one_alone
from .conflict import Conflict
from .models import ModelSettings, Settings
from .pool_models import AFFINITY_KINDS, AffinitySettings, ModelPoolSettings, PoolSettings
from .problems import Path


def pool_conflicts(settings: Settings) -> Iterator[Conflict]:
    """Conflicts within ``pools``, and with the models that they answer for."""
    for index, pool in enumerate(settings.pools):
        at = ("pools", index)
        yield from _replicas(at, pool)
        yield from _algorithm(at, pool)
    yield from _users(settings)
    yield from _callers_of_paths(settings) if settings.router is None else _callers_of_servers(settings)


def _replicas(at: Path, pool: PoolSettings) -> Iterator[Conflict]:
    targets, discovery = (*at, "targets"), (*at, "discovery")
    if pool.targets is None and pool.discovery is None:
        message = "required but missing; must be a list of replicas, or give discovery instead"
        yield Conflict(targets, message, (discovery,))
    if pool.targets and pool.discovery:
        message = "must be left out with discovery: its DNS name says which replicas there are"
        yield Conflict(targets, message, (discovery,))
    if pool.targets and not any(target.weight for target in pool.targets):
        yield Conflict(targets, "must have a weight above 0: nobody would answer")
    addresses = [kong_address("address", target.address) for target in pool.targets or ()]
    for index, address in enumerate(addresses):
        if (first := addresses.index(address)) != index:
            message = f"must be unique in the pool; targets[{first}] has this address too"
            yield Conflict((*targets, index, "address"), message, ((*targets, first, "address"),))


def _algorithm(at: Path, pool: PoolSettings) -> Iterator[Conflict]:
    algorithm, affinity = (*at, "algorithm"), (*at, "affinity")
    if pool.affinity:
        yield from _affinity(affinity, pool.affinity)
    if pool.affinity and pool.algorithm not in (None, "consistent-hashing"):
        message = "must be consistent-hashing with affinity: no other sends what has something in common to one replica"
        yield Conflict(algorithm, message, (affinity,))
    if pool.algorithm == "consistent-hashing" and not pool.affinity:
        message = "needs affinity, which says what requests of one replica have in common"
        yield Conflict(algorithm, message, (affinity,))


def _affinity(at: Path, affinity: AffinitySettings) -> Iterator[Conflict]:
    for name, field in AffinitySettings.model_fields.items():
        owner = AFFINITY_KINDS.get(name, affinity.by)
        if owner != affinity.by and getattr(affinity, name) != field.default:
            message = f"only with by {owner} (by is {affinity.by})"
            yield Conflict((*at, field.alias or name), message, ((*at, "by"),))


def _users(settings: Settings) -> Iterator[Conflict]:
    names = [pool.name for pool in settings.pools]
    at_names = tuple(("pools", index, "name") for index in range(len(names)))
    used = set()
    for index, model in enumerate(settings.models):
        if model.pool is None:
            continue
        used.add(model.pool.name)
        if model.pool.name not in names:
            message = "must be the name of a pool of this stack"
            yield Conflict(("models", index, "pool", "name"), message, (("pools",), *at_names))
    at_users = tuple(("models", index, "pool") for index in range(len(settings.models)))
    for index, name in enumerate(names):
        if name not in used:
            message = "must be the pool of a model: nobody would ask it"
            yield Conflict(("pools", index, "name"), message, (("models",), *at_users))


def _callers_of_paths(settings: Settings) -> Iterator[Conflict]:
    """Replicas that serve several models may tell them apart by the body, into which a model's own path does not
    look."""
    firsts: dict[ModelPoolSettings, int] = {}
    for index, model in enumerate(settings.models):
        if model.pool is None:
            continue
        first = firsts.setdefault(model.pool, index)
        if _have_other_callers(settings.models[first], model, settings):
            message = (
                f"must be another pool or have another path: the same replicas serve models[{first}] on the same path "
                "for other callers, and a request to one could name the other in its body"
            )
            yield Conflict(("models", index, "pool"), message, _decided_by(first, index))


def _callers_of_servers(settings: Settings) -> Iterator[Conflict]:
    """Behind a router servers do tell models apart by the body, on whatever path it comes."""
    pools = {pool.name: pool for pool in settings.pools}
    found = [_servers(model, pools) for model in settings.models]
    told = set()
    for first, index in sharing(found):
        if index not in told and _have_other_callers(settings.models[first], settings.models[index], settings):
            told.add(index)
            message = (
                f"must have replicas of its own, or the callers of models[{first}]: the same server answers both, "
                "behind a router the body names the model, and a request to one could name the other"
            )
            key = "pool" if settings.models[index].pool else "endpoint"
            yield Conflict(("models", index, key), message, (*_decided_by(first, index), ("pools",), ("router",)))


def _servers(model: ModelSettings, pools: dict[str, PoolSettings]) -> frozenset[str]:
    if model.pool is None:
        return servers(model.endpoint, None, ())
    pool = pools.get(model.pool.name)
    addresses = [target.address for target in (pool and pool.targets) or ()]
    if pool and pool.discovery:
        addresses.append(f"{pool.discovery.name}:{pool.discovery.port}")
    return servers(None, model.pool.name, addresses)


def _have_other_callers(one: ModelSettings, other: ModelSettings, settings: Settings) -> bool:
    return one.access.mode != other.access.mode or caller_of_one_alone(one, other, settings) is not None


def _decided_by(first: int, index: int) -> tuple[Path, ...]:
    both = [("models", place, key) for place in (first, index) for key in ("name", "access", "endpoint", "pool")]
    return (*both, ("consumers",))
