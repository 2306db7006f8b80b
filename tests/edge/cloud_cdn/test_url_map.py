"""What a URL map does with a request, and what backend services add to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.edge.google.resources import (
    BACKEND_ID,
    PROJECT,
    URL_MAP_ID,
    backend,
    cloud_cdn,
    frontend,
    gateway,
    must_put,
    url_map,
)
from tests.edge.running import Edge, Origin

PLAIN_ID = f"{PROJECT}/global/backendServices/plain"
EMPTY_ID = f"{PROJECT}/global/backendServices/empty"


def method(name: str) -> dict[str, Any]:
    return {"headerName": ":method", "exactMatch": name}


async def with_rules(edge: Edge, origin: Origin, *rules: dict[str, Any], **changes: Any) -> None:
    """As cloud_cdn, with these route rules and a second backend service without Cloud CDN."""
    await gateway(edge, origin)
    await must_put(edge, PLAIN_ID, backend(name="plain", enableCdn=False, cdnPolicy=None))
    await must_put(edge, EMPTY_ID, {"name": "empty", "loadBalancingScheme": "EXTERNAL_MANAGED"})
    await frontend(edge, url_map(*rules, **changes))


async def test_rules_by_method_path_and_header(edge: Edge, origin: Origin) -> None:
    await with_rules(
        edge,
        origin,
        {"matchRules": [{"fullPathMatch": "/a", "headerMatches": [method("GET")]}], "service": BACKEND_ID},
        {"matchRules": [{"fullPathMatch": "/a", "headerMatches": [method("POST")]}], "service": PLAIN_ID},
    )
    found = [
        await edge.send(path, name) for path, name in (("/a", "GET"), ("/a", "POST"), ("/a", "PUT"), ("/b", "GET"))
    ]
    assert [(one.status, one.headers.get("X-Cache")) for one in found] == [
        (200, "miss"),
        (200, "disabled"),
        (404, None),
        (404, None),
    ]
    assert len(origin.received) == 2


async def test_the_lowest_priority_number_wins(edge: Edge, origin: Origin) -> None:
    everything = [{"prefixMatch": "/"}]
    await with_rules(
        edge,
        origin,
        {"matchRules": everything, "service": BACKEND_ID, "priority": 7},
        {"matchRules": everything, "service": PLAIN_ID, "priority": 3},
    )
    assert (await edge.send("/a")).headers["X-Cache"] == "disabled"


@pytest.mark.parametrize(
    ("path", "word"),
    [("/a", "disabled"), ("/a/b", "miss"), ("/a/b/c", "disabled"), ("/a/b/d/e", "miss"), ("/other", None)],
)
async def test_path_rules_by_the_longest_path(edge: Edge, origin: Origin, path: str, word: str | None) -> None:
    rules = [
        {"paths": ["/a", "/a/b/*"], "service": PLAIN_ID},
        {"paths": ["/a/b", "/a/b/d/*"], "service": BACKEND_ID},
    ]
    await with_rules(edge, origin, pathRules=rules, routeRules=None)
    assert (await edge.send(path)).headers.get("X-Cache") == word


async def test_hosts_choose_the_path_matcher(edge: Edge, origin: Origin) -> None:
    matcher = {"name": "one", "defaultService": BACKEND_ID}
    given = {"hostRules": [{"hosts": ["one.example.com"], "pathMatcher": "one"}], "pathMatchers": [matcher]}
    await cloud_cdn(edge, origin, url_map={**given, "defaultUrlRedirect": {"hostRedirect": "one.example.com"}})
    found = [await edge.send("/a?b=c", headers={"Host": host}) for host in ("one.example.com:8003", "two.example.com")]
    assert [one.status for one in found] == [200, 301]
    assert found[1].headers["Location"] == "https://one.example.com/a?b=c"


async def test_without_a_default_and_without_a_backend(edge: Edge, origin: Origin) -> None:
    await with_rules(edge, origin, {"matchRules": [{"prefixMatch": "/empty"}], "service": EMPTY_ID})
    assert (await edge.send("/empty")).status == 502
    await must_put(edge, URL_MAP_ID, {"name": "models"})
    assert (await edge.send("/a")).status == 404
    assert origin.received == []


async def test_header_actions_from_the_inside_out_then_the_backend_services(edge: Edge, origin: Origin) -> None:
    def adds(value: str, replace: bool = False) -> dict[str, Any]:
        header = {"headerName": "X-Way", "headerValue": value, "replace": replace}
        return {"requestHeadersToAdds": [header], "responseHeadersToAdds": [header]}

    rule = {"matchRules": [{"prefixMatch": "/"}], "service": BACKEND_ID, "headerAction": adds("rule", True)}
    rule["headerAction"]["requestHeadersToRemoves"] = ["Authorization"]
    given = url_map(rule, headerAction=adds("matcher"))
    await cloud_cdn(
        edge,
        origin,
        backend(
            customRequestHeaders=["Host:kong.example.com", "X-Origin-Verify: s", "X-Gone:"],
            customResponseHeaders=["X-Cache:{cdn_cache_status}", "Cache-Tag:"],
        ),
        {**given, "headerAction": adds("map")},
    )
    found = await edge.send("/a", headers={"X-Way": "viewer", "Authorization": "x", "X-Gone": "x", "Cache-Tag": "x"})
    headers = origin.received[0].headers
    assert headers.getall("X-Way") == ["rule, matcher, map"] == found.headers.getall("X-Way")
    assert (headers["Host"], headers["X-Origin-Verify"]) == ("kong.example.com", "s")
    assert not {"Authorization", "X-Gone"} & set(headers)
    assert (found.headers["X-Cache"], found.headers["Via"]) == ("miss", "1.1 google")


@pytest.mark.parametrize(
    ("match", "rewrite", "target"),
    [
        ({"prefixMatch": "/v1/"}, {"pathPrefixRewrite": "/"}, "/digits?a=b"),
        ({"pathTemplateMatch": "/v1/{m=*}"}, {"pathTemplateRewrite": "/{m}/predict"}, "/digits/predict?a=b"),
        ({"prefixMatch": "/"}, {"hostRewrite": "kong.example.com"}, "/v1/digits?a=b"),
    ],
)
async def test_rewrites(
    edge: Edge, origin: Origin, match: dict[str, Any], rewrite: dict[str, Any], target: str
) -> None:
    await with_rules(edge, origin, {"matchRules": [match], "service": PLAIN_ID, "routeAction": {"urlRewrite": rewrite}})
    await edge.send("/v1/digits?a=b", headers={"Host": "one.example.com"})
    host = rewrite.get("hostRewrite", "one.example.com")
    assert (origin.received[0].target, origin.received[0].headers["Host"]) == (target, host)


async def test_cors_of_a_route(edge: Edge, origin: Origin) -> None:
    cors = {"allowOrigins": ["*"], "allowMethods": ["GET"], "allowHeaders": [], "maxAge": 60}
    await with_rules(
        edge,
        origin,
        {"matchRules": [{"prefixMatch": "/"}], "service": PLAIN_ID, "routeAction": {"corsPolicy": cors}},
    )
    asked = {"Origin": "https://a.example.com", "Access-Control-Request-Method": "GET"}
    preflight = await edge.send("/a", "OPTIONS", headers=asked)
    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"], origin.received) == (200, "*", [])
