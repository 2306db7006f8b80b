"""The table of TTL rules: what the origin says against the policy's minimum, default and maximum."""

from __future__ import annotations

import email.utils

import pytest
from multidict import CIMultiDict

from local.edge.cloudfront.cache_policy import CachePolicy
from local.edge.cloudfront.lifetime import lifetime
from local.edge.cloudfront.selection import Selection
from local.edge.http_cache.lifetime import Lifetime, cache_directives

NOW = 1_700_000_000.0
NONE = Selection("none")


def policy(minimum: int, default: int, maximum: int) -> CachePolicy:
    return CachePolicy(NONE, NONE, NONE, False, False, minimum, default, maximum)


def fresh(headers: dict[str, str], ttls: tuple[int, int, int], status: int = 200) -> float:
    return lifetime(status, CIMultiDict(headers), policy(*ttls), {}, NOW).fresh_seconds


def at(seconds: int) -> str:
    return email.utils.formatdate(NOW + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("cache_control", "ttls", "seconds"),
    [
        ("max-age=60", (0, 5, 100), 60),
        ("max-age=600", (0, 5, 100), 100),
        ("max-age=60", (70, 80, 100), 70),
        ("max-age=90", (70, 80, 100), 90),
        ("max-age=600", (70, 80, 100), 100),
        ("s-maxage=30, max-age=60", (0, 5, 100), 30),
        ("max-age=60, s-maxage=30", (0, 5, 100), 30),
        ("public, max-age=0, s-maxage=90", (0, 5, 100), 90),
        ("S-MAXAGE=30", (0, 5, 100), 30),
        ('max-age="30"', (0, 5, 100), 30),
        ("max-age=30, max-age=20", (0, 5, 100), 20),
        ("max-age=-1", (0, 5, 100), 0),
        ("max-age=soon", (0, 5, 100), 0),
        ("max-age", (0, 5, 100), 0),
        ("public", (0, 5, 100), 5),
        ("", (0, 5, 100), 5),
        ("", (10, 10, 100), 10),
        ("no-store", (0, 5, 100), 0),
        ("no-cache, max-age=60", (0, 5, 100), 0),
        ("private, s-maxage=60", (0, 5, 100), 0),
        ("no-store", (10, 20, 100), 10),
        ("private, max-age=60", (10, 20, 100), 10),
        ('no-cache="set-cookie", max-age=60', (0, 5, 100), 0),
    ],
)
def test_cache_control(cache_control: str, ttls: tuple[int, int, int], seconds: int) -> None:
    assert fresh({"Cache-Control": cache_control} if cache_control else {}, ttls) == seconds


@pytest.mark.parametrize(
    ("headers", "ttls", "seconds"),
    [
        ({"Expires": at(60)}, (0, 5, 100), 60),
        ({"Expires": at(600)}, (0, 5, 100), 100),
        ({"Expires": at(-5)}, (0, 5, 100), 0),
        ({"Expires": at(-5)}, (10, 10, 100), 10),
        ({"Expires": "0"}, (0, 5, 100), 0),
        ({"Expires": at(60), "Cache-Control": "max-age=30"}, (0, 5, 100), 30),
        ({"Expires": at(60), "Cache-Control": "no-store"}, (0, 5, 100), 0),
    ],
)
def test_expires(headers: dict[str, str], ttls: tuple[int, int, int], seconds: int) -> None:
    assert fresh(headers, ttls) == seconds


@pytest.mark.parametrize("status", [201, 202, 205, 206, 226, 304, 401, 402, 409, 410, 416, 424, 429, 451, 505])
def test_other_statuses_are_never_stored(status: int) -> None:
    assert fresh({"Cache-Control": "max-age=60"}, (0, 5, 100), status) == 0


@pytest.mark.parametrize("status", [200, 203, 204, 301, 302, 307, 308])
def test_successes_and_redirects_are_stored(status: int) -> None:
    assert fresh({"Cache-Control": "max-age=60"}, (0, 5, 100), status) == 60


@pytest.mark.parametrize(
    ("directives", "windows"),
    [
        ("", (0, 100)),
        (", stale-while-revalidate=0, stale-if-error=0", (0, 0)),
        (", stale-while-revalidate=20, stale-if-error=30", (20, 30)),
        (", stale-while-revalidate=900, stale-if-error=900", (100, 100)),
        (", stale-while-revalidate=x, stale-if-error=x", (0, 0)),
    ],
)
def test_stale_windows(directives: str, windows: tuple[int, int]) -> None:
    headers = CIMultiDict({"Cache-Control": f"max-age=60{directives}"})
    assert lifetime(200, headers, policy(0, 5, 100), {}, NOW) == Lifetime(60, *windows)


def test_an_error_lives_for_the_longer_of_what_the_origin_and_the_distribution_say() -> None:
    told = CIMultiDict({"Cache-Control": "max-age=5"})
    assert lifetime(404, told, policy(0, 5, 100), {404: 3}, NOW) == Lifetime(5)
    assert lifetime(404, told, policy(0, 5, 100), {404: 7}, NOW) == Lifetime(7)
    assert lifetime(404, CIMultiDict(), policy(0, 5, 100), {404: 0}, NOW) == Lifetime(0)


def test_directives_of_several_header_lines_count_together() -> None:
    headers: CIMultiDict[str] = CIMultiDict([("Cache-Control", "public"), ("cache-control", "max-age=5, Private")])
    assert cache_directives(headers) == {"public": "", "max-age": "5", "private": ""}
