"""The plugins that say who may ask, how often and how much, and that count and name every request."""

from typing import Any

import pulumi

from . import arguments as defaults
from . import plugins
from .arguments import AccessArgs, AccessMode
from .service_plugins import ServicePlugins


def add_guards(
    on_service: ServicePlugins, access: AccessArgs, group: str, methods: list[str], *, has_targets: bool = False
) -> None:
    """The guards of a service. `group`: the ACL group of those who may ask; `methods`: those of the route;
    `has_targets`: whether it calls a pool, whose targets' health is a metric then."""
    mode, limit, cors = access_mode(access), access.get("rate_limit"), access.get("cors")
    if mode is AccessMode.KEY_AUTH:
        on_service.add("key-auth", plugins.key_auth(preflight=cors is None))
        on_service.add("acl", plugins.acl(group))
    if limit:
        limits: dict[str, Any] = {**limit}
        config = pulumi.Output.from_input(limits).apply(
            lambda limit: plugins.rate_limiting(
                second=limit.get("per_second"),
                minute=limit.get("per_minute"),
                hour=limit.get("per_hour"),
                by_consumer=mode is AccessMode.KEY_AUTH,
            )
        )
        on_service.add("rate-limiting", config)
    if cors:
        browser: dict[str, Any] = {**cors, "request_headers": _cors_request_headers(access)}
        config = pulumi.Output.from_input(browser).apply(
            lambda cors: plugins.cors(
                origins=cors["origins"],
                max_age_seconds=cors.get("max_age_seconds", defaults.CORS_MAX_AGE_SECONDS),
                methods=methods,
                request_headers=cors["request_headers"],
            )
        )
        on_service.add("cors", config)
    max_bytes = access.get("max_request_bytes", defaults.MAX_REQUEST_BYTES)
    size = pulumi.Output.from_input(max_bytes).apply(plugins.request_size_limiting)
    on_service.add("request-size-limiting", size)
    on_service.add("correlation-id", plugins.correlation_id())
    on_service.add("prometheus", plugins.prometheus(upstream_health=has_targets))


def access_mode(access: AccessArgs) -> AccessMode:
    """Who may ask."""
    return AccessMode(access.get("mode", AccessMode.KEY_AUTH))


def keyed_credentials(access: AccessArgs) -> list[pulumi.Input[str]]:
    """The headers that tell callers apart whom the model itself checks."""
    return _credential_headers(access) if access_mode(access) is AccessMode.UPSTREAM_CREDENTIAL else []


def _credential_headers(access: AccessArgs) -> list[pulumi.Input[str]]:
    return access.get("credential_headers") or [*defaults.CREDENTIAL_HEADERS]


def _cors_request_headers(access: AccessArgs) -> list[pulumi.Input[str]]:
    own = {
        AccessMode.KEY_AUTH: [*plugins.KEY_NAMES],
        AccessMode.UPSTREAM_CREDENTIAL: _credential_headers(access),
        AccessMode.OPEN: [],
    }
    return ["content-type", "accept", "cache-control", "x-request-id", *own[access_mode(access)]]
