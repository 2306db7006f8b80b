"""The entities of the Admin API as tables: fields, unique keys and checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from local.kong.balancer.entities import TARGETS, UPSTREAMS
from local.kong.fields import COMMON, CREDENTIAL, checked_name, checked_path, checked_segments, strings
from local.kong.router import compiled
from local.kong.schema import Errors, Field, Kind

PROTOCOLS = ("grpc", "grpcs", "http", "https", "tcp", "tls", "tls_passthrough", "udp")
PROTOCOL_FAMILIES = (("http", "https"), ("tcp", "tls", "udp"), ("tls_passthrough",), ("grpc", "grpcs"))
MILLISECONDS = (1, 2147483646)


def _host(host: str) -> str | None:
    return None if re.fullmatch(r"[A-Za-z0-9._\-:\[\]]+", host) else f"invalid value: {host}"


def _hostname(host: str) -> str | None:
    return None if re.fullmatch(r"(\*\.)?[A-Za-z0-9._\-]+(\.\*)?(:\d+)?", host) else f"invalid hostname: {host}"


def _route_path(path: str) -> str | None:
    if path.startswith("~/"):
        try:
            compiled(path[1:])
        except re.error as error:
            reason = "missing closing parenthesis" if "unterminated subpattern" in error.msg else error.msg
            return f"invalid regex: '{path[1:]}' (PCRE returned: pcre2_compile() failed: {reason} in \"{path[1:]}\")"
        return None
    return checked_segments(path) if path.startswith("/") else "should start with: / (fixed path) or ~/ (regex path)"


def _method(method: str) -> str | None:
    return None if re.fullmatch(r"[A-Z]+", method) else f"invalid value: {method}"


def _headers(headers: Mapping[str, Any]) -> str | None:
    if any(name.lower() == "host" for name in headers):
        return "cannot contain 'host' header, which must be specified in the 'hosts' attribute"
    return None


def _protocols(protocols: list[str]) -> str | None:
    families = [family for family in PROTOCOL_FAMILIES if set(family) & set(protocols)]
    if len(families) < 2:
        return None
    return "these sets are mutually exclusive: " + ", ".join(
        "(" + ", ".join(f"'{p}'" for p in family) + ")" for family in families[:2]
    )


def _protocol_set(default: list[str], check: Callable[[Any], str | None] | None) -> Field:
    return Field("set", default, True, element=Field("string", one_of=PROTOCOLS), check=check)


def _check_service(row: Mapping[str, Any], errors: Errors) -> None:
    if row.get("protocol") in ("https", "tls"):
        return
    for name in ("client_certificate", "tls_verify", "tls_verify_depth", "ca_certificates"):
        if row.get(name) is not None:
            errors[name] = "value must be null"
            errors.setdefault("@entity", []).append("failed conditional validation given value of field 'protocol'")


def _check_route(row: Mapping[str, Any], errors: Errors) -> None:
    protocols = [] if "protocols" in errors else row.get("protocols") or []
    protocol = "https" if "https" in protocols else "http"
    names = ("methods", "hosts", "headers", "paths") + (("snis",) if protocol == "https" else ())
    if protocol in protocols and not any(row.get(name) for name in names):
        listed = ", ".join(f"'{name}'" for name in names)
        errors["@entity"] = [f"must set one of {listed} when 'protocols' is '{protocol}'"]


def _check_consumer(row: Mapping[str, Any], errors: Errors) -> None:
    if not row.get("username") and not row.get("custom_id"):
        errors["@entity"] = ["at least one of these fields must be non-empty: 'custom_id', 'username'"]


SERVICES = Kind(
    "services",
    {
        **COMMON,
        "name": Field("string", check=checked_name),
        "retries": Field("integer", 5, between=(0, 32767)),
        "protocol": Field("string", "http", True, one_of=PROTOCOLS),
        "host": Field("string", required=True, check=_host),
        "port": Field("integer", 80, True, between=(0, 65535)),
        "path": Field("string", check=checked_path),
        "connect_timeout": Field("integer", 60000, between=MILLISECONDS),
        "write_timeout": Field("integer", 60000, between=MILLISECONDS),
        "read_timeout": Field("integer", 60000, between=MILLISECONDS),
        "client_certificate": Field("foreign"),
        "tls_verify": Field("boolean"),
        "tls_verify_depth": Field("integer", between=(0, 64)),
        "ca_certificates": strings(),
        "enabled": Field("boolean", True, True),
    },
    "name",
    (("name",),),
    _check_service,
)
ROUTES = Kind(
    "routes",
    {
        **COMMON,
        "name": Field("string", check=checked_name),
        "protocols": _protocol_set(["http", "https"], _protocols),
        "https_redirect_status_code": Field("integer", 426, True, one_of=(426, 301, 302, 307, 308)),
        "strip_path": Field("boolean", True, True),
        "preserve_host": Field("boolean", False, True),
        "request_buffering": Field("boolean", True, True),
        "response_buffering": Field("boolean", True, True),
        "methods": Field("set", element=Field("string", check=_method)),
        "hosts": strings(check=_hostname),
        "paths": strings(check=_route_path),
        "headers": Field("map", element=strings(), check=_headers),
        "regex_priority": Field("integer", 0),
        "path_handling": Field("string", "v0", one_of=("v0", "v1")),
        "snis": Field("set", element=Field("string")),
        "sources": Field("set"),
        "destinations": Field("set"),
        "service": Field("foreign", refers_to="services"),
    },
    "name",
    (("name",),),
    _check_route,
)
CONSUMERS = Kind(
    "consumers",
    {**COMMON, "username": Field("string"), "custom_id": Field("string")},
    "username",
    (("username",), ("custom_id",)),
    _check_consumer,
)
PLUGINS = Kind(
    "plugins",
    {
        **COMMON,
        "name": Field("string", required=True),
        "instance_name": Field("string", check=checked_name),
        "config": Field("record", required=True, fields={}),
        "enabled": Field("boolean", True, True),
        "protocols": _protocol_set(["grpc", "grpcs", "http", "https"], None),
        "route": Field("foreign", refers_to="routes"),
        "service": Field("foreign", refers_to="services"),
        "consumer": Field("foreign", refers_to="consumers"),
    },
    "instance_name",
    (("instance_name",), ("consumer", "name", "route", "service")),
)
KEY_AUTHS = Kind(
    "keyauth_credentials",
    {
        **CREDENTIAL,
        "ttl": Field("integer", between=(0, 100000000)),
        "key": Field("string"),
        "consumer": Field("foreign", required=True, refers_to="consumers"),
    },
    "key",
    (("key",),),
)
ACLS = Kind(
    "acls",
    {
        **CREDENTIAL,
        "group": Field("string", required=True),
        "consumer": Field("foreign", required=True, refers_to="consumers"),
    },
    "",
    (("consumer", "group"),),
)
KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (SERVICES, ROUTES, CONSUMERS, PLUGINS, KEY_AUTHS, ACLS, UPSTREAMS, TARGETS)
}
