"""Which route a request gets, and what a route does besides asking its origin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.edge.google.resources import media_cdn, route_rule
from tests.edge.running import Edge, Origin

REDIRECT = {"origin": None, "routeAction": None}


async def test_the_lowest_priority_number_that_fits_wins(edge: Edge, origin: Origin) -> None:
    marked = {"responseHeaderToAdds": [{"headerName": "X-Rule", "headerValue": "special"}]}
    special = [
        {"fullPathMatch": "/a", "headerMatches": [{"headerName": "x-b", "presentMatch": True}]},
        {"fullPathMatch": "/b"},
    ]
    rules = [route_rule(priority="10"), route_rule(priority="9", matchRules=special, headerAction=marked)]
    await media_cdn(edge, origin, *rules)
    found = [
        (await edge.send(path, headers=headers)).headers.get("X-Rule")
        for path, headers in (("/a", {}), ("/a", {"X-B": ""}), ("/b", {}), ("/c", {"X-B": "1"}))
    ]
    assert found == [None, "special", "special", None]


async def test_what_no_rule_or_no_host_is_for_is_a_404(edge: Edge, origin: Origin) -> None:
    await media_cdn(edge, origin, route_rule(matchRules=[{"fullPathMatch": "/a"}]), hosts=("one.example.com",))
    statuses = [
        (await edge.send(path, headers={"Host": host})).status
        for path, host in (("/a", "one.example.com"), ("/b", "one.example.com"), ("/a", "two.example.com"))
    ]
    assert statuses == [200, 404, 404]
    assert len(origin.received) == 1


@pytest.mark.parametrize(
    ("allowed", "statuses"),
    [(None, [200, 200, 200, 405]), (["GET", "POST"], [200, 405, 405, 200])],
)
async def test_methods(edge: Edge, origin: Origin, allowed: list[str] | None, statuses: list[int]) -> None:
    methods = {"routeMethods": {"allowedMethods": allowed}} if allowed else {}
    await media_cdn(edge, origin, route_rule(**methods))
    assert [(await edge.send("/a", method)).status for method in ("GET", "HEAD", "OPTIONS", "POST")] == statuses
    assert len(origin.received) == statuses.count(200) - 1 * (allowed is None)  # HEAD is answered from the stored GET


@pytest.mark.parametrize(
    ("redirect", "status", "location"),
    [
        ({"hostRedirect": "two.example.com"}, 301, "https://two.example.com/a/b?c=d"),
        ({"pathRedirect": "/x", "redirectResponseCode": "FOUND"}, 302, "https://one.example.com/x?c=d"),
        ({"prefixRedirect": "/x/", "stripQuery": True}, 301, "https://one.example.com/x/b"),
        (
            {"httpsRedirect": True, "redirectResponseCode": "PERMANENT_REDIRECT"},
            308,
            "https://one.example.com/a/b?c=d",
        ),
    ],
)
async def test_redirects(edge: Edge, origin: Origin, redirect: dict[str, Any], status: int, location: str) -> None:
    rule = route_rule(**REDIRECT, matchRules=[{"prefixMatch": "/a/"}], urlRedirect=redirect)
    await media_cdn(edge, origin, rule)
    found = await edge.send("/a/b?c=d", headers={"Host": "one.example.com"})
    assert (found.status, found.headers["Location"], origin.received) == (status, location, [])


@pytest.mark.parametrize(
    ("match", "rewrite", "target"),
    [
        ({"prefixMatch": "/v1/"}, {"pathPrefixRewrite": "/"}, "/digits/predict?a=b"),
        (
            {"pathTemplateMatch": "/v1/{model=*}/predict"},
            {"pathTemplateRewrite": "/models/{model}:predict"},
            "/models/digits:predict?a=b",
        ),
    ],
)
async def test_the_origin_gets_the_rewritten_path(
    edge: Edge, origin: Origin, match: dict[str, Any], rewrite: dict[str, Any], target: str
) -> None:
    await media_cdn(edge, origin, route_rule(matchRules=[match], action={"urlRewrite": rewrite}))
    await edge.send("/v1/digits/predict?a=b")
    assert origin.received[0].target == target


async def test_bodies_and_headers_of_more_than_16_kib_are_a_413(edge: Edge, origin: Origin) -> None:
    await media_cdn(edge, origin, route_rule(routeMethods={"allowedMethods": ["GET", "POST"]}))
    sizes = (16 * 1024, 16 * 1024 + 1)
    assert [(await edge.send("/a", "POST", body=b"x" * size)).status for size in sizes] == [200, 413]

    async def pieces() -> Any:
        for _ in range(17):
            yield b"x" * 1024

    assert (await edge.send("/a", "POST", body=pieces())).status == 413
    assert (await edge.send("/a", headers={"X-A": "x" * 8000, "X-B": "x" * 8400})).status == 413
    assert [len(one.body) for one in origin.received] == [16 * 1024]


async def test_cors_of_a_route(edge: Edge, origin: Origin) -> None:
    cors = {
        "allowOrigins": ["https://app.example.com"],
        "allowMethods": ["GET"],
        "allowHeaders": ["x-a"],
        "exposeHeaders": ["Age"],
        "maxAge": "600s",
    }
    await media_cdn(edge, origin, route_rule(action={"corsPolicy": cors}))
    asked = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "GET"}
    preflight = await edge.send("/a", "OPTIONS", headers=asked)
    assert (preflight.status, origin.received) == (200, [])
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert preflight.headers["Access-Control-Max-Age"] == "600"
    assert (await edge.send("/a", headers=asked)).headers["Access-Control-Expose-Headers"] == "Age"
    other = await edge.send("/a", headers={"Origin": "https://other.example.com"})
    assert "Access-Control-Allow-Origin" not in other.headers
