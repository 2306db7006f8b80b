"""Rules about the shared cache: whether there must be one, and what goes with its provider."""

from __future__ import annotations

from collections.abc import Iterator

from .conflict import Conflict
from .models import Settings
from .shared_cache_models import SHARED_CACHE_PROVIDERS, SharedCacheSettings
from .values import CACHE_URL
from .wording import one_of

_AT = ("sharedCache",)
_PROVIDER = ("sharedCache", "provider")
_MODELS = ("models",)


def shared_cache_conflicts(settings: Settings) -> Iterator[Conflict]:
    """Conflicts of ``sharedCache`` with the models, and within it."""
    users = [index for index, model in enumerate(settings.models) if model.cache.store == "redis"]
    cache = settings.shared_cache
    if cache is None:
        for index in users[:1]:
            message = "needs sharedCache, which tells where that is; or memory, which each Kong node keeps by itself"
            yield Conflict(("models", index, "cache", "store"), message, (_AT,))
        return
    if not users:
        yield Conflict(_AT, "must be left out without a model with cache.store redis: nobody would ask it", (_MODELS,))
    yield from _of_provider(cache)
    if cache.provider == "existing":
        yield from _existing(cache)


def _of_provider(cache: SharedCacheSettings) -> Iterator[Conflict]:
    only = {
        "url": (cache.url, ("existing",)),
        "username": (cache.username, ("existing",)),
        "password": (cache.password, ("existing",)),
        "elasticache": (cache.elasticache, ("elasticache",)),
        "memorystore": (cache.memorystore, ("memorystore",)),
        "protect": (cache.protect, SHARED_CACHE_PROVIDERS[1:]),
    }
    for name, (value, providers) in only.items():
        if value and cache.provider not in providers:
            yield Conflict(
                (*_AT, name), f"only with provider {one_of(providers)} (provider is {cache.provider})", (_PROVIDER,)
            )
        elif value is None and name == cache.provider:
            yield Conflict((*_AT, name), f"required but missing with provider {name}; must be a mapping", (_PROVIDER,))


def _existing(cache: SharedCacheSettings) -> Iterator[Conflict]:
    if cache.url is None:
        message = f"required but missing with provider existing; {CACHE_URL.must}"
        yield Conflict((*_AT, "url"), message, (_PROVIDER,))
    if cache.username and not cache.password:
        message = "needs password: a user without one is nobody; leave it out for the server's default user"
        yield Conflict((*_AT, "username"), message, (_PROVIDER, (*_AT, "password")))
