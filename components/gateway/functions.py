"""The arguments of a cached route -> what its function plugins hold. Outputs, because some arguments are known late."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Optional

import pulumi

from .. import naming, validation
from ..prediction_key import (
    KEY_HEADERS,
    MAX_INPUT_BYTES,
    EdgeAccess,
    KeySettings,
    RedisSettings,
    Sharing,
    StoreSettings,
)
from . import arguments as defaults
from . import plugins
from .arguments import AccessMode, CacheArgs, CacheProfile, KongCachedRouteArgs, KongEdition, StoreKind
from .checks import CACHE_RULES, COMPONENT, REDIS_RULES, check_edge_secrets, check_upstream_headers, check_values

Headers = dict[str, str]


def key_settings(args: KongCachedRouteArgs, credential_headers: list[pulumi.Input[str]]) -> pulumi.Output[KeySettings]:
    """What the key is made of. `credential_headers`: those of upstream-credential, else none. Raises ArgumentError."""
    cache: CacheArgs = args.get("cache") or {}
    profile = CacheProfile(cache.get("profile", CacheProfile.CLASSIC)).value
    mode = AccessMode((args.get("access") or {}).get("mode", AccessMode.KEY_AUTH))
    kong_name = naming.kong_name(args["model"])
    values: dict[str, Any] = {
        **{key: cache_value(cache, key) for key in defaults.CACHE},
        "model": args["model"],
        "version": args["version"],
        "dictionary": args.get("dictionary", defaults.DICTIONARY),
        "ttl_seconds": cache.get("ttl_seconds", defaults.TTL_SECONDS[profile]),
        "timeouts": timeouts_of(args),
        "credentials": credential_headers,
        "max_request_bytes": (args.get("access") or {}).get("max_request_bytes", defaults.MAX_REQUEST_BYTES),
    }
    if cache.get("shareable"):
        values["endpoint"] = args["endpoint"]
    store = own_store(args)
    if store is StoreKind.REDIS:
        values["redis"] = {**defaults.REDIS, **(args.get("redis") or {})}

    def settings(known: dict[str, Any]) -> KeySettings:
        check_values("cache.", known, CACHE_RULES)
        key_headers = tuple(name.lower() for name in known["key_headers"])
        named = (*key_headers, *(name.lower() for name in known["credentials"]))
        more = [name for name in named if name not in KEY_HEADERS]
        return KeySettings(
            model=known["model"],
            kong_name=kong_name,
            version=known["version"],
            generation=int(known["generation"]),
            dictionary=known["dictionary"],
            profile=profile,
            ttl_seconds=int(known["ttl_seconds"]),
            lease_seconds=int(sum(known["timeouts"].values())) + 1,
            max_body_bytes=int(known["max_body_bytes"]),
            max_response_bytes=int(known["max_response_bytes"]),
            response_codes=tuple(int(code) for code in known["response_codes"]),
            content_types=tuple(known["content_types"]),
            exclude_fields=tuple(sorted(known["exclude_fields"])),
            headers=(*KEY_HEADERS, *dict.fromkeys(more)),
            credential_header=plugins.KEY_NAMES[0] if mode is AccessMode.KEY_AUTH else None,
            get_twin=cache.get("get_twin", True),
            # With proxy-cache request-size-limiting sees the GET as the POST that it has become.
            max_input_bytes=min(MAX_INPUT_BYTES, int(known["max_request_bytes"])) if store else MAX_INPUT_BYTES,
            sharing=_sharing(known, key_headers) if "endpoint" in known else None,
            store=_store(known) if store else None,
            verified=cache.get("verify") is not None,
        )

    return pulumi.Output.from_input(values).apply(settings)


def timeouts_of(args: KongCachedRouteArgs) -> dict[str, Any]:
    """The limits of connecting, reading and writing, each given or by default."""
    given: dict[str, Any] = {**(args.get("timeouts") or {})}
    return {name: given.get(name, default) for name, default in defaults.TIMEOUTS.items()}


def longest_silence_seconds(timeouts: Mapping[str, Any]) -> Any:
    """How long the model may be silent before its first byte, whether it streams its answer or not."""
    return max(timeouts["read_seconds"], timeouts.get("stream_seconds") or 0)


def retries_of(args: KongCachedRouteArgs) -> pulumi.Output[int]:
    """How often connecting is tried again."""
    given: Optional[pulumi.Input[int]] = args.get("retries")
    default = defaults.POOL_RETRIES if "pool" in args else defaults.RETRIES
    return pulumi.Output.from_input(default if given is None else given).apply(int)


def connecting_attempts(retries: int, has_targets: bool) -> int:
    """How often connecting may take its whole time: a pool's silent target is left out by its check meanwhile."""
    return 1 + (min(retries, 1) if has_targets else retries)


