"""Invalidations of Media CDN and Cloud CDN by their REST calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from tests.edge.google.resources import cloud_cdn, media_cdn
from tests.edge.running import Edge, Origin

MEDIA_CDN = "/v1/projects/local-stand-in./locations/global/edgeCacheServices/models:invalidateCache"
CLOUD_CDN = "/compute/v1/projects/local-stand-in./global/urlMaps/models/invalidateCache"
HOSTS = {"/a": "one.example.com", "/b": "one.example.com", "/dir/a": "two.example.com", "/dir/b": "x.two.example.com"}
TAGS = {"/a": "model-1,Model-1@7", "/b": "model-2", "/dir/a": " model-1 , ,x", "/dir/b": ""}
Register = Callable[[Edge, Origin], Awaitable[None]]
BOTH = pytest.mark.parametrize(("register", "path"), [(media_cdn, MEDIA_CDN), (cloud_cdn, CLOUD_CDN)])


async def fill(edge: Edge, origin: Origin, register: Register) -> None:
    async def tagged(request: web.BaseRequest) -> web.StreamResponse:
        headers = {"Cache-Control": "max-age=60", "Cache-Tag": TAGS[request.raw_path.partition("?")[0]]}
        return web.Response(text="x", headers=headers)

    origin.answers = [tagged]
    await register(edge, origin)
    for target, host in HOSTS.items():
        await edge.send(f"{target}?q=1", headers={"Host": host})
    assert stored(edge) == set(HOSTS)


def stored(edge: Edge) -> set[str]:
    return {one.key.path for one in edge.store}


async def invalidate(edge: Edge, path: str, rule: Any) -> tuple[int, Any]:
    async with edge.session.post(f"{edge.admin}{path}", json=rule) as answer:
        return answer.status, await answer.json()


@BOTH
@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ({"path": "/a"}, {"/b", "/dir/a", "/dir/b"}),
        ({"path": "/dir/*"}, {"/a", "/b"}),
        ({"path": "/*"}, set()),
        ({"path": "/A"}, {"/a", "/b", "/dir/a", "/dir/b"}),
        ({"host": "one.example.com"}, {"/dir/a", "/dir/b"}),
        ({"host": "ONE.example.com", "path": "/a"}, {"/b", "/dir/a", "/dir/b"}),
        ({"host": "*.two.example.com"}, {"/a", "/b", "/dir/a"}),
        ({"cacheTags": ["model-1"]}, {"/b", "/dir/b"}),
        ({"cacheTags": ["Model-1@7", "model-2"]}, {"/dir/a", "/dir/b"}),
        ({"cacheTags": ["model-1@7"]}, {"/a", "/b", "/dir/a", "/dir/b"}),
        ({"cacheTags": ["model-1"], "path": "/dir/*"}, {"/a", "/b", "/dir/b"}),
        ({"cacheTags": ["status=200"], "host": "one.example.com"}, {"/dir/a", "/dir/b"}),
        ({"cacheTags": ["content-type=text/plain"]}, set()),
    ],
)
async def test_what_an_invalidation_removes(
    edge: Edge, origin: Origin, register: Register, path: str, rule: dict[str, Any], left: set[str]
) -> None:
    await fill(edge, origin, register)
    status, _ = await invalidate(edge, path, rule)
    assert (status, stored(edge)) == (200, left)


async def test_media_cdn_has_a_tag_for_the_origin(edge: Edge, origin: Origin) -> None:
    await fill(edge, origin, media_cdn)
    await invalidate(edge, MEDIA_CDN, {"cacheTags": ["origin=other"]})
    assert len(edge.store) == 4
    await invalidate(edge, MEDIA_CDN, {"cacheTags": ["origin=gateway"]})
    assert len(edge.store) == 0


@BOTH
@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({}, "needs a host, a path or cacheTags"),
        ([], "must be an object"),
        ({"path": "a"}, "has the path a"),
        ({"path": "/a*"}, "has the path /a*"),
        ({"path": "/*/a"}, "has the path /*/a"),
        ({"path": "/a?q=1"}, "has the path /a?q=1"),
        ({"host": "one.*"}, "has the host one.*"),
        ({"cacheTags": [str(number) for number in range(11)]}, "has 11 cacheTags; at most 10"),
        ({"cacheTags": "model-1"}, "cacheTags must be a list of strings"),
        ({"tags": ["model-1"]}, "has tags: the local edge does not serve that"),
    ],
)
async def test_a_wrong_invalidation_is_refused_and_removes_nothing(
    edge: Edge, origin: Origin, register: Register, path: str, rule: Any, reason: str
) -> None:
    await fill(edge, origin, register)
    status, body = await invalidate(edge, path, rule)
    assert (status, reason in body["error"]["message"], len(edge.store)) == (400, True, 4), body


@BOTH
async def test_other_calls(edge: Edge, origin: Origin, register: Register, path: str) -> None:
    await register(edge, origin)
    status, body = await invalidate(edge, path.replace("models", "other"), {"path": "/*"})
    assert (status, body["error"]["status"]) == (404, "NOT_FOUND")
    async with edge.session.get(f"{edge.admin}{path}") as answer:
        assert answer.status == 405
    async with edge.session.post(f"{edge.admin}{path}", data=b"{") as answer:
        assert answer.status == 400


async def test_media_cdn_answers_with_nothing(edge: Edge, origin: Origin) -> None:
    await media_cdn(edge, origin)
    for path in (MEDIA_CDN, MEDIA_CDN.removeprefix("/v1")):
        assert await invalidate(edge, path, {"path": "/*"}) == (200, {})


async def test_compute_answers_with_a_finished_operation(edge: Edge, origin: Origin) -> None:
    await cloud_cdn(edge, origin)
    for path in (CLOUD_CDN, CLOUD_CDN.removeprefix("/compute/v1")):
        status, body = await invalidate(edge, path, {"path": "/*"})
        assert (status, body["status"], body["operationType"]) == (200, "DONE", "invalidateCache")


async def test_what_was_asked_for_before_an_invalidation_is_not_kept(edge: Edge, origin: Origin) -> None:
    async def purging(request: web.BaseRequest) -> web.StreamResponse:
        await invalidate(edge, MEDIA_CDN, {"path": "/*"})
        return web.Response(text="old", headers={"Cache-Control": "max-age=60"})

    origin.answers = [purging]
    await media_cdn(edge, origin)
    assert (await edge.send("/a")).body == b"old"
    assert len(edge.store) == 0
