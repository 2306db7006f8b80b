"""What a stack needs from its Kong.

Usage: ``needs = needs_of(settings, StackNames("inference-edge", "dev"))``
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from components.wiring import EDGE_CONSUMER
from ops.names import StackNames
from settings import ModelSettings, Settings
from settings.cache_models import CacheSettings
from settings.store_rules import keeps_by_plugin

_ALWAYS = frozenset({"correlation-id", "prometheus", "request-size-limiting"})
_KEY_AUTH = frozenset({"key-auth", "acl"})
_OWN_STORE = frozenset({"post-function"})
# By cache.store, where a plugin of Kong's keeps the answers.
_PLUGIN_STORES = {
    "proxy-cache": frozenset({"pre-function", "post-function", "proxy-cache"}),
    "redis": frozenset({"pre-function", "post-function", "proxy-cache-advanced"}),
}

# nginx stores an entry in one piece, so the dictionary needs room for it beside others. proxy-cache's is JSON text that
# holds the answer and the request as JSON strings: escapes can double both.
_BESIDE_OTHERS = 2
_ESCAPED = 2
_ANSWER_HEADERS_BYTES = 8_192
_FLIGHTS_BYTES = 2**20  # with answers kept elsewhere: who asks the model at this moment, and spellings of questions


@dataclass(frozen=True)
class Needs:
    """Plugins, sizes in bytes, and the names and tags of the stack's entities by Admin API collection."""

    edition: str
    plugins: frozenset[str]
    modules: frozenset[str]
    """What the functions `require` in the sandbox."""
    trusts: Literal["nobody", "public", "private"]
    """Whose certificate the gateway has to verify: the shared cache's of a public or a private authority."""
    dictionary: str | None
    dictionary_bytes: int
    body_buffer_bytes: int
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
        plugins |= _PLUGIN_STORES[cache.store] if keeps_by_plugin(cache, settings) else _OWN_STORE
    if any(each.mode == "key-auth" for each in access):
        plugins |= _KEY_AUTH
    if any(each.rate_limit for each in access):
        plugins.add("rate-limiting")
    if any(each.cors for each in access):
        plugins.add("cors")
    if settings.edge.provider != "none":
        plugins.add("pre-function")  # the edge's lock
    if any(model.sagemaker for model in settings.models):
        plugins.add("post-function")  # the key of the API in front of the endpoint
    models = tuple(names.kong_name(model.name) for model in settings.models)
    callers = [consumer.name for consumer in settings.consumers]
    if any(_is_read_for_all(settings, model) for model in settings.models):
        callers.append(EDGE_CONSUMER)
    consumers = tuple(names.kong_name(caller) for caller in callers)
    shared = [cache for cache in cached if cache.store == "redis"]
    return Needs(
        edition=settings.kong.edition,
        plugins=frozenset(plugins),
        modules=frozenset({"resty.redis"} if any(not keeps_by_plugin(c, settings) for c in shared) else ()),
        trusts=_trusts(settings) if shared else "nobody",
        dictionary=settings.dictionary if cached else None,
        dictionary_bytes=max(map(_room_for, cached), default=0),
        body_buffer_bytes=max((cache.max_body_bytes for cache in cached), default=0),
        nodes=settings.kong.nodes if settings.kong.topology == "sharded" else (),
        names={"services": models, "routes": models, "consumers": consumers},
        tags=names.tags,
    )


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
