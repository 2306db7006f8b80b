"""What Cloud CDN keeps and under which key, with the key made before or after the URL map's changes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from tests.edge.google.resources import BACKEND_ID, backend, cloud_cdn, must_put, url_map
from tests.edge.running import Answer, Edge, Origin, listening, running_edge

SIGNING_KEY = bytes(range(16))


@pytest_asyncio.fixture(params=[False, True], ids=["key-after-url-map", "key-before-url-map"])
async def either_edge(request: pytest.FixtureRequest) -> AsyncIterator[Edge]:
    async with running_edge(keys_before_url_map=request.param) as running:
        yield running


def words(*answers: Answer) -> list[str]:
    return [one.headers["X-Cache"] for one in answers]


def keyed(**policy: Any) -> dict[str, Any]:
    return backend(cdn={"cacheKeyPolicy": policy})


async def test_a_second_request_is_a_hit_with_its_age(edge: Edge, origin: Origin) -> None:
    await cloud_cdn(edge, origin)
    first, second = await edge.send("/a"), await edge.send("/a")
    assert (words(first, second), first.body == second.body) == (["miss", "hit"], True)
    edge.age(7)
    assert (await edge.send("/a")).headers["Age"] == "7"
    edge.age(60)
    assert words(await edge.send("/a")) == ["miss"]


@pytest.mark.parametrize(
    ("service", "word"),
    [
        (backend(enableCdn=False, cdnPolicy=None), "disabled"),
        (backend(cdn={"bypassCacheOnRequestHeaders": [{"headerName": "X-Cache-Bypass"}]}), "uncacheable"),
    ],
)
async def test_what_is_not_kept(edge: Edge, origin: Origin, service: dict[str, Any], word: str) -> None:
    await cloud_cdn(edge, origin, service)
    sent = [await edge.send("/a", headers={"x-cache-bypass": "1"}) for _ in range(2)]
    assert (words(*sent), len(edge.store)) == ([word] * 2, 0)
    assert [one.body for one in sent] == [b"answer 1", b"answer 2"]


async def test_a_bypass_leaves_what_is_stored(edge: Edge, origin: Origin) -> None:
    await cloud_cdn(edge, origin, backend(cdn={"bypassCacheOnRequestHeaders": [{"headerName": "X-Cache-Bypass"}]}))
    found = [await edge.send("/a", headers=headers) for headers in ({}, {"X-Cache-Bypass": ""}, {})]
    assert [one.body for one in found] == [b"answer 1", b"answer 2", b"answer 1"]


@pytest.mark.parametrize(
    ("service", "same", "other"),
    [
        (keyed(), {"headers": {"X-A": "1"}}, {"headers": {"Host": "other.example.com"}}),
        (keyed(includeHost=False), {"headers": {"Host": "other.example.com"}}, {"target": "/a?y=2&x=1"}),
        (keyed(queryStringWhitelists=["x"]), {"target": "/a?y=3&x=1"}, {"target": "/a?x=2&y=2"}),
        (keyed(queryStringBlacklists=["x"]), {"target": "/a?x=9&y=2"}, {"target": "/a?x=1&y=3"}),
        (keyed(includeQueryString=False), {"target": "/a"}, {"target": "/A"}),
        (keyed(includeHttpHeaders=["X-A"]), {"headers": {"X-B": "1"}}, {"headers": {"X-A": ""}}),
        (keyed(includeNamedCookies=["a"]), {"headers": {"Cookie": "b=1"}}, {"headers": {"Cookie": "a=1"}}),
    ],
)
async def test_what_is_in_the_key(
    edge: Edge, origin: Origin, service: dict[str, Any], same: dict[str, Any], other: dict[str, Any]
) -> None:
    await cloud_cdn(edge, origin, service)
    sent = [await edge.send(**{"target": "/a?x=1&y=2", **one}) for one in ({}, same, other)]
    assert words(*sent) == ["miss", "hit", "miss"]


async def test_headers_of_the_backend_service_are_in_the_key(either_edge: Edge, origin: Origin) -> None:
    def service(version: str) -> dict[str, Any]:
        policy = {"cacheKeyPolicy": {"includeHttpHeaders": ["x-model-version"]}}
        return backend(cdn=policy, customRequestHeaders=[f"X-Model-Version:{version}"])

    await cloud_cdn(either_edge, origin, service("1"))
    given = {"X-Model-Version": "mine"}
    assert words(await either_edge.send("/a"), await either_edge.send("/a", headers=given)) == ["miss", "hit"]
    await must_put(either_edge, BACKEND_ID, service("2"))
    assert words(await either_edge.send("/a")) == ["miss"]
    assert [one.headers["X-Model-Version"] for one in origin.received] == ["1", "2"]


async def test_whether_the_url_maps_changes_are_in_the_key(either_edge: Edge, origin: Origin) -> None:
    action = {"requestHeadersToAdds": [{"headerName": "X-A", "headerValue": "map", "replace": True}]}
    rewrite = {"urlRewrite": {"pathTemplateRewrite": "/same"}}
    rule = {
        "matchRules": [{"pathTemplateMatch": "/{any=*}"}],
        "service": BACKEND_ID,
        "headerAction": action,
        "routeAction": rewrite,
    }
    await cloud_cdn(either_edge, origin, keyed(includeHttpHeaders=["x-a"]), url_map(rule))
    await either_edge.send("/a")
    sent = [await either_edge.send(path, headers={"X-A": value}) for path, value in (("/b", "map"), ("/a", "viewer"))]
    [stored, *_] = list(either_edge.store)
    after = stored.key.path == "/same"
    assert words(*sent) == (["hit", "hit"] if after else ["miss", "miss"])
    assert {one.target for one in origin.received} == {"/same"}
    assert {one.headers["X-A"] for one in origin.received} == {"map"}


async def test_a_stale_answer_is_served_while_it_is_fetched_again(edge: Edge, origin: Origin) -> None:
    await cloud_cdn(edge, origin, backend(cdn={"serveWhileStale": 100}))
    await edge.send("/a")
    edge.age(61)
    stale = await edge.send("/a")
    assert (words(stale), stale.body) == (["stale"], b"answer 1")
    while len(origin.received) < 2 or not next(iter(edge.store)).is_fresh:
        await asyncio.sleep(0.01)
    assert (await edge.send("/a")).body == b"answer 2"


async def test_a_stale_answer_is_served_when_the_origin_fails(edge: Edge, origin: Origin) -> None:
    origin.answers = [
        web.Response(text="good", headers={"Cache-Control": "max-age=60, stale-while-revalidate=100"}),
        web.Response(status=503, text="broken"),
    ]
    await cloud_cdn(edge, origin)
    await edge.send("/a")
    edge.age(61)
    for _ in range(2):
        assert (await edge.send("/a")).body == b"good"
    edge.age(100)
    assert (await edge.send("/a")).status == 503


async def test_nothing_stale_is_served_with_serve_while_stale_0(edge: Edge, origin: Origin) -> None:
    origin.answers = [web.Response(text="good", headers={"Cache-Control": "max-age=60"}), web.Response(status=503)]
    await cloud_cdn(edge, origin)
    await edge.send("/a")
    edge.age(61)
    assert (await edge.send("/a")).status == 503


@pytest.mark.parametrize("coalescing", [True, False])
async def test_simultaneous_requests_are_one_at_the_origin_with_coalescing(
    edge: Edge, origin: Origin, coalescing: bool
) -> None:
    arrived, go = asyncio.Semaphore(0), asyncio.Event()

    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        arrived.release()
        await go.wait()
        return web.Response(text="x", headers={"Cache-Control": "max-age=60"})

    origin.answers = [slow]
    await cloud_cdn(edge, origin, backend(cdn={"requestCoalescing": coalescing}))
    requests = [asyncio.create_task(edge.send("/a")) for _ in range(3)]
    for _ in range(1 if coalescing else 3):
        await arrived.acquire()
    go.set()
    await asyncio.gather(*requests)
    assert len(origin.received) == (1 if coalescing else 3)


async def test_errors_are_kept_as_the_policy_says(edge: Edge, origin: Origin) -> None:
    negative = {"negativeCaching": True, "negativeCachingPolicies": [{"code": 404, "ttl": 5}]}
    origin.answers = [web.Response(status=404, text="nowhere")]
    await cloud_cdn(edge, origin, backend(cdn=negative))
    assert words(*[await edge.send("/a") for _ in range(2)]) == ["miss", "hit"]
    edge.age(6)
    assert words(await edge.send("/a")) == ["miss"]


async def test_an_origin_that_is_slower_than_the_timeout_is_a_504(edge: Edge, origin: Origin) -> None:
    async def never(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    origin.answers = [never]
    await cloud_cdn(edge, origin, backend(timeoutSec=1))
    assert (await edge.send("/a")).status == 504


async def test_an_origin_that_is_not_there_is_a_502(edge: Edge, origin: Origin) -> None:
    async with listening(origin.handle) as port:
        pass
    gone = Origin(port=port)
    await cloud_cdn(edge, gone)
    assert (await edge.send("/a")).status == 502


# Signed URLs


def signed(target: str, expires: int, host: str = "one.example.com") -> str:
    text = f"{target}{'&' if '?' in target else '?'}Expires={expires}&KeyName=key"
    digest = hmac.new(SIGNING_KEY, f"https://{host}{text}".encode(), hashlib.sha1).digest()
    return f"{text}&Signature={base64.urlsafe_b64encode(digest).decode()}"


async def test_signed_urls_are_kept_without_their_signature_and_others_pass(edge: Edge, origin: Origin) -> None:
    await cloud_cdn(edge, origin, backend(cdn={"signedUrlCacheMaxAgeSec": 9}))
    key = {
        "name": "key",
        "backendService": BACKEND_ID,
        "keyValue": base64.urlsafe_b64encode(SIGNING_KEY).decode(),
    }
    await must_put(edge, f"{BACKEND_ID}/signedUrlKeys/key", key)
    origin.cache_control = "private, no-store"
    host, now = {"Host": "one.example.com"}, int(time.time())
    sent = [await edge.send(signed("/a?b=c", now + seconds), headers=host) for seconds in (600, 900)]
    assert words(*sent) == ["miss", "hit"]
    assert "Signature=" in origin.received[0].target
    assert words(await edge.send("/a?b=c", headers=host)) == ["uncacheable"]
    for wrong in (
        signed("/a?b=c", now - 5),
        signed("/b", now + 600, "two.example.com"),
        signed("/a?b=c", now + 600) + "&x=y",
        signed("/a?b=c", now + 600).replace("b=c", "b=e"),
        signed("/a", now + 600).replace("KeyName=key", "KeyName=other"),
    ):
        assert (await edge.send(wrong, headers=host)).status == 403
    assert len(origin.received) == 2
