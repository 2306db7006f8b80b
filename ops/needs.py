"""What a stack needs from its Kong.

Usage: ``needs = needs_of(settings, StackNames("inference-edge", "dev"))``
"""

from __future__ import annotations

from dataclasses import dataclass

from components.wiring import EDGE_CONSUMER
from ops.names import StackNames
from settings import ModelSettings, Settings

_ALWAYS = frozenset({"correlation-id", "prometheus", "request-size-limiting"})
_KEY_AUTH = frozenset({"key-auth", "acl"})
_CACHE = frozenset({"pre-function", "post-function", "proxy-cache"})

# One cached answer is JSON text that holds the answer and the request as JSON strings: escapes can double both.
# nginx stores it in one piece, so the dictionary needs room for it beside others.
_ROOM_PER_ENTRY = 4


@dataclass(frozen=True)
class Needs:
    """Plugins, sizes in bytes, and the names and tags of the stack's entities by Admin API collection."""

    plugins: frozenset[str]
    dictionary: str | None
    dictionary_bytes: int
    body_buffer_bytes: int
    names: dict[str, tuple[str, ...]]
    tags: frozenset[str]


def needs_of(settings: Settings, names: StackNames) -> Needs:
    """What ``settings`` ask of Kong; ``dictionary`` is None when nothing is cached."""
    cached = [model.cache for model in settings.models if model.cache.enabled]
    access = [model.access for model in settings.models]
    plugins = set(_ALWAYS)
    if cached:
        plugins |= _CACHE
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
    return Needs(
        plugins=frozenset(plugins),
        dictionary=settings.dictionary if cached else None,
        dictionary_bytes=_ROOM_PER_ENTRY * max((c.max_response_bytes + c.max_body_bytes for c in cached), default=0),
        body_buffer_bytes=max((cache.max_body_bytes for cache in cached), default=0),
        names={"services": models, "routes": models, "consumers": consumers},
        tags=names.tags,
    )


def _is_read_for_all(settings: Settings, model: ModelSettings) -> bool:
    """Whether the edge asks this model for callers whom it has checked itself."""
    return settings.edge.provider != "none" and model.cache.shareable and model.access.mode == "key-auth"
