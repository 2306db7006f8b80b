"""What Google's CDNs store, for how long: statuses, Cache-Control, Vary, cookies, credentials, negative caching."""

from __future__ import annotations

import email.utils
from typing import Any

import pytest
from multidict import CIMultiDict

from local.edge.google.cache_policy import CachePolicy
from local.edge.http_cache.lifetime import Lifetime

NOW = 1_700_000_000.0
STATUSES = frozenset({200, 301, 404, 502})


def lifetime(
    headers: dict[str, str], status: int = 200, request: dict[str, str] | None = None, **changes: Any
) -> Lifetime:
    policy = CachePolicy(**{"mode": "USE_ORIGIN_HEADERS", "statuses": STATUSES, **changes})
    return policy.lifetime(status, CIMultiDict(headers), CIMultiDict(request or {}), NOW)


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("max-age=60", 60),
        ("public, max-age=0, s-maxage=90", 90),
        ("max-age=60, s-maxage=0", 0),
        ("public", 0),
        ("", 0),
        ("no-store", 0),
        ("no-cache, max-age=60", 0),
        ("private, s-maxage=60", 0),
        ("max-age=99999999", 99999999),
    ],
)
def test_the_origins_cache_control_decides(cache_control: str, seconds: int) -> None:
    headers = {"Cache-Control": cache_control} if cache_control else {}
    assert lifetime(headers).fresh_seconds == seconds


def test_expires_counts_without_a_lifetime_and_age_is_taken_off() -> None:
    expires = email.utils.formatdate(NOW + 60, usegmt=True)
    assert lifetime({"Expires": expires}).fresh_seconds == 60
    assert lifetime({"Expires": expires, "Cache-Control": "max-age=30"}).fresh_seconds == 30
    assert lifetime({"Cache-Control": "max-age=30", "Age": "20"}).fresh_seconds == 10
    assert lifetime({"Cache-Control": "max-age=30", "Age": "30"}).fresh_seconds == 0


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({"Vary": "Accept-Encoding, Origin"}, True),
        ({"Vary": "Accept"}, True),
        ({"Vary": "User-Agent"}, False),
        ({"Vary": "Origin, X-Tenant"}, False),
        ({"Vary": "*"}, False),
        ({"Set-Cookie": "a=b"}, False),
    ],
)
def test_what_is_for_some_callers_alone_is_not_stored(headers: dict[str, str], kept: bool) -> None:
    assert bool(lifetime({"Cache-Control": "max-age=60", **headers}).fresh_seconds) == kept
    forced = lifetime(headers, mode="FORCE_CACHE_ALL")
    assert bool(forced.fresh_seconds) == kept


def test_a_header_in_the_key_may_be_in_vary() -> None:
    headers = {"Cache-Control": "max-age=60", "Vary": "X-Tenant"}
    assert lifetime(headers, keyed_headers=frozenset({"x-tenant"})).fresh_seconds == 60


@pytest.mark.parametrize(
    ("request_headers", "cache_control", "kept"),
    [
        ({"Authorization": "Bearer x"}, "max-age=60", False),
        ({"Authorization": "Bearer x"}, "max-age=60, public", True),
        ({"Authorization": "Bearer x"}, "s-maxage=60", True),
        ({"Authorization": "Bearer x"}, "max-age=60, must-revalidate", True),
        ({"Cache-Control": "no-store"}, "s-maxage=60", False),
        ({"Cache-Control": "no-cache, max-age=0"}, "s-maxage=60", True),
        ({"Cookie": "a=b"}, "s-maxage=60", True),
    ],
)
def test_what_the_request_says_about_storing(request_headers: dict[str, str], cache_control: str, kept: bool) -> None:
    assert bool(lifetime({"Cache-Control": cache_control}, request=request_headers).fresh_seconds) == kept


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (404, {}, 5),
        (404, {"Cache-Control": "max-age=60"}, 60),
        (404, {"Cache-Control": "no-store"}, 0),
        (404, {"Cache-Control": "public"}, 0),
        (502, {}, 0),
        (503, {"Cache-Control": "max-age=60"}, 0),
        (200, {}, 0),
    ],
)
def test_negative_caching_is_for_errors_that_say_nothing(status: int, headers: dict[str, str], seconds: int) -> None:
    assert lifetime(headers, status, negative_ttls={404: 5}).fresh_seconds == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Content-Type": "image/png"}, 3600),
        ({"Content-Type": "text/css; charset=utf-8"}, 3600),
        ({"Content-Type": "application/json"}, 0),
        ({"Content-Type": "image/png", "Cache-Control": "private"}, 0),
        ({"Content-Type": "application/json", "Cache-Control": "max-age=99999999"}, 86_400),
    ],
)
def test_static_content_is_kept_without_directives_where_the_mode_says_so(
    headers: dict[str, str], seconds: int
) -> None:
    assert lifetime(headers, mode="CACHE_ALL_STATIC").fresh_seconds == seconds


def test_force_cache_all_keeps_successes_whatever_the_origin_says() -> None:
    private = {"Cache-Control": "private, no-store"}
    assert lifetime(private, mode="FORCE_CACHE_ALL", default_ttl_seconds=7).fresh_seconds == 7
    assert lifetime(private, 502, mode="FORCE_CACHE_ALL").fresh_seconds == 0


@pytest.mark.parametrize(
    ("cache_control", "stale_seconds", "window"),
    [
        ("max-age=60", 100, 100),
        ("max-age=60, stale-while-revalidate=9, stale-if-error=99", 100, 9),
        ("max-age=60, stale-while-revalidate=0", 100, 0),
        ("max-age=60, must-revalidate", 100, 0),
        ("max-age=60, stale-while-revalidate=9", None, 0),
    ],
)
def test_how_long_a_stale_answer_may_be_served(cache_control: str, stale_seconds: int | None, window: int) -> None:
    found = lifetime({"Cache-Control": cache_control}, stale_seconds=stale_seconds)
    assert found == Lifetime(60, window, window)
