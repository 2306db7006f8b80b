"""The prediction key: the Lua that gives a request its key, its renderer, and the same digest in Python."""

from .access import EdgeAccess, Sharing
from .locks import header_lock_phases
from .render import (
    KEY_HEADER,
    KEY_HEADERS,
    MAX_INPUT_BYTES,
    KeySettings,
    lua_source,
    post_function_phases,
    pre_function_phases,
)
from .shards import SHARD_HEADER, shard_phases, to_shard_phases
from .stores import RedisSettings, StoreSettings, entry_prefix
from .twin import NotCacheable, canonical, input_digest, prediction_key

__all__ = [
    "KEY_HEADER",
    "KEY_HEADERS",
    "MAX_INPUT_BYTES",
    "EdgeAccess",
    "KeySettings",
    "NotCacheable",
    "RedisSettings",
    "SHARD_HEADER",
    "Sharing",
    "StoreSettings",
    "canonical",
    "entry_prefix",
    "header_lock_phases",
    "input_digest",
    "lua_source",
    "post_function_phases",
    "pre_function_phases",
    "prediction_key",
    "shard_phases",
    "to_shard_phases",
]
