"""Settings -> the arguments of the InferenceEdge component. The only place where a config name meets an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pulumi

from components.edge.arguments import TIMEOUT_MARGIN_SECONDS
from components.shared_cache.arguments import KEY_PREFIX, REDIS_PORT

from .cost_models import CostSettings
from .edge_key_rules import taken
from .edge_providers import PRODUCTS
from .models import ConsumerSettings, ModelSettings, Settings
from .pool_models import AFFINITY_KINDS, ModelPoolSettings, PoolSettings
from .router_models import RouterSettings
from .shared_cache_models import SharedCacheSettings
from .store_rules import keeps_by_plugin

if TYPE_CHECKING:
    from components import (
        CacheArgs,
        ConsumerArgs,
        EdgeArgs,
        ExistingCacheArgs,
        InferenceEdgeArgs,
        KongCachedRouteArgs,
        SageMakerOriginArgs,
        SharedCacheArgs,
    )
    from components.metrics.arguments import CostArgs
    from components.pool.arguments import InferencePoolArgs
    from components.pool_wiring import PooledModelArgs
    from components.router.arguments import RouterArgs

_FOR_RULES_ONLY = {"variants"}  # nothing is deployed from it
_WIRED = ("provider", "authentication")
_RENAMED = {"shared_key_secret_versions": "shared_keys"}


def edge_arguments(settings: Settings) -> InferenceEdgeArgs:
    """The arguments of the whole stack; a key given in the config becomes a secret Output here."""
    args: InferenceEdgeArgs = {
        "gateway_url": settings.gateway_url,
        "models": [_model(model, settings) for model in settings.models],
        "consumers": [_consumer(consumer) for consumer in settings.consumers],
    }
    sagemaker: dict[str, SageMakerOriginArgs] = {
        model.name: _given(model.sagemaker.model_dump(exclude_none=True, exclude=_FOR_RULES_ONLY))
        for model in settings.models
        if model.sagemaker is not None
    }
    if sagemaker:
        args["sagemaker"] = sagemaker
    if settings.pools:
        args["pools"] = [_pool(pool) for pool in settings.pools]
        args["pooled"] = {model.name: _pooled(model.pool) for model in settings.models if model.pool is not None}
    if settings.router is not None:
        args["router"] = _router(settings.router)
    if settings.shared_cache is not None:
        args["shared_cache"] = _shared_cache(settings.shared_cache)
    if settings.edge.provider != "none":
        args["edge"] = _edge(settings)
    return args


def _model(model: ModelSettings, settings: Settings) -> KongCachedRouteArgs:
    by_plugin = keeps_by_plugin(model.cache, settings)
    args: KongCachedRouteArgs = {
        "model": model.name,
        "path": model.route.path,
        "hosts": list(model.route.hosts),
        "https_only": model.route.https_only,
        "dictionary": settings.dictionary,
        "cache": _cache(model, by_plugin),
        "access": model.access.model_dump(exclude_none=True),  # type: ignore[typeddict-item]
        "timeouts": model.timeouts.model_dump(exclude_none=True),  # type: ignore[typeddict-item]
        "retries": model.retries,
    }
    if model.cost is not None:
        args["cost"] = _cost(model.cost)
    if model.version is not None:
        args["version"] = model.version
    if model.endpoint is not None:
        args["endpoint"] = model.endpoint
    if model.cache.store == "redis":
        args["kong_edition"] = settings.kong.edition  # type: ignore[typeddict-item]
    if model.cache.store == "memory" and model.cache.enabled and settings.kong.topology == "sharded":
        args["shards"] = list(settings.kong.nodes)
    return args


def _cache(model: ModelSettings, by_plugin: bool) -> CacheArgs:
    given = model.cache.model_dump(exclude_none=True, exclude={"answer_headers"} if by_plugin else None)
    if model.cache.verify is not None:
        given["verify"] = _given(given["verify"])
    return given  # type: ignore[return-value]


def _cost(cost: CostSettings) -> CostArgs:
    given = cost.model_dump(exclude_none=True, exclude={"currency"})  # a name for people: metrics have the number
    return {**given, "as_of": cost.as_of.isoformat()}  # type: ignore[return-value]


def _consumer(consumer: ConsumerSettings) -> ConsumerArgs:
    args: ConsumerArgs = {"name": consumer.name}
    if consumer.key is not None:
        args["key"] = pulumi.Output.secret(consumer.key.get_secret_value())
    if consumer.models is not None:
        args["models"] = list(consumer.models)
    return args


def _pool(pool: PoolSettings) -> InferencePoolArgs:
    given = _given(pool.model_dump(exclude_none=True))
    if pool.affinity is not None:
        kinds, by = AFFINITY_KINDS, pool.affinity.by
        given["affinity"] = {name: value for name, value in given["affinity"].items() if kinds.get(name, by) == by}
    return given


def _pooled(pool: ModelPoolSettings) -> PooledModelArgs:
    return {"pool": pool.name, "path": pool.path}


def _router(router: RouterSettings) -> RouterArgs:
    return _given(router.model_dump(exclude_none=True))


def _shared_cache(cache: SharedCacheSettings) -> SharedCacheArgs:
    given: SharedCacheArgs = {
        "key_prefix": f"{KEY_PREFIX}:{pulumi.get_stack()}",
        "timeout_seconds": cache.timeout_seconds,
        "retry_seconds": cache.retry_seconds,
    }
    if cache.provider == "existing":
        return {**given, "existing": _existing_cache(cache)}
    made: Any = {cache.provider: _given(getattr(cache, cache.provider).model_dump(exclude_none=True))}
    given["protect"] = cache.protect
    given.update(made)
    return given


def _existing_cache(cache: SharedCacheSettings) -> ExistingCacheArgs:
    parts = urlsplit(str(cache.url))
    existing: ExistingCacheArgs = {
        "host": str(parts.hostname),
        "port": parts.port or REDIS_PORT,
        "tls": parts.scheme == "rediss",
        "database": int(parts.path.strip("/") or 0),
    }
    if cache.username is not None:
        existing["username"] = cache.username
    if cache.password is not None:
        existing["password"] = pulumi.Output.secret(cache.password.get_secret_value())
    return existing


def _edge(settings: Settings) -> EdgeArgs:
    edge = settings.edge
    given = taken(edge, edge.provider)
    for wired in _WIRED:
        given.pop(wired, None)
    rotation = given["origin"].pop("secret_rotation")
    if settings.kong.repeats_lost_requests:  # of which the components know nothing
        given["origin"].setdefault("read_timeout_seconds", _read_timeout_seconds(settings))
    if edge.authentication.mode != "none":
        given["authentication"] = _authentication(taken(edge.authentication, edge.provider, ("authentication",)))
    made: dict[str, Any] = {PRODUCTS[edge.provider].argument: _given(given), "secret_rotation": rotation}
    return made  # type: ignore[return-value]


def _read_timeout_seconds(settings: Settings) -> int:
    """How long the edge waits for the gateway: longer than for the slowest model, so that Kong's own error comes."""
    slowest = max(map(settings.longest_wait_seconds, settings.models))
    return min(int(slowest + TIMEOUT_MARGIN_SECONDS), PRODUCTS[settings.edge.provider].longest_wait_seconds)


def _authentication(given: dict[str, Any]) -> dict[str, Any]:
    renamed = {_RENAMED.get(name, name): value for name, value in given.items()}
    if "secrets" in renamed:
        renamed["secrets"] = [pulumi.Output.secret(secret.get_secret_value()) for secret in renamed["secrets"]]
    return renamed


def _given(value: Any) -> Any:
    """Tuples as the lists that Pulumi takes; those without an item stand for what was not given."""
    if isinstance(value, dict):
        return {name: _given(item) for name, item in value.items() if item != ()}
    return [_given(item) for item in value] if isinstance(value, list | tuple) else value
