"""What a response headers policy makes of the headers towards the viewer."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from tests.edge.running import ALL_METHODS, CACHING_DISABLED, Edge, Origin, configure, with_function


def cors(**changes: Any) -> dict[str, Any]:
    lists = {
        "accessControlAllowOrigins": ["https://app.example.com", "https://*.example.org"],
        "accessControlAllowHeaders": ["Content-Type", "apikey"],
        "accessControlAllowMethods": ["GET", "POST"],
    }
    lists |= {name: changes.pop(name) for name in list(changes) if isinstance(changes[name], list)}
    config = {name: {"items": items} for name, items in lists.items()}
    return {"corsConfig": {**config, "accessControlAllowCredentials": False, "originOverride": True, **changes}}


async def with_policy(edge: Edge, origin: Origin, policy: dict[str, Any], **default: Any) -> None:
    await edge.must_put("responseHeadersPolicy", "r", {"name": "r", **policy})
    await configure(edge, origin, default={"responseHeadersPolicyId": "r", **default})


async def test_headers_are_removed_and_set_on_misses_hits_and_errors(edge: Edge, origin: Origin) -> None:
    given = {"Cache-Control": "max-age=60", "Cache-Tag": "a", "X-Kong-Any": "1", "X-Keep": "origin"}
    origin.answers = [web.Response(text="x", headers=given), web.Response(status=404, headers=given)]
    items = [("Cache-Control", "private, no-store", True), ("X-Keep", "policy", False), ("X-New", "1", False)]
    custom = [{"header": header, "value": value, "override": override} for header, value, override in items]
    policy = {
        "customHeadersConfig": {"items": custom},
        "removeHeadersConfig": {"items": [{"header": "cache-tag"}, {"header": "X-Kong-Any"}]},
    }
    await with_policy(edge, origin, policy)
    for target, result in (("/a", "Miss"), ("/a", "Hit"), ("/b", "Error"), ("/b", "Error")):
        found = await edge.send(target)
        assert found.x_cache == result
        assert found.headers["Cache-Control"] == "private, no-store"
        assert (found.headers["X-Keep"], found.headers["X-New"]) == ("origin", "1")
        assert not {"Cache-Tag", "X-Kong-Any"} & set(found.headers)
    assert (await edge.send("/a", "POST")).headers["X-New"] == "1"


async def test_the_policy_changes_nothing_that_is_stored(edge: Edge, origin: Origin) -> None:
    policy = {"removeHeadersConfig": {"items": [{"header": "Cache-Control"}]}}
    await with_policy(edge, origin, policy)
    await edge.send("/a")
    assert next(iter(edge.store)).headers["Cache-Control"] == "max-age=60"
    await configure(edge, origin)
    assert (await edge.send("/a")).headers["Cache-Control"] == "max-age=60"


async def test_a_response_of_the_function_gets_the_policy_too(edge: Edge, origin: Origin) -> None:
    await edge.must_put(
        "responseHeadersPolicy",
        "r",
        {"securityHeadersConfig": {"contentTypeOptions": {"override": True}}},
    )
    code = "function handler() { return {statusCode: 400}; }"
    await with_function(edge, origin, code, default={"responseHeadersPolicyId": "r"})
    assert (await edge.send("/a")).headers["X-Content-Type-Options"] == "nosniff"


async def test_security_headers(edge: Edge, origin: Origin) -> None:
    transport = {"accessControlMaxAgeSec": 63072000, "includeSubdomains": True, "preload": True, "override": True}
    config = {
        "strictTransportSecurity": transport,
        "contentTypeOptions": {"override": True},
        "frameOptions": {"frameOption": "DENY", "override": True},
        "referrerPolicy": {"referrerPolicy": "no-referrer", "override": True},
        "contentSecurityPolicy": {"contentSecurityPolicy": "default-src 'none'", "override": True},
        "xssProtection": {"protection": True, "modeBlock": True, "override": True},
    }
    await with_policy(edge, origin, {"securityHeadersConfig": config})
    headers = (await edge.send("/a")).headers
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert headers["X-XSS-Protection"] == "1; mode=block"


@pytest.mark.parametrize(
    ("policy", "sent", "allowed"),
    [
        ({}, "https://app.example.com", "https://app.example.com"),
        ({}, "https://a.example.org", "https://a.example.org"),
        ({}, "http://a.example.org", None),
        ({}, "https://evil.example.net", None),
        ({}, None, None),
        ({"accessControlAllowOrigins": ["*"]}, "https://any.example.net", "*"),
        (
            {"accessControlAllowOrigins": ["*"], "accessControlAllowCredentials": True},
            "https://any.example.net",
            "https://any.example.net",
        ),
        ({"accessControlAllowOrigins": ["app.example.com"]}, "http://app.example.com", "http://app.example.com"),
    ],
)
async def test_cors_origins(
    edge: Edge, origin: Origin, policy: dict[str, Any], sent: str | None, allowed: str | None
) -> None:
    await with_policy(edge, origin, cors(accessControlExposeHeaders=["X-Cache"], **policy))
    found = await edge.send("/a", headers={"Origin": sent} if sent else {})
    assert found.headers.get("Access-Control-Allow-Origin") == allowed
    assert found.headers.get("Access-Control-Expose-Headers") == ("X-Cache" if allowed else None)
    assert ("Access-Control-Allow-Credentials" in found.headers) == ("accessControlAllowCredentials" in policy)


async def test_a_preflight_gets_methods_and_headers(edge: Edge, origin: Origin) -> None:
    policy = cors(accessControlMaxAgeSec=600)
    await with_policy(edge, origin, policy, cachePolicyId=CACHING_DISABLED, allowedMethods=ALL_METHODS)
    asked = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
    headers = (await edge.send("/a", "OPTIONS", headers=asked)).headers
    assert headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert headers["Access-Control-Allow-Headers"] == "Content-Type, apikey"
    assert headers["Access-Control-Max-Age"] == "600"


@pytest.mark.parametrize(("override", "allowed"), [(True, "https://app.example.com"), (False, "*")])
async def test_cors_of_the_origin(edge: Edge, origin: Origin, override: bool, allowed: str) -> None:
    origin.answers = [web.Response(text="x", headers={"Access-Control-Allow-Origin": "*"})]
    await with_policy(edge, origin, cors(originOverride=override))
    found = await edge.send("/a", headers={"Origin": "https://app.example.com"})
    assert found.headers.getall("Access-Control-Allow-Origin") == [allowed]


async def test_vary_keeps_only_what_the_origin_can_have_seen(edge: Edge, origin: Origin) -> None:
    origin.answers = [web.Response(text="x", headers={"Vary": "Origin, Accept-Encoding, X-Any"})]
    await configure(edge, origin)
    assert (await edge.send("/a")).headers["Vary"] == "Accept-Encoding"
