"""Hits, stale answers, revalidation, error caching, memory and what is never stored."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.edge.running import Edge, Origin, answer, cache_policy, configure, running_edge


async def test_a_second_request_is_a_hit_with_its_age(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    first, second = await edge.send("/a"), await edge.send("/a")
    assert (first.x_cache, "Age" in first.headers, first.body) == ("Miss", False, b"answer 1")
    assert (second.x_cache, second.headers["Age"], second.body) == ("Hit", "0", b"answer 1")
    edge.age(7)
    assert (await edge.send("/a")).headers["Age"] == "7"
    assert len(origin.received) == 1


async def test_cloudfronts_own_headers(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    for _ in range(2):
        found = await edge.send("/a")
        assert found.headers["Via"] == "1.1 local.cloudfront.net (CloudFront)"
        assert found.headers["X-Amz-Cf-Pop"] == "LOCAL1-P1"
        assert len(found.headers["X-Amz-Cf-Id"]) == 56


async def test_an_expired_answer_is_fetched_again(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    await edge.send("/a")
    edge.age(61)
    found = await edge.send("/a")
    assert (found.x_cache, found.body) == ("Miss", b"answer 2")


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache_Control": "no-store"},
        {"Cache_Control": "private, max-age=60"},
        {"Cache_Control": "no-cache"},
        {"Cache_Control": "max-age=60, s-maxage=0"},
        {"Cache_Control": "max-age=60", "Vary": "*"},
        {},
    ],
)
async def test_what_is_not_to_be_stored_is_not(edge: Edge, origin: Origin, headers: dict[str, Any]) -> None:
    origin.answers = [answer(**headers)]
    await configure(edge, origin)
    assert [(await edge.send("/a")).x_cache for _ in range(2)] == ["Miss", "Miss"]
    assert len(edge.store) == 0


async def test_a_minimum_ttl_stores_even_what_says_no_store(edge: Edge, origin: Origin) -> None:
    origin.answers = [answer(Cache_Control="no-store")]
    await configure(edge, origin, cache_policy(minTtl=5, defaultTtl=5))
    assert [(await edge.send("/a")).x_cache for _ in range(2)] == ["Miss", "Hit"]


async def test_a_revalidated_answer_is_a_refresh_hit(edge: Edge, origin: Origin) -> None:
    validators: dict[str, Any] = {"ETag": '"1"', "Last_Modified": "Sat, 01 Jan 2022 00:00:00 GMT"}
    origin.answers = [
        answer(text="one", Cache_Control="max-age=10", **validators),
        answer(304, "", Cache_Control="max-age=20", X_New="1"),
        answer(text="two", Cache_Control="max-age=10"),
    ]
    await configure(edge, origin)
    await edge.send("/a")
    edge.age(11)
    found = await edge.send("/a")
    assert (found.status, found.x_cache, found.body, found.headers["X-New"]) == (200, "RefreshHit", b"one", "1")
    asked = origin.received[1].headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"1"', "Sat, 01 Jan 2022 00:00:00 GMT")
    edge.age(19)
    assert (await edge.send("/a")).x_cache == "Hit"
    edge.age(2)
    assert (await edge.send("/a")).body == b"two"


async def test_a_304_that_forbids_storing_ends_the_stored_answer(edge: Edge, origin: Origin) -> None:
    origin.answers = [
        answer(Cache_Control="max-age=10, stale-if-error=100", ETag='"1"'),
        answer(304, "", Cache_Control="no-store"),
        answer(503, "down"),
    ]
    await configure(edge, origin)
    await edge.send("/a")
    edge.age(11)
    assert (await edge.send("/a")).status == 200
    assert (await edge.send("/a")).status == 503


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": '"1"'}, 304),
        ({"If-None-Match": 'W/"0", W/"1"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"2"'}, 200),
        ({"If-Modified-Since": "Sat, 01 Jan 2022 00:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Fri, 31 Dec 2021 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-None-Match": '"2"', "If-Modified-Since": "Sat, 01 Jan 2022 00:00:00 GMT"}, 200),
        ({"Range": "bytes=0-0"}, 200),
    ],
)
async def test_conditions_of_a_viewer_are_answered_from_the_stored_answer(
    edge: Edge, origin: Origin, headers: dict[str, str], status: int
) -> None:
    origin.answers = [
        answer(text="one", Cache_Control="max-age=9", ETag='"1"', Last_Modified="Sat, 01 Jan 2022 00:00:00 GMT")
    ]
    await configure(edge, origin)
    for _ in range(2):
        found = await edge.send("/a", headers=headers)
        assert (found.status, found.body) == (status, b"" if status == 304 else b"one")
    assert not {"If-None-Match", "If-Modified-Since", "Range"} & set(origin.received[0].headers)


async def test_stale_while_revalidate_serves_at_once_and_asks_once(edge: Edge, origin: Origin) -> None:
    origin.cache_control = "max-age=10, stale-while-revalidate=20"
    await configure(edge, origin)
    await edge.send("/a")
    edge.age(11)
    found = await edge.send("/a")
    assert (found.x_cache, found.body) == ("Hit", b"answer 1")
    while len(origin.received) < 2 or next(iter(edge.store)).body != b"answer 2":
        await asyncio.sleep(0)
    assert (await edge.send("/a")).body == b"answer 2"
    assert len(origin.received) == 2


async def test_after_its_window_nothing_is_served_stale(edge: Edge, origin: Origin) -> None:
    origin.cache_control = "max-age=10, stale-while-revalidate=20"
    await configure(edge, origin)
    await edge.send("/a")
    edge.age(31)
    assert (await edge.send("/a")).body == b"answer 2"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(
    ("directive", "age", "served"),
    [("", 100, True), (", stale-if-error=50", 59, True), (", stale-if-error=50", 61, False)]
    + [(", stale-if-error=0", 11, False)],
)
async def test_stale_if_error(edge: Edge, origin: Origin, status: int, directive: str, age: int, served: bool) -> None:
    origin.answers = [answer(text="one", Cache_Control=f"max-age=10{directive}"), answer(status, "down")]
    await configure(edge, origin)
    await edge.send("/a")
    edge.age(age)
    found = await edge.send("/a")
    assert (found.status, found.body) == ((200, b"one") if served else (status, b"down"))


async def test_without_the_directive_stale_is_served_no_longer_than_the_maximum_ttl(edge: Edge, origin: Origin) -> None:
    origin.answers = [answer(Cache_Control="max-age=10"), answer(503)]
    await configure(edge, origin, cache_policy(maxTtl=100))
    await edge.send("/a")
    edge.age(111)
    assert (await edge.send("/a")).status == 503


async def test_a_failing_origin_is_asked_again_after_the_error_ttl(edge: Edge, origin: Origin) -> None:
    origin.answers = [answer(text="one", Cache_Control="max-age=10, stale-if-error=100"), answer(503)]
    await configure(edge, origin, customErrorResponses=[{"errorCode": 503, "errorCachingMinTtl": 3}])
    await edge.send("/a")
    edge.age(11)
    for _ in range(3):
        assert (await edge.send("/a")).body == b"one"
    assert len(origin.received) == 2
    edge.age(3)
    assert (await edge.send("/a")).body == b"one"
    assert len(origin.received) == 3


async def test_a_4xx_replaces_the_stale_answer(edge: Edge, origin: Origin) -> None:
    origin.answers = [answer(Cache_Control="max-age=10"), answer(410, "gone"), answer(503, "down")]
    await configure(edge, origin)
    await edge.send("/a")
    edge.age(11)
    assert (await edge.send("/a")).body == b"gone"
    assert (await edge.send("/a")).body == b"down"


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(404, {}, 10), (414, {}, 10), (500, {}, 10), (501, {}, 10), (502, {}, 10), (503, {}, 10), (504, {}, 10)]
    + [(503, {"Cache_Control": "no-store"}, 10), (404, {"Cache_Control": "no-store"}, 0)]
    + [(404, {"Cache_Control": "max-age=30"}, 30), (403, {"Cache_Control": "max-age=30"}, 30)]
    + [(400, {}, 0), (403, {}, 0), (405, {}, 0), (412, {}, 0), (415, {}, 0)]
    + [(401, {"Cache_Control": "max-age=30"}, 0), (429, {"Cache_Control": "max-age=30"}, 0)],
)
async def test_errors_are_cached_as_documented(
    edge: Edge, origin: Origin, status: int, headers: dict[str, str], seconds: int
) -> None:
    origin.answers = [answer(status, **headers)]
    await configure(edge, origin)
    assert (await edge.send("/a")).x_cache == "Error"
    edge.age(max(seconds - 1, 0))
    assert ((await edge.send("/a")).status, len(origin.received)) == (status, 1 if seconds else 2)
    edge.age(2)
    await edge.send("/a")
    assert len(origin.received) == (2 if seconds else 3)


async def test_an_error_ttl_of_zero_caches_no_error(edge: Edge, origin: Origin) -> None:
    origin.answers = [answer(503), answer(text="up", Cache_Control="no-store")]
    await configure(edge, origin, customErrorResponses=[{"errorCode": 503, "errorCachingMinTtl": 0}])
    assert [(await edge.send("/a")).status for _ in range(2)] == [503, 200]


async def test_memory_is_bounded_and_the_least_recently_used_goes_first(origin: Origin) -> None:
    origin.answers = [answer(text="x" * 9_000, Cache_Control="max-age=60")]
    async with running_edge(capacity_bytes=64_000) as edge:
        await configure(edge, origin)
        for number in range(20):
            await edge.send(f"/{number}")
            assert (await edge.send("/0")).x_cache == "Hit"
            assert edge.store.size_bytes <= 64_000
        assert {one.key.path for one in edge.store} == {"/0", "/15", "/16", "/17", "/18", "/19"}


async def test_head_is_answered_from_a_stored_get_and_never_stored(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    assert (await edge.send("/a", "HEAD")).x_cache == "Miss"
    assert (await edge.send("/a")).body == b"answer 2"
    found = await edge.send("/a", "HEAD")
    assert (found.x_cache, found.body, found.headers["Content-Length"]) == ("Hit", b"", "8")
    edge.age(61)
    await edge.send("/a", "HEAD")
    assert [one.method for one in origin.received] == ["HEAD", "GET", "HEAD"]
    assert (await edge.send("/a")).body == b"answer 4"
