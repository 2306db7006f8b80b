"""Arguments of InferenceEdge, and the checks of what its parts have to do with each other."""

from typing import Any, NotRequired, Optional, TypedDict

import pulumi

from . import validation
from .edge.arguments import CloudFrontArgs, EdgeRouteArgs
from .edge.google.arguments import CloudCdnArgs, MediaCdnArgs
from .gateway import KongCachedRoute, arguments
from .gateway.arguments import AccessMode, KongCachedRouteArgs, KongEdition, RedisArgs, StoreKind
from .gateway.functions import connecting_attempts, longest_silence_seconds
from .origin.arguments import SageMakerOriginArgs
from .pool.arguments import InferencePoolArgs
from .pool_wiring import PooledModelArgs, check_callers_of_paths, check_callers_of_servers, check_pools
from .router.arguments import RouterArgs
from .shared_cache.arguments import SharedCacheArgs
from .shared_cache.server import Server

COMPONENT = "InferenceEdge"
EDGE_CONSUMER = "edge-cache"

PRODUCTS = ("cloudfront", "media_cdn", "cloud_cdn")


class ConsumerArgs(TypedDict):
    name: str
    """The consumer's name: lower-case letters, digits and hyphens."""
    key: NotRequired[pulumi.Input[str]]
    """The API key, a secret; by default one is generated."""
    models: NotRequired[list[str]]
    """Names of the key-auth models that this consumer may call; by default all of them."""


class EdgeArgs(TypedDict):  # exactly one of the three
    cloudfront: NotRequired[CloudFrontArgs]
    """A CloudFront distribution in front of the gateway."""
    media_cdn: NotRequired[MediaCdnArgs]
    """Google's Media CDN in front of the gateway."""
    cloud_cdn: NotRequired[CloudCdnArgs]
    """Google's load balancer with Cloud CDN in front of the gateway."""
    secret_rotation: NotRequired[int]
    """Add 1 to replace the secret by which the gateway knows its edge, also to undo a replacement: any other step sends
    one that the gateway does not know yet. By default 1."""


class InferenceEdgeArgs(TypedDict):
    models: list[KongCachedRouteArgs]
    """The models behind the gateway."""
    sagemaker: NotRequired[dict[str, SageMakerOriginArgs]]
    """By model name, the SageMaker endpoints of models that have no `endpoint`, each reached through an API that signs
    the gateway's requests."""
    pools: NotRequired[list[InferencePoolArgs]]
    """Replicas that answer together."""
    pooled: NotRequired[dict[str, PooledModelArgs]]
    """By model name, the pools of models that have no `endpoint`."""
    router: NotRequired[RouterArgs]
    """One path for many models, told apart by the request's body; by default each has its own path alone."""
    consumers: NotRequired[list[ConsumerArgs]]
    """Who may call the models whose access is key-auth."""
    gateway_url: NotRequired[pulumi.Input[str]]
    """The gateway's own URL, the base of the predict URLs; by default http://localhost:8000."""
    shared_cache: NotRequired[SharedCacheArgs]
    """The Redis or Valkey server of models with cache.store redis."""
    edge: NotRequired[EdgeArgs]
    """By default callers reach the gateway itself."""


def key_auth_models(models: list[KongCachedRouteArgs]) -> list[str]:
    """Names of the models that ask for a consumer's key."""
    modes = {model["model"]: (model.get("access") or {}).get("mode", AccessMode.KEY_AUTH) for model in models}
    return [name for name, mode in modes.items() if mode == AccessMode.KEY_AUTH]


def is_shareable(model: KongCachedRouteArgs) -> bool:
    """Whether the edge may give one caller's answer to another."""
    cache = model.get("cache") or {}
    return bool(cache.get("shareable", False) and cache.get("enabled", True) and cache.get("get_twin", True))


def uses_redis(model: KongCachedRouteArgs) -> bool:
    """Whether the model's answers are kept in the shared cache; one whose cache is off stays with it."""
    return (model.get("cache") or {}).get("store") == StoreKind.REDIS


