"""What a request is hashed by: hash_on and hash_fallback of an upstream."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True)
class RequestFacts:
    """What can be hashed; texts hold bytes (latin-1).

    `headers`, `query`: as the plugins left them. `path`: of the client, normalised. `consumer`: the id of the consumer
    or its credential. `captures`: the named groups of the route's path.
    """

    headers: Sequence[tuple[str, str]]
    query: str
    path: str
    ip: str
    consumer: str | None
    captures: Mapping[str, str | None]


@dataclass(frozen=True)
class HashInput:
    """`value`: "" when there is nothing to hash. `cookie`: the Set-Cookie that lets this client come back, if any."""

    value: str
    cookie: str | None = None


def hash_input(upstream: Mapping[str, Any], facts: RequestFacts) -> HashInput:
    """The first of hash_on and hash_fallback that the request has; a missing cookie is made."""
    for field in ("hash_on", "hash_fallback"):
        kind = upstream[field]
        if kind == "none":
            break
        if kind == "cookie":
            return _cookie(upstream, facts)
        value = _value(kind, upstream, field, facts)
        if value is not None:
            return HashInput(value)
    return HashInput("")


def _value(kind: str, upstream: Mapping[str, Any], field: str, facts: RequestFacts) -> str | None:
    match kind:
        case "consumer":
            return facts.consumer
        case "ip":
            return facts.ip
        case "path":
            return unquote(facts.path, encoding="latin-1")
        case "header":
            return _header(facts.headers, upstream[f"{field}_header"])
        case "query_arg":
            return _argument(facts.query, upstream[f"{field}_query_arg"])
    return facts.captures.get(upstream[f"{field}_uri_capture"])


def _header(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    wanted = name.lower().replace("_", "-")
    values = [value for other, value in headers if other.lower().replace("_", "-") == wanted]
    return ", ".join(values) if values else None


def _argument(query: str, name: str) -> str | None:
    given = [
        (key, value if "=" in part else "true")
        for part in query.split("&")
        for key, value in parse_qsl(part, keep_blank_values=True, encoding="latin-1")
    ]
    values = sorted(value for key, value in given if key == name)
    return ",".join(values) if values else None


def _cookie(upstream: Mapping[str, Any], facts: RequestFacts) -> HashInput:
    name = upstream["hash_on_cookie"]
    for part in (_header(facts.headers, "cookie") or "").split(";"):
        key, found, value = part.strip().partition("=")
        if found and key == name:
            return HashInput(value)
    made = str(uuid.uuid4())
    path = upstream["hash_on_cookie_path"] or "/"
    return HashInput(made, f"{name}={made}; Path={path}; Same-Site=Lax; HttpOnly")
