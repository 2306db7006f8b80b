"""The cache of a stack's first model in its config: read, and changed for a step of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.stack_file import MODELS


def cache_of(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the `cache` of the first model, {} without one."""
    return config[MODELS][0].get("cache") or {}


def with_cache(config: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    """Return the config with other settings in the first model's `cache`; None takes one away."""
    first, *others = config[MODELS]
    settings = {**cache_of(config), **changed}
    cache = {name: value for name, value in settings.items() if value is not None}
    return {**config, MODELS: [{**first, "cache": cache}, *others]}
