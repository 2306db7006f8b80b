"""The stack config: what ``Pulumi.<stack>.yaml`` may say about models, their caches, and who may call them.

Usage::

    settings = load_settings(pulumi.Config())
    for model in settings.models:
        print(model.name, model.cache.ttl_seconds, settings.consumers_of(model))
"""

from .loading import load_settings, parse_settings
from .models import (
    AccessSettings,
    CacheSettings,
    ConsumerSettings,
    CorsSettings,
    ModelSettings,
    RateLimitSettings,
    RouteSettings,
    Settings,
    TimeoutSettings,
)
from .problems import ConfigProblem, SettingsError

__all__ = [
    "AccessSettings",
    "CacheSettings",
    "ConfigProblem",
    "ConsumerSettings",
    "CorsSettings",
    "ModelSettings",
    "RateLimitSettings",
    "RouteSettings",
    "Settings",
    "SettingsError",
    "TimeoutSettings",
    "load_settings",
    "parse_settings",
]
