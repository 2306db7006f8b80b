"""Checks of KongCachedRoute's arguments: names, and every value that could make a wrong answer or an open door.

Called when the component is made, for what is known then, and again with the resolved values of the cache.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi

from .. import validation
from ..pool.use_checks import check_use
from ..prediction_key import KEY_HEADER, KEY_HEADERS
from ..rules import Rule, whole
from ..verification.checks import check_cost, check_verify
from .arguments import (
    AccessArgs,
    AccessMode,
    CacheArgs,
    CacheProfile,
    CorsArgs,
    EdgeAccessArgs,
    KongCachedRouteArgs,
    KongEdition,
    RateLimitArgs,
    RedisArgs,
    RoutePoolArgs,
    StoreKind,
    TimeoutArgs,
)

COMPONENT = "KongCachedRoute"

_HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_INTERNAL = {
    KEY_HEADER.lower(),
    "cache-control",
    "accept-encoding",
    "content-length",
    "connection",
    "transfer-encoding",
    "kong-debug",
    "pragma",
    "x-model-version",
    "x-origin-verify",
}
_CONTENT = {200, 201, 203}  # a complete answer with content; anything else is no prediction to keep


def _each(check: Callable[[Any], bool], allowed: str, least: int = 0) -> Rule:
    return lambda values: len(values) >= least and all(check(value) for value in values), allowed


def _is_key_header(name: Any) -> bool:
    return isinstance(name, str) and _HEADER.fullmatch(name) is not None and name.lower() not in _INTERNAL


def _is_node(node: Any) -> bool:
    found = isinstance(node, str) and _NODE.fullmatch(node)
    return bool(found) and 1 <= int(found[1]) <= 65_535


_HEADERS = _each(_is_key_header, "must be header names that are not the connection's or the cache's own")

_NOT_EXCLUDED = "may not hold stream or temperature"  # the latter with the llm profile, where it decides

_NOT_ADDED = _INTERNAL | {
    *KEY_HEADERS,
    "cookie",
    "content-encoding",
    "range",
}  # what the answer depends on is in the key
_PRINTABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_SECRET = re.compile(r"[A-Za-z0-9+/=_~.-]{16,128}")

# Of one caller, one moment or one connection, or written by the gateway or by caches themselves.
_NOT_KEPT = re.compile(
    r"(?:access-control-|cdn-|cloudflare-|ratelimit-|x-cache|x-kong-|x-ratelimit-|xprediction).*"
    r"|age|cache-control|cache-status|cache-tag|connection|content-encoding|content-length|content-range|date|expires"
    r"|keep-alive|pragma|proxy-authenticate|retry-after|server|set-cookie2?|surrogate-control|te|trailer"
    r"|transfer-encoding|upgrade|vary|via|www-authenticate|x-model-version|x-request-id"
)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_NODE = re.compile(rf"(?:{_HOST.pattern}):(\d{{1,5}})")
_KEY_PREFIX = re.compile(r"[A-Za-z0-9._:-]{1,100}")

CACHE_RULES: dict[str, Rule] = {
    "ttl_seconds": whole(1, 31_536_000),
    "generation": whole(1, 1_000_000_000),
    "max_body_bytes": whole(1, 1_048_576),
    "max_response_bytes": whole(1, 16_777_216),
    "response_codes": _each(lambda code: code in _CONTENT, "must be some of 200, 201 and 203", least=1),
    "content_types": _each(lambda name: "*" not in name and "/" in name, "must name types without wildcards", least=1),
    "exclude_fields": _each(lambda name: name not in ("", "stream"), _NOT_EXCLUDED),
    "key_headers": _HEADERS,
    "answer_headers": _each(
        lambda name: (
            isinstance(name, str) and _HEADER.fullmatch(name) is not None and not _NOT_KEPT.fullmatch(name.lower())
        ),
        "must be names of response headers that are not of one caller, one moment or the gateway's own",
    ),
    "stale_while_revalidate_seconds": whole(0, 31_536_000),
    "stale_if_error_seconds": whole(0, 31_536_000),
}
_ACCESS_RULES: dict[str, Rule] = {"credential_headers": _HEADERS, "max_request_bytes": whole(1, 104_857_600)}
_RATE = whole(1, 1_000_000_000)
_RATE_RULES: dict[str, Rule] = {"per_second": _RATE, "per_minute": _RATE, "per_hour": _RATE}
_SECONDS: Rule = (
    lambda value: isinstance(value, int | float) and 0.001 <= value <= 3_600,
    "must be a number from 0.001 to 3600",
)
REDIS_RULES: dict[str, Rule] = {
    "host": (lambda host: isinstance(host, str) and _HOST.fullmatch(host) is not None, "must be a host name"),
    "port": whole(1, 65_535),
    "database": whole(0, 1_000_000),
    "key_prefix": (
        lambda prefix: isinstance(prefix, str) and _KEY_PREFIX.fullmatch(prefix) is not None,
        "must have 1 to 100 letters, digits and . _ : -",
    ),
    "timeout_seconds": (
        lambda value: isinstance(value, int | float) and 0.001 <= value <= 60,
        "must be a number from 0.001 to 60",
    ),
    "retry_seconds": (
        lambda value: isinstance(value, int | float) and 0.1 <= value <= 3_600,
        "must be a number from 0.1 to 3600",
    ),
}
_TIMEOUT_RULES: dict[str, Rule] = {
    name: _SECONDS for name in ("connect_seconds", "read_seconds", "write_seconds", "stream_seconds")
}
_ROUTE_RULES: dict[str, Rule] = {
    "shards": (
        lambda nodes: 1 <= len(nodes) <= 64 and len(set(nodes)) == len(nodes) and all(map(_is_node, nodes)),
        "must be 1 to 64 different nodes such as kong-1.internal:8000",
    ),
    "retries": whole(0, 100),
    "dictionary": (
        lambda name: isinstance(name, str) and name != "" and not name.startswith("kong"),
        "must name a shared dictionary that is not one of Kong's own (kong...)",
    ),
}


def check_arguments(args: KongCachedRouteArgs) -> None:
    """Everything that is known when the component is made. Raises ArgumentError."""
    _check_names(args)
    cache, access = args.get("cache") or {}, args.get("access") or {}
    profiles, modes = tuple(each.value for each in CacheProfile), tuple(each.value for each in AccessMode)
    validation.check_choice(COMPONENT, "cache.profile", cache.get("profile", "classic"), profiles)
    mode = validation.check_choice(COMPONENT, "access.mode", access.get("mode", "key-auth"), modes)
    if access.get("credential_headers") and mode != AccessMode.UPSTREAM_CREDENTIAL.value:
        raise validation.ArgumentError(COMPONENT, "access.credential_headers", "needs access.mode upstream-credential")
    for required in ("version", "endpoint"):
        if not args.get(required):
            raise validation.ArgumentError(COMPONENT, required, "is missing")
    if "cors" in access and "origins" not in access["cors"]:
        raise validation.ArgumentError(COMPONENT, "access.cors.origins", "is missing")
    limit = access.get("rate_limit")
    if limit is not None and not any(limit.values()):
        raise validation.ArgumentError(COMPONENT, "access.rate_limit", "must name at least one limit")
    if isinstance(args["endpoint"], str):
        validation.split_endpoint(COMPONENT, args["endpoint"])
    path = args.get("path")
    if isinstance(path, str):
        validation.check_path(COMPONENT, path)
    check_values("", args, _ROUTE_RULES)
    check_values("cache.", cache, CACHE_RULES)
    _check_sharing(args, mode)
    _check_store(args)
    _check_edge(args, mode)
    _check_monitoring(args)
    if args.get("pool") is not None:
        check_use(COMPONENT, "pool.", args.get("pool") or {})
    check_upstream_headers(args.get("upstream_headers") or {})
    if "temperature" in cache.get("exclude_fields", ()) and cache.get("profile") == CacheProfile.LLM:
        raise validation.ArgumentError(COMPONENT, "cache.exclude_fields", _NOT_EXCLUDED)
    check_values("access.", access, _ACCESS_RULES)
    check_values("access.rate_limit.", limit or {}, _RATE_RULES)
    check_values("timeouts.", args.get("timeouts") or {}, _TIMEOUT_RULES)


def check_values(prefix: str, values: Mapping[str, Any], rules: dict[str, Rule]) -> None:
    """The values that are known, each by its rule; None is the default. Raises ArgumentError."""
    for name, (holds, allowed) in rules.items():
        value = values.get(name)
        if value is None or _is_unknown(value):
            continue
        if not holds(value):
            raise validation.ArgumentError(COMPONENT, f"{prefix}{name}", allowed)


def check_upstream_headers(headers: Mapping[str, Any]) -> None:
    """Names, and the values that are known; an error never shows a value. Raises ArgumentError."""
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or name.lower() in _NOT_ADDED:
            allowed = "must name headers that neither change the answer nor are the connection's or the cache's own"
            raise validation.ArgumentError(COMPONENT, "upstream_headers", allowed)
        if not _is_unknown(value) and not (isinstance(value, str) and _PRINTABLE.fullmatch(value)):
            raise validation.ArgumentError(COMPONENT, f"upstream_headers.{name}", "must be printable ASCII text")


def check_edge_secrets(secrets: Sequence[Any], key: Any = None) -> None:
    """The values that are known; an error never shows one. Raises ArgumentError."""
    for argument, values in (("edge.secrets", secrets), ("edge.key", [] if key is None else [key])):
        for value in values:
            if not _is_unknown(value) and not (isinstance(value, str) and _SECRET.fullmatch(value)):
                allowed = "must have 16 to 128 letters, digits and + / = _ ~ . -"
                raise validation.ArgumentError(COMPONENT, argument, allowed)


def _check_sharing(args: KongCachedRouteArgs, mode: str) -> None:
    cache = args.get("cache") or {}
    if not cache.get("shareable"):
        return
    if not cache.get("enabled", True) or not cache.get("get_twin", True):
        raise validation.ArgumentError(COMPONENT, "cache.shareable", "needs cache.enabled and cache.get_twin")
    if mode == AccessMode.UPSTREAM_CREDENTIAL.value:
        not_shared = "cannot be with access.mode upstream-credential, whose answers are each caller's own"
        raise validation.ArgumentError(COMPONENT, "cache.shareable", not_shared)


def _check_store(args: KongCachedRouteArgs) -> None:
    cache = args.get("cache") or {}
    kinds, editions = tuple(each.value for each in StoreKind), tuple(each.value for each in KongEdition)
    kind = validation.check_choice(COMPONENT, "cache.store", cache.get("store", "proxy-cache"), kinds)
    edition = validation.check_choice(COMPONENT, "kong_edition", args.get("kong_edition", "community"), editions)
    is_plugin = kind == "proxy-cache" or (kind == "redis" and edition == "enterprise")
    for name in ("stale_while_revalidate_seconds", "stale_if_error_seconds"):
        if cache.get(name) and is_plugin and not cache.get("shareable"):
            needed = "needs cache.shareable, or cache.store memory or redis of the community edition"
            raise validation.ArgumentError(COMPONENT, f"cache.{name}", needed)
    if cache.get("answer_headers") is not None and is_plugin:
        needed = "needs cache.store memory or redis of the community edition: Kong's plugins keep every header"
        raise validation.ArgumentError(COMPONENT, "cache.answer_headers", needed)
    redis = args.get("redis")
    if (kind == "redis") != (redis is not None):
        raise validation.ArgumentError(COMPONENT, "redis", "is needed for cache.store redis, and for no other store")
    for required in ("host", "port"):
        if redis is not None and not redis.get(required):
            raise validation.ArgumentError(COMPONENT, f"redis.{required}", "is missing")
    if redis is not None and redis.get("username") and not redis.get("password"):
        raise validation.ArgumentError(COMPONENT, "redis.password", "is missing: redis.username has none")
    check_values("redis.", redis or {}, REDIS_RULES)
    if args.get("shards") is not None and kind != "memory":
        raise validation.ArgumentError(COMPONENT, "shards", "needs cache.store memory")
    if isinstance(args.get("path"), str) and str(args.get("path")).startswith("/-/"):
        raise validation.ArgumentError(
            COMPONENT, "path", "may not begin with /-/, where the gateway's nodes ask each other"
        )


def _check_edge(args: KongCachedRouteArgs, mode: str) -> None:
    edge = args.get("edge")
    if edge is None:
        return
    if not edge.get("secrets"):
        raise validation.ArgumentError(COMPONENT, "edge.secrets", "must name at least one value of X-Origin-Verify")
    key, shareable = edge.get("key"), (args.get("cache") or {}).get("shareable")
    if key is not None and not (shareable and mode == AccessMode.KEY_AUTH.value):
        raise validation.ArgumentError(COMPONENT, "edge.key", "needs cache.shareable and access.mode key-auth")
    check_edge_secrets(edge["secrets"], key)


def _check_monitoring(args: KongCachedRouteArgs) -> None:
    cache, cost = args.get("cache") or {}, args.get("cost")
    verify = cache.get("verify")
    if cost is not None:
        check_cost(COMPONENT, "cost.", cost)
    if verify is not None:
        if not cache.get("enabled", True):
            raise validation.ArgumentError(COMPONENT, "cache.verify", "needs cache.enabled")
        check_verify(COMPONENT, "cache.verify.", verify)


def _check_names(args: KongCachedRouteArgs) -> None:
    validation.check_known(COMPONENT, "", args, frozenset(KongCachedRouteArgs.__annotations__))
    validation.check_name(COMPONENT, "model", args.get("model"))
    cache, access, timeouts = args.get("cache") or {}, args.get("access") or {}, args.get("timeouts") or {}
    sections: list[tuple[str, Mapping[str, Any], type]] = [
        ("cache.", cache, CacheArgs),
        ("timeouts.", timeouts, TimeoutArgs),
        ("pool.", args.get("pool") or {}, RoutePoolArgs),
        ("access.", access, AccessArgs),
        ("access.rate_limit.", access.get("rate_limit") or {}, RateLimitArgs),
        ("access.cors.", access.get("cors") or {}, CorsArgs),
        ("edge.", args.get("edge") or {}, EdgeAccessArgs),
        ("redis.", args.get("redis") or {}, RedisArgs),
    ]
    for prefix, given, known in sections:
        validation.check_known(COMPONENT, prefix, given, frozenset(known.__annotations__))


def _is_unknown(value: Any) -> bool:
    items = value if isinstance(value, list | tuple) else [value]
    return any(isinstance(item, pulumi.Output) or hasattr(item, "__await__") for item in items)
