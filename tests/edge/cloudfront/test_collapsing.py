"""Simultaneous requests: one answer for all that may share it, and nothing across an invalidation or a change."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from aiohttp import web

from tests.edge.running import Edge, Origin, cache_policy, configure


class Gate:
    """An origin handler that answers only when it is let go; `arrived` counts the requests that wait or waited."""

    def __init__(self, text: str = "gated", status: int = 200, cache_control: str = "max-age=60") -> None:
        self.arrived, self._open = 0, asyncio.Event()
        self._text, self._status, self._headers = text, status, {"Cache-Control": cache_control}

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.arrived += 1
        await self._open.wait()
        return web.Response(text=self._text, status=self._status, headers=self._headers)

    def open(self) -> None:
        self._open.set()

    async def reached(self, count: int) -> None:
        while self.arrived < count:
            await asyncio.sleep(0)


async def settled() -> None:
    """Let every request that is under way come as far as it can."""
    for _ in range(200):
        await asyncio.sleep(0)


async def test_simultaneous_requests_make_one_origin_request(edge: Edge, origin: Origin) -> None:
    gate = Gate()
    origin.answers = [gate]
    await configure(edge, origin)
    requests = [asyncio.create_task(edge.send("/a")) for _ in range(10)]
    await gate.reached(1)
    await settled()
    gate.open()
    answers = await asyncio.gather(*requests)
    assert len(origin.received) == 1
    assert {one.body for one in answers} == {b"gated"}
    assert sorted(one.x_cache for one in answers) == ["Hit"] * 9 + ["Miss"]


async def test_different_keys_do_not_wait_for_each_other(edge: Edge, origin: Origin) -> None:
    gate = Gate()
    origin.answers = [gate]
    await configure(edge, origin)
    requests = [asyncio.create_task(edge.send(f"/{number}")) for number in range(3)]
    await gate.reached(3)
    gate.open()
    await asyncio.gather(*requests)


@pytest.mark.parametrize("directive", ["no-store", "private", "no-cache", "max-age=0", "s-maxage=0, max-age=9"])
async def test_waiters_of_an_answer_that_may_not_be_shared_each_go_to_the_origin(
    edge: Edge, origin: Origin, directive: str
) -> None:
    gate = Gate(cache_control=directive)
    origin.answers = [gate]
    await configure(edge, origin)
    requests = [asyncio.create_task(edge.send("/a")) for _ in range(5)]
    await gate.reached(1)
    await settled()
    assert len(origin.received) == 1
    gate.open()
    assert {one.x_cache for one in await asyncio.gather(*requests)} == {"Miss"}
    assert len(origin.received) == 5


async def test_waiters_of_an_uncached_error_each_go_to_the_origin(edge: Edge, origin: Origin) -> None:
    gate = Gate(status=503, cache_control="no-store")
    origin.answers = [gate]
    await configure(edge, origin, customErrorResponses=[{"errorCode": 503, "errorCachingMinTtl": 0}])
    requests = [asyncio.create_task(edge.send("/a")) for _ in range(3)]
    await gate.reached(1)
    await settled()
    gate.open()
    await asyncio.gather(*requests)
    assert len(origin.received) == 3


async def test_nothing_is_collapsed_when_caching_is_off_or_cookies_are_forwarded(edge: Edge, origin: Origin) -> None:
    gate = Gate()
    origin.answers = [gate]
    await configure(edge, origin, cache_policy(cookies=["user"]))
    requests = [asyncio.create_task(edge.send("/a")) for _ in range(3)]
    await gate.reached(3)
    await configure(edge, origin, cache_policy(maxTtl=0))
    requests += [asyncio.create_task(edge.send("/b")) for _ in range(3)]
    await gate.reached(6)
    gate.open()
    await asyncio.gather(*requests)


async def test_a_viewer_that_leaves_takes_nothing_from_those_that_wait(edge: Edge, origin: Origin) -> None:
    gate = Gate()
    origin.answers = [gate]
    await configure(edge, origin)
    first = asyncio.create_task(edge.send("/a"))
    await gate.reached(1)
    second = asyncio.create_task(edge.send("/a"))
    await settled()
    first.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await first
    await settled()
    gate.open()
    assert (await second).body == b"gated"
    assert len(origin.received) == 1


async def test_an_answer_from_before_an_invalidation_is_neither_stored_nor_waited_for(
    edge: Edge, origin: Origin
) -> None:
    old, new = Gate("old"), Gate("new")
    origin.answers = [old, new]
    await configure(edge, origin)
    first = asyncio.create_task(edge.send("/a"))
    await old.reached(1)
    await edge.invalidate("/a")
    second = asyncio.create_task(edge.send("/a"))
    await new.reached(1)
    new.open()
    assert (await second).body == b"new"
    old.open()
    assert (await first).body == b"old"
    found = await edge.send("/a")
    assert (found.x_cache, found.body) == ("Hit", b"new")


async def test_a_request_keeps_the_configuration_that_it_began_with(edge: Edge, origin: Origin) -> None:
    gate = Gate()
    origin.answers = [gate]
    await edge.must_put("responseHeadersPolicy", "r", custom_header("one"))
    await configure(edge, origin, default={"responseHeadersPolicyId": "r"})
    request = asyncio.create_task(edge.send("/a"))
    await gate.reached(1)
    await edge.must_put("responseHeadersPolicy", "r", custom_header("two"))
    gate.open()
    assert (await request).headers["X-Custom"] == "one"
    assert (await edge.send("/a")).headers["X-Custom"] == "two"


def custom_header(value: str) -> dict[str, object]:
    return {"customHeadersConfig": {"items": [{"header": "X-Custom", "value": value, "override": True}]}}


async def test_a_changed_distribution_keeps_what_is_stored(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    await edge.send("/a")
    await configure(edge, origin, comment="changed", aliases=["other.example.com"])
    assert (await edge.send("/a")).x_cache == "Hit"