def check_wiring(args: InferenceEdgeArgs) -> None:
    """Names, and everything that several parts decide together. Raises ArgumentError."""
    validation.check_known(COMPONENT, "", args, frozenset(InferenceEdgeArgs.__annotations__))
    models, consumers = args.get("models") or [], args.get("consumers") or []
    if not models:
        raise validation.ArgumentError(COMPONENT, "models", "must name at least one model")
    names = [validation.check_name(COMPONENT, "models[].model", model.get("model")) for model in models]
    callers = [validation.check_name(COMPONENT, "consumers[].name", consumer.get("name")) for consumer in consumers]
    for argument, given in (("models", names), ("consumers", callers)):
        for twice in sorted({name for name in given if given.count(name) > 1}):
            raise validation.ArgumentError(COMPONENT, argument, f"has {twice} twice")
    for both in sorted(set(names) & set(callers)):
        raise validation.ArgumentError(COMPONENT, "consumers", f"has {both}, which is a model's name")
    for consumer in consumers:
        validation.check_known(COMPONENT, "consumers[].", consumer, frozenset(ConsumerArgs.__annotations__))
        for unknown in sorted(set(consumer.get("models") or []) - set(key_auth_models(models))):
            raise validation.ArgumentError(
                COMPONENT, f"consumers {consumer['name']}", f"names {unknown}, which is no model with key-auth"
            )
    origins = args.get("sagemaker") or {}
    for unknown in sorted(set(origins) - set(names)):
        raise validation.ArgumentError(COMPONENT, f"sagemaker {unknown}", "is no model")
    pools, pooled, allowed = args.get("pools") or [], args.get("pooled") or {}, _callers_by_model(models, consumers)
    check_pools(COMPONENT, pools, pooled, names)
    if "router" in args:
        endpoints = {model["model"]: model.get("endpoint") for model in models}
        check_callers_of_servers(COMPONENT, endpoints, pools, pooled, allowed)
    else:
        check_callers_of_paths(COMPONENT, pooled, allowed)
    for model in models:
        _check_origin(model, origins.get(model["model"]), pooled.get(model["model"]))
    _check_shared_cache(args)
    if "edge" in args and "router" in args:
        raise validation.ArgumentError(COMPONENT, "router", "cannot be used with edge: no edge leads to its paths")
    if "edge" in args:
        _check_edge(args["edge"], models, callers)


def _callers_by_model(models: list[KongCachedRouteArgs], consumers: list[ConsumerArgs]) -> dict[str, frozenset[str]]:
    """Who may call each model: consumers, or everybody who passes what its access asks for instead of a key."""
    keyed = key_auth_models(models)
    found: dict[str, frozenset[str]] = {}
    for model in models:
        name, mode = model["model"], (model.get("access") or {}).get("mode", AccessMode.KEY_AUTH)
        lists = {caller["name"]: caller.get("models") for caller in consumers}
        able = [caller for caller, allowed in lists.items() if allowed is None or name in allowed]
        found[name] = frozenset(able) if name in keyed else frozenset([f"({getattr(mode, 'value', mode)})"])
    return found


def _check_origin(
    model: KongCachedRouteArgs, sagemaker: Optional[SageMakerOriginArgs], pooled: Optional[PooledModelArgs]
) -> None:
    name, made = model["model"], "endpoint" in (sagemaker or {})
    validation.check_known(COMPONENT, f"models {name} ", model, frozenset(KongCachedRouteArgs.__annotations__))
    if [bool(model.get("endpoint")), bool(sagemaker), bool(pooled)].count(True) != 1:
        raise validation.ArgumentError(COMPONENT, f"models {name}", "must have one of endpoint, sagemaker and pooled")
    if "pool" in model:
        raise validation.ArgumentError(COMPONENT, f"models {name} pool", "is set by InferenceEdge, of pooled")
    if not model.get("version") and not made:
        raise validation.ArgumentError(COMPONENT, f"models {name} version", "is missing")
    if model.get("upstream_headers") and sagemaker:
        raise validation.ArgumentError(
            COMPONENT, f"models {name} upstream_headers", "cannot be used with sagemaker, which sets its own"
        )


def _check_shared_cache(args: InferenceEdgeArgs) -> None:
    users = [model["model"] for model in args["models"] if uses_redis(model)]
    for model in args["models"]:
        if "redis" in model:
            raise validation.ArgumentError(
                COMPONENT, f"models {model['model']} redis", "is set by InferenceEdge, of shared_cache"
            )
    if users and not args.get("shared_cache"):
        raise validation.ArgumentError(COMPONENT, f"models {users[0]} cache.store", "redis needs shared_cache")
    if args.get("shared_cache") and not users:
        raise validation.ArgumentError(
            COMPONENT, "shared_cache", "cannot be used without a model with cache.store redis"
        )


