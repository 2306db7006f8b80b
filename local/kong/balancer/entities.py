"""The entities upstreams and targets: fields, defaults and checks as in Kong's db/schema/entities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from local.kong.balancer.address import DEFAULT_TARGET_PORT, joined, parse
from local.kong.fields import COMMON, TAGS, checked_path
from local.kong.schema import Errors, Field, Kind

HASH_INPUTS = ("none", "consumer", "ip", "header", "cookie", "path", "query_arg", "uri_capture")
ALGORITHMS = ("consistent-hashing", "least-connections", "round-robin", "latency")
# (if this field, has this value, this field, must be one of; None: must be set), in Kong's order.
CONDITIONS: tuple[tuple[str, str, str, tuple[str, ...] | None], ...] = (
    ("hash_on", "header", "hash_on_header", None),
    ("hash_fallback", "header", "hash_fallback_header", None),
    ("hash_on", "cookie", "hash_on_cookie", None),
    ("hash_fallback", "cookie", "hash_on_cookie", None),
    ("hash_on", "none", "hash_fallback", ("none",)),
    ("hash_on", "cookie", "hash_fallback", ("none",)),
    ("hash_on", "consumer", "hash_fallback", ("none", "ip", "header", "cookie", "path", "query_arg", "uri_capture")),
    ("hash_on", "ip", "hash_fallback", ("none", "consumer", "header", "cookie", "path", "query_arg", "uri_capture")),
    ("hash_on", "path", "hash_fallback", ("none", "consumer", "header", "cookie", "query_arg", "ip", "uri_capture")),
    ("hash_on", "query_arg", "hash_on_query_arg", None),
    ("hash_fallback", "query_arg", "hash_fallback_query_arg", None),
    ("hash_on", "uri_capture", "hash_on_uri_capture", None),
    ("hash_fallback", "uri_capture", "hash_fallback_uri_capture", None),
)
DISTINCT = tuple((f"hash_on_{name}", f"hash_fallback_{name}") for name in ("header", "query_arg", "uri_capture"))


def _name(name: str) -> str | None:
    found = parse(name)
    if found is None:
        return f"Invalid name ('{name}'); must be a valid hostname"
    if found.kind != "name":
        return f"Invalid name ('{name}'); no ip addresses allowed"
    return None if found.port is None else f"Invalid name ('{name}'); no port allowed"


def _target(target: str) -> str | None:
    return None if parse(target) else "Invalid target; not a valid hostname or ip address"


def _host(host: str) -> str | None:
    return None if parse(host) else f"invalid hostname: {host}"


def _server_name(host: str) -> str | None:
    found = parse(host)
    if found is None:
        return f"invalid value: {host}"
    if found.kind != "name":
        return "must not be an IP"
    return None if found.port is None else "must not have a port"


def _token(kind: str) -> Field:
    def check(text: str) -> str | None:
        if re.fullmatch(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+", text):
            return None
        return f"{kind} name '{text}' is invalid: it must consist of the characters of an HTTP token"

    return Field("string", check=check)


def _headers(headers: Mapping[str, Any]) -> str | None:
    if any(name.lower() == "host" for name in headers):
        return "cannot contain 'host' header"
    return None


def _count() -> Field:
    return Field("integer", 0, between=(0, 255))


def _interval() -> Field:
    return Field("number", 0, between=(0, 65535))


def _statuses(*default: int) -> Field:
    return Field("array", list(default), element=Field("integer", between=(100, 999)))


def _check_type() -> Field:
    return Field("string", "http", one_of=("tcp", "http", "https", "grpc", "grpcs"))


def _record(**fields: Field) -> Field:
    return Field("record", fields=fields)


ACTIVE = _record(
    type=_check_type(),
    timeout=Field("number", 1, between=(0, 65535)),
    concurrency=Field("integer", 10, between=(1, 2147483648)),
    http_path=Field("string", "/", check=checked_path),
    https_sni=Field("string", check=_server_name),
    https_verify_certificate=Field("boolean", True, True),
    headers=Field("map", element=Field("array", element=Field("string")), check=_headers),
    healthy=_record(interval=_interval(), http_statuses=_statuses(200, 302), successes=_count()),
    unhealthy=_record(
        interval=_interval(),
        http_statuses=_statuses(429, 404, 500, 501, 502, 503, 504, 505),
        tcp_failures=_count(),
        timeouts=_count(),
        http_failures=_count(),
    ),
)
PASSIVE = _record(
    type=_check_type(),
    healthy=_record(http_statuses=_statuses(*range(200, 209), 226, *range(300, 309)), successes=_count()),
    unhealthy=_record(
        http_statuses=_statuses(429, 500, 503), tcp_failures=_count(), timeouts=_count(), http_failures=_count()
    ),
)


def _algorithm_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The algorithm and hash_on decide each other: hashing means consistent-hashing, no hashing anything else."""
    row = dict(given)
    if row.get("algorithm") in ("least-connections", "latency"):
        return {**row, "hash_on": "none"}
    if "hash_on" in row and row["hash_on"] is None:
        row["hash_on"] = "none"
    if "hash_on" in row and row.get("algorithm") in (None, "round-robin", "consistent-hashing"):
        row["algorithm"] = "round-robin" if row["hash_on"] == "none" else "consistent-hashing"
    return row


