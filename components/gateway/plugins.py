"""Settings of Kong's plugins -> their complete configuration, as canonical JSON.

    kong.Plugin(..., name="key-auth", config_json=canonical_json(key_auth()))

Complete, because the provider only PATCHes: a key left out would keep the value it had before. Field names and
defaults are those of Kong 3.9 (`kong/plugins/*/schema.lua`); fields that we never set (redis) are left to Kong.
"""

import json
from collections.abc import Sequence
from typing import Any

from ..prediction_key import RedisSettings

KEY_NAMES = ("apikey",)  # Kong's default; without '-' and '_', so no other spelling can stand beside it
QUERY_NOT_KEYED = "__none__"  # proxy-cache fails on ?a&a=1 when it reads the query; ours is in the key as sent
_PHASES = ("certificate", "rewrite", "access", "header_filter", "body_filter", "log")

Config = dict[str, Any]


def canonical_json(config: Config) -> str:
    """Sorted and compact; whole floats, as component packages hand us integers, become integers."""
    return json.dumps(_integers(config), sort_keys=True, separators=(",", ":"))


def function(phases: dict[str, list[str]]) -> Config:
    """pre-function and post-function: Lua chunks by phase."""
    return {phase: phases.get(phase, []) for phase in _PHASES}


def proxy_cache(*, dictionary: str, **rules: Any) -> Config:
    """proxy-cache that looks up and stores only what the prediction key allows. `rules`: those of _cache_rules.

    With `cache_control`, a request that says no-store is not looked up and an answer without max-age is not stored:
    the function plugins set both. Status and key headers stay off; Cache-Status tells the client.
    """
    return {
        "strategy": "memory",
        "memory": {"dictionary_name": dictionary},
        **_cache_rules(**rules),
    }


def proxy_cache_advanced(*, redis: RedisSettings, **rules: Any) -> Config:
    """Kong Enterprise's proxy-cache-advanced, which keeps in Redis what the prediction key allows. `rules`: as above.

    Its schema: developer.konghq.com/plugins/proxy-cache-advanced/reference (3.9).
    """
    milliseconds = max(1, round(redis.timeout_seconds * 1000))
    return {
        "strategy": "redis",
        "redis": {
            "host": redis.host,
            "port": redis.port,
            "username": redis.username,
            "password": redis.password,
            "database": redis.database,
            "ssl": redis.tls,
            "ssl_verify": redis.tls,
            "server_name": redis.host if redis.tls else None,
            "connect_timeout": milliseconds,
            "send_timeout": milliseconds,
            "read_timeout": milliseconds,
        },
        "bypass_on_err": True,
        **_cache_rules(**rules),
    }


def _cache_rules(
    *, ttl_seconds: int, response_codes: Sequence[int], content_types: Sequence[str], key_header: str
) -> Config:
    return {
        "cache_control": True,
        "cache_ttl": ttl_seconds,
        "storage_ttl": None,
        "request_method": ["POST"],
        "response_code": list(response_codes),
        "content_type": list(content_types),
        "vary_headers": [key_header],
        "vary_query_params": [QUERY_NOT_KEYED],
        "ignore_uri_case": False,
        "response_headers": {"age": True, "X-Cache-Status": False, "X-Cache-Key": False},
    }


def key_auth(*, preflight: bool) -> Config:
    """key-auth by header only: a key in a URL ends up in logs. `preflight`: ask for it on OPTIONS, too."""
    return {
        "key_names": list(KEY_NAMES),
        "key_in_header": True,
        "key_in_query": False,
        "key_in_body": False,
        "hide_credentials": True,
        "anonymous": None,
        "realm": None,
        "run_on_preflight": preflight,
    }


def acl(group: str) -> Config:
    """acl: only consumers of this group."""
    return {"allow": [group], "deny": None, "hide_groups_header": True, "always_use_authenticated_groups": False}


def rate_limiting(*, second: int | None, minute: int | None, hour: int | None, by_consumer: bool) -> Config:
    """rate-limiting per node; counts hits as well as misses."""
    return {
        "second": second,
        "minute": minute,
        "hour": hour,
        "day": None,
        "month": None,
        "year": None,
        "limit_by": "consumer" if by_consumer else "ip",
        "header_name": None,
        "path": None,
        "policy": "local",
        "sync_rate": -1,
        "fault_tolerant": True,
        "hide_client_headers": False,
        "error_code": 429,
        "error_message": "API rate limit exceeded",
    }


def request_size_limiting(max_bytes: int) -> Config:
    """request-size-limiting, in bytes."""
    return {"allowed_payload_size": max_bytes, "size_unit": "bytes", "require_content_length": False}


def correlation_id() -> Config:
    """correlation-id: X-Request-ID, the client's own if it sent one, to the model and back to the client."""
    return {"header_name": "X-Request-ID", "generator": "uuid", "echo_downstream": True}


def prometheus(*, upstream_health: bool = False) -> Config:
    """prometheus: counts by status code and source; a hit has source "kong", a miss "service"."""
    return {
        "per_consumer": False,
        "status_code_metrics": True,
        "latency_metrics": True,
        "bandwidth_metrics": True,
        "upstream_health_metrics": upstream_health,
    }


def cors(
    *, origins: Sequence[str], max_age_seconds: int, methods: Sequence[str], request_headers: Sequence[str]
) -> Config:
    """cors for JSON from the given origins; never with the browser's cookies."""
    return {
        "origins": list(origins),
        "methods": [*methods, "OPTIONS"],
        "headers": list(request_headers),
        "exposed_headers": ["Cache-Status", "Age", "X-Request-ID", "Retry-After"],
        "credentials": False,
        "max_age": max_age_seconds,
        "preflight_continue": False,
        "private_network": False,
    }


def _integers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _integers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_integers(item) for item in value]
    return value
