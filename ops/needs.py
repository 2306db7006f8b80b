"""What a stack needs from its Kong.

Usage: ``needs = needs_of(settings, StackNames("inference-edge", "dev"))``
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from components.wiring import EDGE_CONSUMER
from ops.findings import Level
from ops.names import StackNames
from settings import ModelSettings, Settings
from settings.cache_models import CacheSettings
from settings.router_models import RouterSettings
from settings.store_rules import keeps_by_plugin

_DIRECTORY = "models_directory"
_ALWAYS = frozenset({"correlation-id", "post-function", "prometheus", "request-size-limiting"})
_KEY_AUTH = frozenset({"key-auth", "acl"})
# By cache.store, where a plugin of Kong's keeps the answers.
_PLUGIN_STORES = {
    "proxy-cache": frozenset({"pre-function", "proxy-cache"}),
    "redis": frozenset({"pre-function", "proxy-cache-advanced"}),
}

# nginx stores an entry in one piece, so the dictionary needs room for it beside others. proxy-cache's is JSON text that
# holds the answer and the request as JSON strings: escapes can double both.
_BESIDE_OTHERS = 2
_ESCAPED = 2
_ANSWER_HEADERS_BYTES = 8_192
_FLIGHTS_BYTES = 2**20  # with answers kept elsewhere: who asks the model at this moment, and spellings of questions
_BALANCING_BYTES = 2**20  # what each target has in flight, and where the requests of an affinity went


@dataclass(frozen=True)
class Module:
    """What Lua in the sandbox has to be allowed to `require`."""

    name: str
    without: str
    """What is lost without it, as the end of a sentence."""
    level: Level = "error"


_REDIS = Module("resty.redis", "so that no answer is kept in the shared cache")
_BALANCER = Module("kong.runloop.balancer", "so that no fallback answers while a pool has no healthy target")
_METRICS = Module(
    "kong.plugins.prometheus.exporter",
    "so that no metric tells what the caches, pools and the router do, and their alerts stay still",
    "warning",
)


@dataclass(frozen=True)
class Needs:
    """Plugins, sizes in bytes, and the names and tags of the stack's entities by Admin API collection."""

    edition: str
    plugins: frozenset[str]
    modules: tuple[Module, ...]
    """What the functions `require` in the sandbox."""
    trusts: Literal["nobody", "public", "private"]
    """Whose certificate the gateway has to verify: the shared cache's of a public or a private authority."""
    dictionary: str | None
    dictionary_bytes: int
    body_buffer_bytes: int
    repeats_lost_requests: bool
    """Whether a request whose connection breaks is sent again; else what was sent never is."""
    has_router: bool
    """Whether the stack has the gateway's one pre-function of all routes."""
    nodes: tuple[str, ...]
    """host:port of the proxies among which the answers are divided."""
    names: dict[str, tuple[str, ...]]
    tags: frozenset[str]


def needs_of(settings: Settings, names: StackNames) -> Needs:
    """What ``settings`` ask of Kong; ``dictionary`` is None when nothing is cached."""
    cached = [model.cache for model in settings.models if model.cache.enabled]
    access = [model.access for model in settings.models]
    plugins = set(_ALWAYS)
    for cache in cached:
        if keeps_by_plugin(cache, settings):
            plugins |= _PLUGIN_STORES[cache.store]
    if any(each.mode == "key-auth" for each in access):
        plugins |= _KEY_AUTH
    if any(each.rate_limit for each in access):
        plugins.add("rate-limiting")
    if any(each.cors for each in access):
        plugins.add("cors")
    if settings.edge.provider != "none":
        plugins.add("pre-function")  # the edge's lock
    if settings.router is not None:
        plugins.add("pre-function")
    callers = [consumer.name for consumer in settings.consumers]
    if any(_is_read_for_all(settings, model) for model in settings.models):
        callers.append(EDGE_CONSUMER)
    consumers = tuple(names.kong_name(caller) for caller in callers)
    router = settings.router
    shared = [cache for cache in cached if cache.store == "redis"]
    return Needs(
        edition=settings.kong.edition,
        plugins=frozenset(plugins),
        modules=tuple(_modules(settings, any(not keeps_by_plugin(cache, settings) for cache in shared))),
        trusts=_trusts(settings) if shared else "nobody",
        dictionary=settings.dictionary if cached or settings.pools else None,
        dictionary_bytes=max([*map(_room_for, cached), _BALANCING_BYTES if settings.pools else 0]),
        body_buffer_bytes=max([*(cache.max_body_bytes for cache in cached), router.max_body_bytes if router else 0]),
        repeats_lost_requests=settings.kong.repeats_lost_requests,
        has_router=router is not None,
        nodes=settings.kong.nodes if settings.kong.topology == "sharded" else (),
        names={**_entities(settings, names), "consumers": consumers},
        tags=names.tags,
    )


def _modules(settings: Settings, asks_redis: bool) -> Iterator[Module]:
    if asks_redis:
        yield _REDIS
    if settings.router is not None and any(name.fallback for name in settings.router.models or ()):
        yield _BALANCER
    yield _METRICS


def _entities(settings: Settings, names: StackNames) -> dict[str, tuple[str, ...]]:
    """The services, routes and upstreams, as components/gateway, components/pool and components/router name theirs."""
    models = [model.name for model in settings.models]
    shadows = [f"{model.name}_shadow" for model in settings.models if model.cache.verify]
    services, routes = [*models, *shadows], [*models, *shadows]
    if settings.router is not None:
        routed = _routed(settings.router, models)
        services.append(_DIRECTORY)
        routes += [_DIRECTORY, *(f"{model}_routed" for model in routed)]
    return {
        "services": tuple(map(names.kong_name, services)),
        "routes": tuple(map(names.kong_name, routes)),
        "upstreams": tuple(names.kong_name(f"{pool.name}-pool").lower() for pool in settings.pools),
    }


def _routed(router: RouterSettings, models: list[str]) -> list[str]:
    if router.models is None:
        return models
    answering = {part.model for name in router.models for part in (*name.versions, name.fallback) if part}
    return [model for model in models if model in answering]


def _room_for(cache: CacheSettings) -> int:
    """Bytes that the dictionary needs so that the largest answer finds room in it."""
    if cache.store == "redis":
        return _FLIGHTS_BYTES
    if cache.store == "memory":
        return _BESIDE_OTHERS * (cache.max_response_bytes + _ANSWER_HEADERS_BYTES)
    return _BESIDE_OTHERS * _ESCAPED * (cache.max_response_bytes + cache.max_body_bytes)


def _trusts(settings: Settings) -> Literal["nobody", "public", "private"]:
    cache = settings.shared_cache
    if cache is None or cache.url is not None and cache.url.startswith("redis://"):
        return "nobody"
    return "private" if cache.provider == "memorystore" else "public"


def _is_read_for_all(settings: Settings, model: ModelSettings) -> bool:
    """Whether the edge asks this model for callers whom it has checked itself."""
    return settings.edge.provider != "none" and model.cache.shareable and model.access.mode == "key-auth"
