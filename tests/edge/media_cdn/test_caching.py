"""What Media CDN keeps and under which key, and what headers a route gives to requests and answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from tests.edge.google.resources import ORIGIN_ID, media_cdn, media_origin, must_put, route_rule
from tests.edge.running import Answer, Edge, Origin, listening

STATUS = {"responseHeaderToAdds": [{"headerName": "X-Cache", "headerValue": "{cdn_cache_status}", "replace": True}]}


def words(*answers: Answer) -> list[str]:
    return [one.headers["X-Cache"].partition(";")[2] for one in answers]


async def test_a_second_request_is_a_hit_with_its_age(edge: Edge, origin: Origin) -> None:
    await media_cdn(edge, origin, route_rule(headerAction=STATUS))
    first, second = await edge.send("/a"), await edge.send("/a")
    assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("local;miss", "local;hit")
    assert ("Age" in first.headers, second.headers["Age"], second.body) == (False, "0", b"answer 1")
    edge.age(7)
    assert (await edge.send("/a")).headers["Age"] == "7"
    edge.age(60)
    assert (await edge.send("/a")).body == b"answer 2"


async def test_answers_without_a_lifetime_and_bypassing_routes_are_not_kept(edge: Edge, origin: Origin) -> None:
    never = route_rule(
        priority="1", matchRules=[{"prefixMatch": "/never"}], cdn={"cacheMode": "BYPASS_CACHE"}, headerAction=STATUS
    )
    await media_cdn(edge, origin, never, route_rule(priority="2", headerAction=STATUS))
    assert words(*[await edge.send("/never") for _ in range(2)]) == ["uncacheable"] * 2
    origin.cache_control = "private, no-store"
    assert words(*[await edge.send("/a") for _ in range(2)]) == ["uncacheable"] * 2
    assert len(edge.store) == 0


async def test_a_post_is_never_kept(edge: Edge, origin: Origin) -> None:
    await media_cdn(edge, origin, route_rule(headerAction=STATUS, routeMethods={"allowedMethods": ["GET", "POST"]}))
    for number in (1, 2):
        assert (await edge.send("/a", "POST", body=b"x")).body == f"answer {number}".encode()
    assert len(edge.store) == 0


@pytest.mark.parametrize(
    ("policy", "same", "other"),
    [
        ({}, {"target": "/a?x=1&y=2"}, {"target": "/a?y=2&x=1"}),
        ({}, {"headers": {"X-A": "1"}}, {"headers": {"Host": "other.example.com"}}),
        ({"excludeHost": True}, {"headers": {"Host": "other.example.com"}}, {"target": "/b?x=1&y=2"}),
        ({"includedQueryParameters": ["x"]}, {"target": "/a?y=3&x=1"}, {"target": "/a?x=2&y=2"}),
        ({"excludedQueryParameters": ["x"]}, {"target": "/a?x=9&y=2"}, {"target": "/a?x=1&y=3"}),
        ({"excludeQueryString": True}, {"target": "/a"}, {"target": "/A"}),
        ({"includedHeaderNames": ["X-A"]}, {"headers": {"X-B": "1"}}, {"headers": {"X-A": ""}}),
        ({"includedCookieNames": ["a"]}, {"headers": {"Cookie": "b=1"}}, {"headers": {"Cookie": "b=1; a=1"}}),
    ],
)
async def test_what_is_in_the_key(
    edge: Edge, origin: Origin, policy: dict[str, Any], same: dict[str, Any], other: dict[str, Any]
) -> None:
    await media_cdn(edge, origin, route_rule(cdn={"cacheKeyPolicy": policy}, headerAction=STATUS))
    sent = [await edge.send(**{"target": "/a?x=1&y=2", **one}) for one in ({}, same, other)]
    assert words(*sent) == ["miss", "hit", "miss"]


async def test_request_headers_of_the_route_are_set_before_the_cache_is_asked(edge: Edge, origin: Origin) -> None:
    def rule(version: str) -> dict[str, Any]:
        action = {
            **STATUS,
            "requestHeaderToAdds": [
                {"headerName": "X-Model-Version", "headerValue": version, "replace": True},
                {"headerName": "X-List", "headerValue": "b"},
            ],
            "requestHeaderToRemoves": [{"headerName": "authorization"}],
        }
        return route_rule(cdn={"cacheKeyPolicy": {"includedHeaderNames": ["x-model-version"]}}, headerAction=action)

    await media_cdn(edge, origin, rule("1"))
    given = {"X-Model-Version": "mine", "Authorization": "Bearer x", "X-List": "a"}
    assert words(await edge.send("/a", headers=given), await edge.send("/a")) == ["miss", "hit"]
    headers = origin.received[0].headers
    assert (headers.getall("X-Model-Version"), headers.getall("X-List")) == (["1"], ["a, b"])
    assert "Authorization" not in headers
    await media_cdn(edge, origin, rule("2"))
    assert words(await edge.send("/a")) == ["miss"]


async def test_answer_headers_of_the_route_are_set_on_hits_too_and_not_stored(edge: Edge, origin: Origin) -> None:
    action = {
        "responseHeaderToAdds": [{"headerName": "Cache-Control", "headerValue": "private", "replace": True}],
        "responseHeaderToRemoves": [{"headerName": "cache-tag"}],
    }
    origin.answers = [web.Response(text="x", headers={"Cache-Control": "s-maxage=60", "Cache-Tag": "a"})]
    await media_cdn(edge, origin, route_rule(headerAction=action))
    for _ in range(2):
        found = await edge.send("/a")
        assert (found.headers["Cache-Control"], "Cache-Tag" in found.headers) == ("private", False)
        assert found.headers["Via"] == "1.1 google"
    assert len(origin.received) == 1


async def test_what_the_origin_gets(edge: Edge, origin: Origin) -> None:
    added = [{"headerName": "X-Origin-Verify", "headerValue": "s", "replace": True}]
    override = {"headerAction": {"requestHeadersToAdds": added}, "urlRewrite": {"hostRewrite": "kong.example.com"}}
    await media_cdn(edge, origin)
    await must_put(edge, ORIGIN_ID, media_origin(origin.port, originOverrideAction=override))
    await edge.send("/a?x=1", headers={"If-None-Match": "x", "Range": "bytes=0-1", "Cookie": "a=b", "TE": "trailers"})
    received = origin.received[0]
    assert received.target == "/a?x=1"
    assert (received.headers["Host"], received.headers["X-Origin-Verify"]) == ("kong.example.com", "s")
    assert (received.headers["Cookie"], received.headers["X-Forwarded-Proto"]) == ("a=b", "https")
    assert received.headers["X-Forwarded-For"] == "127.0.0.1"
    assert not {"If-None-Match", "Range", "TE"} & set(received.headers)


async def test_the_hosts_name_goes_to_the_origin_unless_the_route_rewrites_it(edge: Edge, origin: Origin) -> None:
    plain = route_rule(priority="2")
    rewrite = {"urlRewrite": {"hostRewrite": "kong.example.com"}}
    await media_cdn(edge, origin, plain, route_rule(matchRules=[{"fullPathMatch": "/r"}], action=rewrite))
    for path in ("/a", "/r"):
        await edge.send(path, headers={"Host": "one.example.com"})
    assert [one.headers["Host"] for one in origin.received] == ["one.example.com", "kong.example.com"]


async def test_simultaneous_requests_are_one_at_the_origin(edge: Edge, origin: Origin) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        arrived.set()
        await go.wait()
        return web.Response(text="x", headers={"Cache-Control": "max-age=60"})

    origin.answers = [slow]
    await media_cdn(edge, origin, route_rule(headerAction=STATUS))
    first = asyncio.create_task(edge.send("/a"))
    await arrived.wait()
    others = [asyncio.create_task(edge.send("/a")) for _ in range(5)]
    await asyncio.sleep(0)
    go.set()
    assert words(await first, *[await one for one in others]) == ["miss"] + ["hit"] * 5
    assert len(origin.received) == 1


async def test_variants_are_kept_side_by_side(edge: Edge, origin: Origin) -> None:
    async def varied(request: web.BaseRequest) -> web.StreamResponse:
        headers = {"Cache-Control": "max-age=60", "Vary": "Origin"}
        return web.Response(text=request.headers.get("Origin", "none"), headers=headers)

    origin.answers = [varied]
    await media_cdn(edge, origin, route_rule(headerAction=STATUS))
    asked: list[dict[str, str]] = [{}, {"Origin": "https://a"}, {"Origin": "https://b"}, {"Origin": "https://a"}, {}]
    found = [await edge.send("/a", headers=headers) for headers in asked]
    assert [one.body.decode() for one in found] == ["none", "https://a", "https://b", "https://a", "none"]
    assert words(*found) == ["miss", "miss", "miss", "hit", "hit"]


async def test_an_expired_answer_is_revalidated_and_never_served_stale(edge: Edge, origin: Origin) -> None:
    headers = {"Cache-Control": "max-age=60, stale-while-revalidate=600, stale-if-error=600", "ETag": '"1"'}
    origin.answers = [
        web.Response(text="one", headers=headers),
        web.Response(status=304, headers=headers),
        web.Response(status=500, text="broken"),
    ]
    await media_cdn(edge, origin, route_rule(headerAction=STATUS))
    await edge.send("/a")
    edge.age(61)
    again = await edge.send("/a")
    assert (words(again), again.body) == (["revalidated"], b"one")
    assert origin.received[1].headers["If-None-Match"] == '"1"'
    edge.age(61)
    assert (await edge.send("/a")).status == 500


async def test_errors_are_kept_as_the_policy_says(edge: Edge, origin: Origin) -> None:
    negative = {"negativeCaching": True, "negativeCachingPolicy": {"500": "5s", "502": "2s"}}
    origin.answers = [web.Response(status=500, text="broken")]
    await media_cdn(edge, origin, route_rule(cdn=negative, headerAction=STATUS))
    assert words(*[await edge.send("/a") for _ in range(2)]) == ["miss", "hit"]
    edge.age(6)
    assert words(await edge.send("/a")) == ["miss"]
    origin.answers = [web.Response(status=404, text="nowhere")]
    assert words(*[await edge.send("/b") for _ in range(2)]) == ["uncacheable"] * 2


async def test_an_origin_that_is_not_there_is_a_502_and_one_that_is_slow_a_504(edge: Edge, origin: Origin) -> None:
    async def never(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    await media_cdn(edge, origin)
    async with listening(never) as port:
        timeout = {"connectTimeout": "1s", "readTimeout": "30s", "responseTimeout": "120s"}
        await must_put(edge, ORIGIN_ID, media_origin(port, timeout=timeout))
        assert (await edge.send("/a")).status == 504
    assert (await edge.send("/b")).status == 502


async def test_a_viewers_condition_is_answered_from_the_store(edge: Edge, origin: Origin) -> None:
    origin.answers = [web.Response(text="x", headers={"Cache-Control": "max-age=60", "ETag": '"1"'})]
    await media_cdn(edge, origin)
    await edge.send("/a")
    found = await edge.send("/a", headers={"If-None-Match": '"1"'})
    assert (found.status, found.body) == (304, b"")
