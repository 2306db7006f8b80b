"""Rules about where answers are kept: the store of each model, and how the Kong nodes share the work."""

from __future__ import annotations

from collections.abc import Iterator

from .cache_models import ANSWER_HEADERS, CacheSettings
from .conflict import Conflict
from .models import Settings
from .problems import Path

_EDITION, _TOPOLOGY, _NODES = ("kong", "edition"), ("kong", "topology"), ("kong", "nodes")
_MIN_NODES = 2


def store_conflicts(settings: Settings) -> Iterator[Conflict]:
    """Conflicts about ``cache.store``, what only some stores can do, and ``kong``."""
    for index, model in enumerate(settings.models):
        at = ("models", index, "cache")
        by_plugin = keeps_by_plugin(model.cache, settings)
        if by_plugin:
            yield from _answer_headers(at, model.cache)
        if by_plugin and not model.cache.shareable:
            yield from _stale(at, model.cache)
        if settings.kong.topology == "sharded" and model.cache.enabled and model.cache.store != "memory":
            message = "must be memory with kong.topology sharded: no other store is kept by one node for each answer"
            yield Conflict((*at, "store"), message, (_TOPOLOGY, (*at, "enabled")))
    yield from _nodes(settings)


def keeps_by_plugin(cache: CacheSettings, settings: Settings) -> bool:
    """Whether a plugin of Kong's keeps the answers: proxy-cache or, in Redis, Enterprise's proxy-cache-advanced."""
    return cache.store == "proxy-cache" or (cache.store == "redis" and settings.kong.edition == "enterprise")


def _answer_headers(at: Path, cache: CacheSettings) -> Iterator[Conflict]:
    if cache.answer_headers != ANSWER_HEADERS:
        message = f"only with {_keepers(cache)}: Kong's own plugin keeps all headers"
        yield Conflict((*at, "answerHeaders"), message, ((*at, "store"), _EDITION))


def _stale(at: Path, cache: CacheSettings) -> Iterator[Conflict]:
    given = {
        "staleWhileRevalidateSeconds": cache.stale_while_revalidate_seconds,
        "staleIfErrorSeconds": cache.stale_if_error_seconds,
    }
    for name, seconds in given.items():
        if seconds:
            message = f"must be 0 without cache.shareable or {_keepers(cache)}: nobody else serves stale answers"
            yield Conflict((*at, name), message, ((*at, "shareable"), (*at, "store"), _EDITION))


def _keepers(cache: CacheSettings) -> str:
    """The stores that could do it, for a model whose own cannot."""
    if cache.store == "redis":
        return "cache.store memory, or kong.edition community"
    return "cache.store memory or redis"


def _nodes(settings: Settings) -> Iterator[Conflict]:
    sharded, count = settings.kong.topology == "sharded", len(settings.kong.nodes)
    if sharded and count < _MIN_NODES:
        message = "must name at least two nodes with topology sharded: each answer is kept by one of them"
        yield Conflict(_NODES, message, (_TOPOLOGY,))
    if not sharded and count:
        yield Conflict(_NODES, f"only with topology sharded (topology is {settings.kong.topology})", (_TOPOLOGY,))