def own_store(args: KongCachedRouteArgs) -> Optional[StoreKind]:
    """The store that we speak to ourselves; None where a plugin of Kong keeps the answers."""
    kind = StoreKind((args.get("cache") or {}).get("store", StoreKind.PROXY_CACHE))
    if kind is StoreKind.PROXY_CACHE or (kind is StoreKind.REDIS and is_enterprise(args)):
        return None
    return kind


def is_enterprise(args: KongCachedRouteArgs) -> bool:
    """Whether Kong Enterprise's plugins are there."""
    return KongEdition(args.get("kong_edition", KongEdition.COMMUNITY)) is KongEdition.ENTERPRISE


def with_upstream_headers(
    settings: pulumi.Output[KeySettings], headers: Optional[pulumi.Output[Headers]]
) -> pulumi.Output[KeySettings]:
    """Settings whose key changes with the headers: another credential may be another tenant's."""
    if headers is None:
        return settings

    def digested(both: list[Any]) -> KeySettings:
        text = json.dumps(sorted(both[1].items()))
        return dataclasses.replace(both[0], upstream_headers_digest=hashlib.sha256(text.encode()).hexdigest())

    return pulumi.Output.all(settings, headers).apply(digested)


def version_token(settings: pulumi.Output[KeySettings], secret: pulumi.Output[str]) -> pulumi.Output[str]:
    """What a shared cache asks for; no secret, as its digest leads back to none."""
    both = pulumi.Output.all(settings, secret)
    return pulumi.Output.unsecret(both.apply(lambda known: known[0].version_token(known[1])))


def upstream_headers(args: KongCachedRouteArgs) -> Optional[pulumi.Output[Headers]]:
    """What Kong adds towards the model, a secret. Raises ArgumentError."""

    def checked(headers: Headers) -> Headers:
        check_upstream_headers(headers)
        return headers

    given: dict[str, Any] = {**(args.get("upstream_headers") or {})}
    return pulumi.Output.secret(given).apply(checked) if given else None


def edge_access(args: KongCachedRouteArgs) -> Optional[pulumi.Output[EdgeAccess]]:
    """The edge that alone may call, a secret. Raises ArgumentError."""
    edge = args.get("edge")
    if edge is None:
        return None
    with_certificate = edge.get("client_certificate", False)

    def checked(known: dict[str, Any]) -> EdgeAccess:
        check_edge_secrets(known["secrets"], known["key"])
        return EdgeAccess(tuple(known["secrets"]), with_certificate, known["key"])

    return pulumi.Output.secret({"secrets": edge["secrets"], "key": edge.get("key")}).apply(checked)


def endpoint_url(args: KongCachedRouteArgs) -> pulumi.Output[str]:
    """The model's endpoint as it is in the key. Raises ArgumentError."""
    return pulumi.Output.from_input(args["endpoint"]).apply(_endpoint_url)


def cache_value(cache: CacheArgs, key: str) -> Any:
    """The argument, or its default."""
    value = cache.get(key)
    return defaults.CACHE[key] if value is None else value


def _endpoint_url(endpoint: str) -> str:
    protocol, host, port, path = validation.split_endpoint(COMPONENT, endpoint)
    return f"{protocol}://{host}:{port}{path}"


def _sharing(known: dict[str, Any], key_headers: tuple[str, ...]) -> Sharing:
    return Sharing(
        endpoint=_endpoint_url(known["endpoint"]),
        key_headers=key_headers,
        stale_while_revalidate_seconds=int(known["stale_while_revalidate_seconds"]),
        stale_if_error_seconds=int(known["stale_if_error_seconds"]),
    )


def _store(known: dict[str, Any]) -> StoreSettings:
    return StoreSettings(
        answer_headers=tuple(dict.fromkeys(("content-type", *map(str.lower, known["answer_headers"])))),
        stale_while_revalidate_seconds=int(known["stale_while_revalidate_seconds"]),
        stale_if_error_seconds=int(known["stale_if_error_seconds"]),
        redis=redis_settings(known["redis"]) if "redis" in known else None,
    )


def redis_settings(known: dict[str, Any]) -> RedisSettings:
    """The shared store, all values known. Raises ArgumentError."""
    check_values("redis.", known, REDIS_RULES)
    return RedisSettings(**{**known, "port": int(known["port"]), "database": int(known["database"])})
