"""The prediction key: the Lua that gives a request its key, its renderer, and the same digest in Python."""

from .access import EdgeAccess, Sharing
from .render import (
    KEY_HEADER,
    KEY_HEADERS,
    MAX_INPUT_BYTES,
    KeySettings,
    lua_source,
    post_function_phases,
    pre_function_phases,
)
from .twin import NotCacheable, canonical, prediction_key

__all__ = [
    "KEY_HEADER",
    "KEY_HEADERS",
    "MAX_INPUT_BYTES",
    "EdgeAccess",
    "KeySettings",
    "NotCacheable",
    "Sharing",
    "canonical",
    "lua_source",
    "post_function_phases",
    "pre_function_phases",
    "prediction_key",
]
