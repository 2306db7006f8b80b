"""What makes two requests share an answer, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.edge.running import Edge, Origin, cache_policy, configure

WHITELISTS = {"query": ["input", "b"], "headers": ["X-Model-Version", "x-other"], "cookies": ["user"]}


async def results(edge: Edge, first: tuple[str, Any], second: tuple[str, Any]) -> str:
    await edge.send(first[0], headers=first[1])
    return (await edge.send(second[0], headers=second[1])).x_cache


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("/a?input=1", {}), ("/a?input=1", {})),
        (("/a?input=1", {}), ("/a?input=1&utm=5", {})),
        (("/a?input=1", {}), ("/a?x=0&input=1&&", {})),
        (("/a", {}), ("/a?utm=1", {})),
        (("/a", {}), ("/a", {"Host": "other.example.com"})),
        (("/a", {}), ("/a", {"User-Agent": "x", "Accept": "text/html", "Authorization": "Bearer x"})),
        (("/a", {}), ("/a", {"Cache-Control": "no-cache", "Pragma": "no-cache"})),
        (("/a", {"Cookie": "user=1"}), ("/a", {"Cookie": "theme=dark; user=1"})),
        (("/a", {"x-model-version": "1"}), ("/a", {"X-MODEL-VERSION": "1"})),
        (("/a", {}), ("/a", {"Accept-Encoding": "gzip"})),
    ],
)
async def test_equal_keys(edge: Edge, origin: Origin, first: Any, second: Any) -> None:
    await configure(edge, origin, cache_policy(**WHITELISTS))
    assert await results(edge, first, second) == "Hit"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("/a", {}), ("/A", {})),
        (("/a", {}), ("/a/", {})),
        (("/a", {}), ("/%61", {})),
        (("/a?input=1", {}), ("/a?input=2", {})),
        (("/a?input=1", {}), ("/a?Input=1", {})),
        (("/a?input=%41", {}), ("/a?input=A", {})),
        (("/a?input=1&b=2", {}), ("/a?b=2&input=1", {})),
        (("/a?input=1", {}), ("/a?input=1&input=1", {})),
        (("/a?input", {}), ("/a?input=", {})),
        (("/a", {"x-model-version": "1"}), ("/a", {"x-model-version": "2"})),
        (("/a", {}), ("/a", {"x-model-version": ""})),
        (("/a", {"x-model-version": "1"}), ("/a", {"x-other": "1"})),
        (("/a", {"Cookie": "user=1"}), ("/a", {"Cookie": "user=2"})),
        (("/a", {}), ("/a", {"Cookie": "user=2"})),
    ],
)
async def test_different_keys(edge: Edge, origin: Origin, first: Any, second: Any) -> None:
    await configure(edge, origin, cache_policy(**WHITELISTS))
    assert await results(edge, first, second) == "Miss"


@pytest.mark.parametrize(
    ("enabled", "sent", "normalised"),
    [
        ({"gzip": True, "brotli": True}, "gzip, deflate, br", "br,gzip"),
        ({"gzip": True, "brotli": True}, "gzip;q=0.5", "gzip"),
        ({"gzip": True, "brotli": True}, "BR", "br"),
        ({"gzip": True, "brotli": True}, "gzip;q=0, br", "br"),
        ({"gzip": True, "brotli": True}, "deflate", "identity"),
        ({"gzip": True}, "gzip, br", "gzip"),
        ({"brotli": True}, "gzip", "identity"),
        ({}, "gzip", None),
    ],
)
async def test_accept_encoding_is_normalised(
    edge: Edge, origin: Origin, enabled: dict[str, bool], sent: str, normalised: str | None
) -> None:
    await configure(edge, origin, cache_policy(**enabled))
    await edge.send("/a", headers={"Accept-Encoding": sent})
    assert origin.received[0].headers.get("Accept-Encoding") == normalised
    same = await edge.send(
        "/a", headers={"Accept-Encoding": normalised} if normalised not in ("identity", None) else {}
    )
    assert same.x_cache == "Hit"
    other = await edge.send("/a", headers={"Accept-Encoding": "gzip" if normalised != "gzip" else "zstd"})
    assert other.x_cache == ("Miss" if enabled.get("gzip") else "Hit")


@pytest.mark.parametrize(
    ("selection", "kept"),
    [
        ({"queryStringBehavior": "all"}, "?b=1&a=2&c=%2F"),
        ({"queryStringBehavior": "allExcept", "queryStrings": {"items": ["a"]}}, "?b=1&c=%2F"),
        ({"queryStringBehavior": "whitelist", "queryStrings": {"items": ["c", "b"]}}, "?b=1&c=%2F"),
        ({"queryStringBehavior": "none"}, ""),
    ],
)
async def test_query_strings_of_the_policy_reach_the_origin_as_they_were_sent(
    edge: Edge, origin: Origin, selection: dict[str, Any], kept: str
) -> None:
    policy = cache_policy()
    policy["parametersInCacheKeyAndForwardedToOrigin"]["queryStringsConfig"] = selection
    await configure(edge, origin, policy)
    await edge.send("/a?b=1&a=2&c=%2F")
    assert origin.received[0].target == f"/a{kept}"


async def test_two_distributions_never_share_an_answer(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin, aliases=["one.example.com"])
    found = edge.registry.find("E1")
    assert found is not None
    await edge.must_put(
        "distribution", "E2", {**found.inputs, "aliases": ["two.example.com"]}, domainName="d2.example.net"
    )
    for host in ("one.example.com", "two.example.com"):
        assert (await edge.send("/a", headers={"Host": host})).x_cache == "Miss"