def _with_port(given: Mapping[str, Any]) -> dict[str, Any]:
    """A target always has a port."""
    found = parse(given["target"]) if isinstance(given.get("target"), str) else None
    if found is None:
        return dict(given)
    port = DEFAULT_TARGET_PORT if found.port is None else found.port
    return {**given, "target": joined(found.host, port)}


def _check_upstream(row: Mapping[str, Any], errors: Errors) -> None:
    refused = set(errors)
    for condition, value, name, choices in CONDITIONS:
        if row.get(condition) != value or refused & {condition, name}:
            continue
        if choices is None and row.get(name) is None:
            errors[name] = "required field missing"
        elif choices is not None and row.get(name) not in choices:
            errors[name] = f"expected one of: {', '.join(choices)}"
        else:
            continue
        errors.setdefault("@entity", []).append(f"failed conditional validation given value of field '{condition}'")
    for names in DISTINCT:
        if row.get(names[0]) is not None and row.get(names[0]) == row.get(names[1]):
            listed = ", ".join(f"'{name}'" for name in names)
            errors.setdefault("@entity", []).append(f"values of these fields must be distinct: {listed}")


UPSTREAMS = Kind(
    "upstreams",
    {
        **COMMON,
        "name": Field("string", required=True, check=_name),
        "algorithm": Field("string", "round-robin", one_of=ALGORITHMS),
        "hash_on": Field("string", "none", one_of=HASH_INPUTS),
        "hash_fallback": Field("string", "none", one_of=HASH_INPUTS),
        "hash_on_header": _token("header"),
        "hash_fallback_header": _token("header"),
        "hash_on_cookie": _token("cookie"),
        "hash_on_cookie_path": Field("string", "/", check=checked_path),
        "hash_on_query_arg": Field("string"),
        "hash_fallback_query_arg": Field("string"),
        "hash_on_uri_capture": Field("string"),
        "hash_fallback_uri_capture": Field("string"),
        "slots": Field("integer", 10000, between=(10, 65536)),
        "healthchecks": _record(active=ACTIVE, passive=PASSIVE, threshold=Field("number", 0, between=(0, 100))),
        "host_header": Field("string", check=_host),
        "client_certificate": Field("foreign"),
        "use_srv_name": Field("boolean", False),
    },
    "name",
    (("name",),),
    _check_upstream,
    _algorithm_of,
)
TARGETS = Kind(
    "targets",
    {
        "id": COMMON["id"],
        "created_at": COMMON["created_at"],
        "updated_at": COMMON["updated_at"],
        "upstream": Field("foreign", required=True, refers_to="upstreams"),
        "target": Field("string", required=True, check=_target),
        "weight": Field("integer", 100, between=(0, 65535)),
        "tags": TAGS,
    },
    "",
    (("target", "upstream"),),
    complete=_with_port,
    milliseconds=True,
)
