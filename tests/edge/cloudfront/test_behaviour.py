"""Which distribution and behaviour a request gets, and what a behaviour does not let through."""

from __future__ import annotations

from typing import Any

import pytest

from local.edge.cloudfront.behaviour import normalised_path, path_pattern
from tests.edge.running import (
    ALL_METHODS,
    CACHING_DISABLED,
    Edge,
    Origin,
    behaviour,
    cache_policy,
    configure,
    distribution,
)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", "/", True),
        ("/v1/predict", "/v1/predict", True),
        ("v1/predict", "/v1/predict", True),
        ("/v1/predict", "/v1/predict/", False),
        ("/v1/predict", "/V1/predict", False),
        ("/v1/predict", "/v1/predictx", False),
        ("/v1/*", "/v1/a/b", True),
        ("/v1/*", "/v1", False),
        ("*.jpg", "/a/b.jpg", True),
        ("*.jpg", "/a/b.JPG", False),
        ("/a??.jpg", "/ant.jpg", True),
        ("/a??.jpg", "/at.jpg", False),
        ("/a.b", "/axb", False),
        ("/a+b(c)", "/a+b(c)", True),
    ],
)
def test_path_patterns(pattern: str, path: str, matches: bool) -> None:
    assert bool(path_pattern(pattern).fullmatch(path)) == matches


@pytest.mark.parametrize(
    ("path", "normalised"),
    [
        ("/", "/"),
        ("/a/b", "/a/b"),
        ("/a/", "/a/"),
        ("//a///b", "/a/b"),
        ("/./a/./b/.", "/a/b/"),
        ("/x/../a", "/a"),
        ("/../../a", "/a"),
        ("/a/..", "/"),
        ("/%61/%7e%5F%2d%2E", "/a/~_-."),
        ("/%2e%2e/a", "/a"),
        ("/a%2Fb%20%2525", "/a%2Fb%20%2525"),
    ],
)
def test_paths_are_normalised_for_the_choice_of_a_behaviour(path: str, normalised: str) -> None:
    assert normalised_path(path) == normalised


async def with_behaviours(edge: Edge, origin: Origin, **changes: Any) -> None:
    await edge.must_put("cachePolicy", "policy", cache_policy())
    ordered = [
        behaviour(pathPattern="/v1/model", allowedMethods=ALL_METHODS),
        behaviour(pathPattern="/v1/*", allowedMethods=["GET", "HEAD", "OPTIONS"]),
    ]
    default = behaviour(cachePolicyId=CACHING_DISABLED)
    inputs = distribution(origin.port, default, orderedCacheBehaviors=ordered, **changes)
    await edge.must_put("distribution", "E1", inputs, domainName="d1.cloudfront.net")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/model", 200),
        ("POST", "/v1/%6dodel", 200),
        ("POST", "/v1//model", 200),
        ("POST", "/x/../v1/model", 200),
        ("POST", "/v1/other", 403),
        ("OPTIONS", "/v1/other", 200),
        ("OPTIONS", "/other", 403),
        ("HEAD", "/other", 200),
        ("TRACE", "/v1/model", 403),
        ("PURGE", "/v1/model", 403),
    ],
)
async def test_methods_of_the_first_behaviour_that_matches(
    edge: Edge, origin: Origin, method: str, path: str, status: int
) -> None:
    await with_behaviours(edge, origin)
    assert (await edge.send(path, method)).status == status
    assert [one.target for one in origin.received] == ([path] if status == 200 else [])


async def test_only_a_behaviour_with_a_caching_policy_caches(edge: Edge, origin: Origin) -> None:
    await with_behaviours(edge, origin)
    for path, result in (("/v1/model", "Hit"), ("/v1/a", "Hit"), ("/v2", "Miss")):
        await edge.send(path)
        assert (await edge.send(path)).x_cache == result


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_get_with_a_body_is_a_403(edge: Edge, origin: Origin, chunked: bool) -> None:
    await configure(edge, origin)

    async def pieces() -> Any:
        yield b"x"

    found = await edge.send("/a", body=pieces() if chunked else b"x")
    assert (found.status, found.x_cache, origin.received) == (403, "Error", [])


async def test_the_longest_url_and_request(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    host = "d1.cloudfront.net"
    longest = 8192 - len(f"https://{host}/?")
    assert (await edge.send("/?" + "x" * longest, headers={"Host": host})).status == 200
    assert (await edge.send("/?" + "x" * (longest + 1), headers={"Host": host})).status == 413
    headers = {f"X-{number}": "x" * 5000 for number in range(4)}
    assert (await edge.send("/", headers={"Host": host, **headers})).status == 200
    assert (await edge.send("/", headers={"Host": host, **headers, "X-5": "x" * 500})).status == 413


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("one.example.com", 200),
        ("ONE.example.com:8003", 200),
        ("any.example.org", 200),
        ("d1.cloudfront.net", 200),
        ("deep.any.example.org", 403),
        ("other.example.com", 403),
        ("off.example.com", 403),
    ],
)
async def test_the_host_chooses_the_distribution(edge: Edge, origin: Origin, host: str, status: int) -> None:
    await configure(edge, origin, aliases=["one.example.com", "*.example.org"])
    off = distribution(origin.port, aliases=["off.example.com"], enabled=False)
    await edge.must_put("distribution", "E2", off, domainName="d2.cloudfront.net")
    assert (await edge.send("/a", headers={"Host": host})).status == status


async def test_a_single_distribution_takes_every_host(edge: Edge, origin: Origin) -> None:
    assert (await edge.send("/a")).status == 403
    await configure(edge, origin)
    assert (await edge.send("/a", headers={"Host": "anything"})).status == 200


async def test_a_body_that_waits_for_leave_gets_it(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin, default={"allowedMethods": ALL_METHODS})
    async with edge.session.post(f"{edge.proxy}/a", data=b"x" * 100, expect100=True) as answer:
        assert answer.status == 200
    assert origin.received[0].body == b"x" * 100


async def test_a_target_without_a_path_is_a_400(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin, default={"allowedMethods": ALL_METHODS})
    reply = await edge.send_raw(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 400")


async def test_an_absolute_target_is_its_path(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    await edge.send_raw(b"GET http://x.example.com/a/b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert origin.received[0].target == "/a/b"
