"""The stack config: what ``Pulumi.<stack>.yaml`` may say about models, their caches, and who may call them.

Usage::

    settings = load_settings(pulumi.Config())
    for model in settings.models:
        print(model.name, model.cache.ttl_seconds, settings.consumers_of(model))
"""

from .access_models import AccessSettings, CorsSettings, RateLimitSettings
from .cache_models import CacheSettings
from .edge_models import EdgeSettings
from .loading import load_settings, parse_settings
from .models import ConsumerSettings, ModelSettings, RouteSettings, Settings, TimeoutSettings
from .origin_models import SageMakerSettings
from .problems import ConfigProblem, SettingsError

__all__ = [
    "AccessSettings",
    "CacheSettings",
    "ConfigProblem",
    "ConsumerSettings",
    "CorsSettings",
    "EdgeSettings",
    "ModelSettings",
    "RateLimitSettings",
    "RouteSettings",
    "SageMakerSettings",
    "Settings",
    "SettingsError",
    "TimeoutSettings",
    "load_settings",
    "parse_settings",
]