def _check_edge(edge: EdgeArgs, models: list[KongCachedRouteArgs], callers: list[str]) -> None:
    validation.check_known(COMPONENT, "edge.", edge, frozenset(EdgeArgs.__annotations__))
    given = [product for product in PRODUCTS if edge.get(product)]
    if len(given) != 1:
        raise validation.ArgumentError(COMPONENT, "edge", f"must have exactly one of {', '.join(PRODUCTS)}")
    product = given[0]
    if EDGE_CONSUMER in (*callers, *(model["model"] for model in models)):
        raise validation.ArgumentError(COMPONENT, "consumers", f"has {EDGE_CONSUMER}, which is the edge's own name")
    authentication: Any = product_args(edge).get("authentication") or {}
    is_open = authentication.get("mode", "none") == "none"
    remedy = f"edge.{product}.authentication" if product != "cloud_cdn" else "another edge, which checks callers itself"
    for model in models:
        name, mode = model["model"], (model.get("access") or {}).get("mode", AccessMode.KEY_AUTH)
        if "edge" in model:
            raise validation.ArgumentError(COMPONENT, f"models {name} edge", "is set by InferenceEdge")
        if is_shareable(model) and mode == AccessMode.UPSTREAM_CREDENTIAL:
            raise validation.ArgumentError(
                COMPONENT,
                f"models {name} cache.shareable",
                "cannot be used with upstream-credential: a hit asks nobody",
            )
        if is_shareable(model) and mode == AccessMode.KEY_AUTH and is_open:
            raise validation.ArgumentError(
                COMPONENT,
                f"models {name} cache.shareable",
                f"needs {remedy}, or access.mode open: a hit asks for no key",
            )


def product_args(edge: EdgeArgs) -> Any:
    """The arguments of the one product that is chosen."""
    return next(edge[product] for product in PRODUCTS if edge.get(product))


def route_of(model: KongCachedRouteArgs, **more: Any) -> KongCachedRouteArgs:
    """The arguments of the model's route: its own, and what InferenceEdge adds."""
    return {**model, **more}  # type: ignore[typeddict-item]


def redis_of(args: SharedCacheArgs, server: Server) -> RedisArgs:
    """The shared cache as a model's route has it."""
    redis: RedisArgs = {"host": server.host, "port": server.port, "tls": server.tls}
    if server.username is not None:
        redis["username"] = server.username
    if server.password is not None:
        redis["password"] = server.password
    if server.database is not None:
        redis["database"] = server.database
    if "key_prefix" in args:
        redis["key_prefix"] = args["key_prefix"]
    if "timeout_seconds" in args:
        redis["timeout_seconds"] = args["timeout_seconds"]
    if "retry_seconds" in args:
        redis["retry_seconds"] = args["retry_seconds"]
    return redis


def shared_cache_of(args: InferenceEdgeArgs) -> Optional[SharedCacheArgs]:
    """The arguments of the shared cache: its own, and what they follow from in the models."""
    given = args.get("shared_cache")
    editions = {model.get("kong_edition") for model in args["models"] if uses_redis(model)}
    if given is None or KongEdition.ENTERPRISE not in editions:
        return given
    return {**given, "enterprise": True}


def edge_route(model: KongCachedRouteArgs, route: KongCachedRoute, *, pooled: bool) -> EdgeRouteArgs:
    """What the edge needs to know of a model; `pooled`: whether a pool answers for it."""
    cache, access = model.get("cache") or {}, model.get("access") or {}
    timeouts: Any = {**arguments.TIMEOUTS, **(model.get("timeouts") or {})}
    retries: Any = model["retries"] if model.get("retries") is not None else arguments.RETRIES
    attempts = connecting_attempts(retries, pooled)
    made: EdgeRouteArgs = {
        "model": model["model"],
        "path": route.path,
        "shareable": is_shareable(model),
        # Only connecting is tried again, never a request.
        "timeout_seconds": attempts * timeouts["connect_seconds"] + longest_silence_seconds(timeouts),
    }
    if is_shareable(model):
        made["version_token"] = route.version_token
        profile = arguments.CacheProfile(cache.get("profile", "classic")).value
        made["ttl_seconds"] = cache.get("ttl_seconds") or arguments.TTL_SECONDS[profile]
        made["key_headers"] = [str(name).lower() for name in cache.get("key_headers") or []]
    if "cors" in access:
        made["cors"] = access["cors"]
    return made
