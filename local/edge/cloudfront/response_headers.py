"""The response headers policy of a behaviour: what it removes, adds and says about cross-origin requests."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from multidict import CIMultiDict

from local.edge.fields import Fields

_CORS = (
    ("access-control-allow-origin", "accessControlAllowOrigins"),
    ("access-control-allow-headers", "accessControlAllowHeaders"),
    ("access-control-allow-methods", "accessControlAllowMethods"),
    ("access-control-expose-headers", "accessControlExposeHeaders"),
)


@dataclass(frozen=True)
class Cors:
    """The CORS part of a policy; lists as registered, max_age_seconds 0 means not said."""

    origins: tuple[str, ...]
    headers: tuple[str, ...]
    methods: tuple[str, ...]
    exposed: tuple[str, ...]
    credentials: bool
    max_age_seconds: int
    override: bool


@dataclass(frozen=True)
class ResponseHeadersPolicy:
    """aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy; `apply` changes the headers towards the viewer.

    First the named headers of the answer are removed, then custom, security and CORS headers are set; one that does not
    override gives way to the answer's own. Server-Timing is left out. Source: CloudFront Developer Guide, "Understand
    response headers policies".
    """

    removed: frozenset[str]
    added: tuple[tuple[str, str, bool], ...]
    cors: Cors | None

    def apply(self, headers: CIMultiDict[str], request_headers: Mapping[str, str], method: str) -> None:
        for name in self.removed:
            headers.popall(name, None)
        for name, value, override in self.added:
            if override or name not in headers:
                headers[name] = value
        if self.cors is not None and "Origin" in request_headers:
            self._apply_cors(self.cors, headers, request_headers, method)

    def _apply_cors(
        self, cors: Cors, headers: CIMultiDict[str], request_headers: Mapping[str, str], method: str
    ) -> None:
        if not cors.override and any(name.lower().startswith("access-control-") for name in headers):
            return
        for name in [name for name in headers if name.lower().startswith("access-control-")]:
            headers.popall(name, None)
        origin = request_headers["Origin"]
        if not any(_origin_matches(pattern, origin) for pattern in cors.origins):
            return
        every = "*" in cors.origins
        headers["Access-Control-Allow-Origin"] = "*" if every and not cors.credentials else origin
        if not every:
            headers.add("Vary", "Origin")
        if cors.credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
        if cors.exposed:
            headers["Access-Control-Expose-Headers"] = ", ".join(cors.exposed)
        if method == "OPTIONS" and "Access-Control-Request-Method" in request_headers:
            headers["Access-Control-Allow-Methods"] = ", ".join(cors.methods)
            headers["Access-Control-Allow-Headers"] = ", ".join(cors.headers)
            if cors.max_age_seconds:
                headers["Access-Control-Max-Age"] = str(cors.max_age_seconds)

    @classmethod
    def read(cls, fields: Fields) -> ResponseHeadersPolicy:
        fields.without_effect("name", "comment", "serverTimingHeadersConfig")
        removed = fields.child("removeHeadersConfig")
        custom = fields.child("customHeadersConfig")
        policy = cls(
            removed=frozenset(_item(one, "header") for one in _items(removed)),
            added=(*(_custom(one) for one in _items(custom)), *_security(fields.child("securityHeadersConfig"))),
            cors=_cors(fields.child("corsConfig")),
        )
        fields.end()
        return policy


def _items(fields: Fields | None) -> list[Fields]:
    if fields is None:
        return []
    items = fields.children("items")
    fields.end()
    return items


def _item(fields: Fields, name: str) -> str:
    value = fields.text(name)
    fields.end()
    return value


def _custom(fields: Fields) -> tuple[str, str, bool]:
    header = fields.text("header"), fields.text("value"), fields.boolean("override")
    fields.end()
    return header


def _security(fields: Fields | None) -> list[tuple[str, str, bool]]:
    if fields is None:
        return []
    found: list[tuple[str, str, bool]] = []
    for name, header, prop in (
        ("contentSecurityPolicy", "Content-Security-Policy", "contentSecurityPolicy"),
        ("contentTypeOptions", "X-Content-Type-Options", ""),
        ("frameOptions", "X-Frame-Options", "frameOption"),
        ("referrerPolicy", "Referrer-Policy", "referrerPolicy"),
    ):
        one = fields.child(name)
        if one is not None:
            found.append((header, one.text(prop) if prop else "nosniff", one.boolean("override")))
            one.end()
    transport = fields.child("strictTransportSecurity")
    if transport is not None:
        value = f"max-age={transport.integer('accessControlMaxAgeSec')}"
        value += "; includeSubDomains" if transport.boolean("includeSubdomains", False) else ""
        value += "; preload" if transport.boolean("preload", False) else ""
        found.append(("Strict-Transport-Security", value, transport.boolean("override")))
        transport.end()
    xss = fields.child("xssProtection")
    if xss is not None:
        value = "1" if xss.boolean("protection") else "0"
        value += "; mode=block" if xss.boolean("modeBlock", False) else ""
        found.append(("X-XSS-Protection", value, xss.boolean("override")))
        xss.end()
    fields.end()
    return found


def _cors(fields: Fields | None) -> Cors | None:
    if fields is None:
        return None
    lists: dict[str, tuple[str, ...]] = {}
    for header, name in _CORS:
        one = fields.child(name, required=header != "access-control-expose-headers")
        lists[name] = tuple(one.texts("items")) if one else ()
        if one:
            one.end()
    methods = lists["accessControlAllowMethods"]
    cors = Cors(
        origins=lists["accessControlAllowOrigins"],
        headers=lists["accessControlAllowHeaders"],
        methods=("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS") if methods == ("ALL",) else methods,
        exposed=lists["accessControlExposeHeaders"],
        credentials=fields.boolean("accessControlAllowCredentials"),
        max_age_seconds=fields.integer("accessControlMaxAgeSec", 0),
        override=fields.boolean("originOverride"),
    )
    fields.end()
    return cors


def _origin_matches(pattern: str, origin: str) -> bool:
    """`*`, an exact origin, or one with `*` in its domain; without a protocol it matches both."""
    if pattern == "*" or pattern.lower() == origin.lower():
        return True
    if "://" not in pattern:
        origin = urlsplit(origin).netloc
    return fnmatch.fnmatchcase(origin.lower(), pattern.lower().replace("[", "[[]"))
