"""The plugin of Kong that keeps the answers: proxy-cache, or on Kong Enterprise proxy-cache-advanced with Redis."""

from typing import Any

import pulumi

from ..prediction_key import KEY_HEADER, KeySettings
from . import arguments as defaults
from . import plugins
from .arguments import KongCachedRouteArgs, StoreKind
from .functions import is_enterprise, redis_settings

PROXY_CACHE, ADVANCED = "proxy-cache", "proxy-cache-advanced"


def cache_plugin(args: KongCachedRouteArgs) -> str:
    """The plugin's name."""
    kind = StoreKind((args.get("cache") or {}).get("store", StoreKind.PROXY_CACHE))
    return ADVANCED if kind is StoreKind.REDIS and is_enterprise(args) else PROXY_CACHE


def cache_plugin_config(args: KongCachedRouteArgs, settings: pulumi.Output[KeySettings]) -> pulumi.Output[Any]:
    """Its configuration; a secret where it holds the store's password. Raises ArgumentError."""
    if cache_plugin(args) == PROXY_CACHE:
        return settings.apply(lambda key: plugins.proxy_cache(dictionary=key.dictionary, **_of(key)))
    redis = pulumi.Output.from_input({**defaults.REDIS, **(args.get("redis") or {})}).apply(redis_settings)
    return pulumi.Output.secret(
        pulumi.Output.all(settings, redis).apply(
            lambda known: plugins.proxy_cache_advanced(redis=known[1], **_of(known[0]))
        )
    )


def _of(key: KeySettings) -> dict[str, Any]:
    return {
        "ttl_seconds": key.ttl_seconds,
        "response_codes": key.response_codes,
        "content_types": key.content_types,
        "key_header": KEY_HEADER,
    }
