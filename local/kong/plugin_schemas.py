"""The configuration schemas of the plugins that this Kong runs, as tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.kong.schema import Errors, Field

FUNCTION_PHASES = ("certificate", "rewrite", "access", "header_filter", "body_filter", "log")
PERIODS = ("second", "minute", "hour", "day", "month", "year")
METHODS = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS", "TRACE", "CONNECT")


def _strings(default: list[str] | None = None, **limits: Any) -> Field:
    return Field("array", default, element=Field("string", **limits))


def _header_name(name: str) -> str | None:
    if re.fullmatch(r"[A-Za-z0-9_-]+", name):
        return None
    return f"bad header name '{name}', allowed characters are A-Z, a-z, 0-9, '_', and '-'"


def _not_empty(values: list[Any]) -> str | None:
    return None if values else "length must be at least 1"


def _origin(origin: str) -> str | None:
    if origin == "*":
        return None
    try:
        re.compile(origin)
    except re.error:
        return f"'{origin}' is not a valid regex"
    return None


@dataclass(frozen=True)
class PluginSchema:
    """A plugin: priority, config fields, a check of the whole config and a last completion."""

    priority: int
    config: Mapping[str, Field]
    check: Callable[[Mapping[str, Any], Errors], None] | None = None
    on_consumer: bool = True
    complete: Callable[[dict[str, Any]], None] | None = None


def _at_least_one(names: tuple[str, ...]) -> str:
    return "at least one of these fields must be non-empty: " + ", ".join(f"'config.{name}'" for name in names)


def _check_functions(config: Mapping[str, Any], errors: Errors) -> None:
    if not any(config.get(phase) for phase in FUNCTION_PHASES):
        errors.setdefault("@entity", []).append(_at_least_one(FUNCTION_PHASES))


def _check_acl(config: Mapping[str, Any], errors: Errors) -> None:
    lists = [bool(config.get("allow")), bool(config.get("deny"))]
    if sum(lists) != 1:
        errors.setdefault("@entity", []).append(
            "exactly one of these fields must be non-empty: 'config.allow', 'config.deny'"
        )
    if not any(lists):
        errors["@entity"].append(_at_least_one(("allow", "deny")))


def _check_rate_limiting(config: Mapping[str, Any], errors: Errors) -> None:
    limits = [(period, config[period]) for period in PERIODS if config.get(period) is not None]
    if not limits:
        errors.setdefault("@entity", []).append(_at_least_one(PERIODS))
    if "config" in errors:
        return
    for (short, fewer), (long, more) in zip(limits, limits[1:], strict=False):
        if more < fewer:
            errors["config"] = (
                f"The limit for {long}({more:.1f}) cannot be lower than the limit for {short}({fewer:.1f})"
            )
    if config.get("sync_rate", -1) != -1:
        errors["config"] = "sync_rate can only be used with the redis policy"
    if config.get("policy") == "redis" and not (config.get("redis") or {}).get("host"):
        errors["config"] = {"redis": {"host": "required field missing"}}
        errors.setdefault("@entity", []).append("failed conditional validation given value of field 'config.policy'")
    for choice, needed in (("header", "header_name"), ("path", "path")):
        if config.get("limit_by") == choice and not config.get(needed):
            errors["config"] = {needed: "required field missing"}
            errors.setdefault("@entity", []).append(
                "failed conditional validation given value of field 'config.limit_by'"
            )


def _check_termination(config: Mapping[str, Any], errors: Errors) -> None:
    if config.get("message") is not None and (config.get("body") is not None or config.get("content_type") is not None):
        errors["config"] = "message cannot be used with content_type or body"
    elif config.get("content_type") is not None and config.get("body") is None:
        errors["config"] = "content_type requires a body"


def _redis() -> Mapping[str, Field]:
    return {
        "host": Field("string"),
        "port": Field("integer", 6379, between=(0, 65535)),
        "username": Field("string"),
        "password": Field("string"),
        "database": Field("integer", 0),
        "timeout": Field("integer", 2000),
        "ssl": Field("boolean", False),
        "ssl_verify": Field("boolean", False),
        "server_name": Field("string"),
    }


def _mirror_redis(config: dict[str, Any]) -> None:
    """The deprecated redis_* fields are another spelling of the redis record."""
    redis = config.get("redis")
    if isinstance(redis, dict):
        for name, field in _redis().items():
            if redis.get(name) == field.default:
                redis[name] = config[f"redis_{name}"]
            config[f"redis_{name}"] = redis.get(name)


def _functions(priority: int) -> PluginSchema:
    return PluginSchema(priority, {phase: _strings([]) for phase in FUNCTION_PHASES}, _check_functions)


BOOLEAN_TRUE, BOOLEAN_FALSE = Field("boolean", True), Field("boolean", False)

PLUGINS: dict[str, PluginSchema] = {
    "pre-function": _functions(1000000),
    "correlation-id": PluginSchema(
        100001,
        {
            "header_name": Field("string", "Kong-Request-ID"),
            "generator": Field("string", "uuid#counter", True, one_of=("uuid", "uuid#counter", "tracker")),
            "echo_downstream": Field("boolean", False, True),
        },
    ),
    "cors": PluginSchema(
        2000,
        {
            "origins": _strings(check=_origin),
            "headers": _strings(),
            "exposed_headers": _strings(),
            "methods": _strings(list(METHODS), one_of=METHODS),
            "max_age": Field("number"),
            "credentials": Field("boolean", False, True),
            "private_network": Field("boolean", False, True),
            "preflight_continue": Field("boolean", False, True),
            "allow_origin_absent": Field("boolean", True, True),
        },
        on_consumer=False,
    ),
    "key-auth": PluginSchema(
        1250,
        {
            "key_names": Field("array", ["apikey"], True, element=Field("string", check=_header_name)),
            "hide_credentials": Field("boolean", False, True),
            "anonymous": Field("string"),
            "key_in_header": Field("boolean", True, True),
            "key_in_query": Field("boolean", True, True),
            "key_in_body": Field("boolean", False, True),
            "run_on_preflight": Field("boolean", True, True),
            "realm": Field("string"),
        },
        on_consumer=False,
    ),
    "request-size-limiting": PluginSchema(
        951,
        {
            "allowed_payload_size": Field("integer", 128),
            "size_unit": Field("string", "megabytes", True, one_of=("megabytes", "kilobytes", "bytes")),
            "require_content_length": Field("boolean", False, True),
        },
    ),
    "acl": PluginSchema(
        950,
        {
            "allow": _strings(),
            "deny": _strings(),
            "hide_groups_header": Field("boolean", False, True),
            "always_use_authenticated_groups": Field("boolean", False, True),
        },
        _check_acl,
        on_consumer=False,
    ),
    "rate-limiting": PluginSchema(
        910,
        {
            **{period: Field("number", greater_than=0) for period in PERIODS},
            "limit_by": Field(
                "string", "consumer", one_of=("consumer", "credential", "ip", "service", "header", "path")
            ),
            "header_name": Field("string"),
            "path": Field("string"),
            "policy": Field("string", "local", one_of=("local", "cluster", "redis")),
            "fault_tolerant": Field("boolean", True, True),
            "redis": Field("record", fields=_redis()),
            "hide_client_headers": Field("boolean", False),
            "error_code": Field("number", 429, greater_than=0),
            "error_message": Field("string", "API rate limit exceeded"),
            "sync_rate": Field("number", -1, True),
            **{f"redis_{name}": field for name, field in _redis().items()},
        },
        _check_rate_limiting,
        complete=_mirror_redis,
    ),
    "proxy-cache": PluginSchema(
        100,
        {
            "response_code": Field(
                "array", [200, 301, 404], True, element=Field("integer", between=(100, 900)), check=_not_empty
            ),
            "request_method": _strings(["GET", "HEAD"], one_of=("HEAD", "GET", "POST", "PATCH", "PUT")),
            "content_type": _strings(["text/plain", "application/json"]),
            "cache_ttl": Field("integer", 300, greater_than=0),
            "strategy": Field("string", None, True, one_of=("memory",)),
            "cache_control": Field("boolean", False, True),
            "ignore_uri_case": BOOLEAN_FALSE,
            "storage_ttl": Field("integer"),
            "memory": Field(
                "record", required=True, fields={"dictionary_name": Field("string", "kong_db_cache", True)}
            ),
            "vary_query_params": _strings(),
            "vary_headers": _strings(),
            "response_headers": Field(
                "record",
                required=True,
                fields={"age": BOOLEAN_TRUE, "X-Cache-Status": BOOLEAN_TRUE, "X-Cache-Key": BOOLEAN_TRUE},
            ),
        },
    ),
    "prometheus": PluginSchema(
        13,
        {
            f"{name}": BOOLEAN_FALSE
            for name in (
                "per_consumer",
                "status_code_metrics",
                "latency_metrics",
                "bandwidth_metrics",
                "upstream_health_metrics",
                "ai_metrics",
                "wasm_metrics",
            )
        },
    ),
    "request-termination": PluginSchema(
        2,
        {
            "status_code": Field("integer", 503, between=(100, 599)),
            "message": Field("string"),
            "content_type": Field("string"),
            "body": Field("string"),
            "echo": Field("boolean", False, True),
            "trigger": Field("string"),
        },
        _check_termination,
    ),
    "post-function": _functions(-1000),
}
