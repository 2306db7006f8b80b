"""What the gateway's answer tells of a question."""

from __future__ import annotations

import email.utils
import time

import httpx
import pytest

from ops.warm.outcome import Outcome, outcome_of, wait_seconds


@pytest.mark.parametrize(
    ("status", "field", "outcome"),
    [
        (200, "inference-edge; hit; ttl=60", Outcome("hit")),
        (200, "inference-edge; hit; ttl=60; detail=collapsed", Outcome("hit")),
        (200, "inference-edge; fwd=miss; stored", Outcome("stored")),
        (200, "inference-edge; fwd=stale; stored", Outcome("stored")),
        (200, "inference-edge; fwd=miss; detail=size", Outcome("not stored", "size")),
        (200, "inference-edge; fwd=stale; detail=origin", Outcome("not stored", "origin")),
        (200, "inference-edge; fwd=bypass; detail=sampling", Outcome("bypassed", "sampling")),
        (200, "inference-edge; fwd=request; detail=client", Outcome("bypassed", "client")),
        (200, "inference-edge; fwd=method; detail=method", Outcome("bypassed", "method")),
        (200, "model; fwd=miss", Outcome("bypassed", "no Cache-Status")),
        (200, "", Outcome("bypassed", "no Cache-Status")),
        (200, "(", Outcome("bypassed", "no Cache-Status")),
        (200, "another; hit", Outcome("bypassed", "no Cache-Status")),
        (200, "another; fwd=miss; stored", Outcome("bypassed", "no Cache-Status")),
        (200, "inference-edge; fwd=miss; stored, another; hit", Outcome("hit")),
        (200, f"inference-edge; fwd=bypass; detail={'x' * 9_000}", Outcome("bypassed", "x" * 60)),
        (302, "", Outcome("failed", "302")),
        (500, "inference-edge; fwd=miss; detail=status", Outcome("failed", "500")),
    ],
)
def test_it_is_read_from_status_and_cache_status(status: int, field: str, outcome: Outcome) -> None:
    assert outcome_of(httpx.Response(status, headers={"cache-status": field})) == outcome


@pytest.mark.parametrize(
    ("status", "asked", "seconds"),
    [
        *[(429, "7", 7), (503, "7", 7), (429, "", 0), (429, "soon", 0), (500, "7", None), (200, "7", None)],
        *[(429, "-7", 0), (429, "1e309", 0), (429, "9" * 9_000, 31_536_000)],
        (429, "Fri, 31 Dec 9999 23:59:59 GMT", 31_536_000),
    ],
)
def test_only_429_and_503_ask_to_wait(status: int, asked: str, seconds: float | None) -> None:
    assert wait_seconds(httpx.Response(status, headers={"retry-after": asked})) == seconds


def test_an_answer_of_the_edge_needs_no_other_status() -> None:
    assert outcome_of(httpx.Response(200, headers={"x-cache": "Hit from cloudfront"})) == Outcome("hit")


def test_a_date_without_zone_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        at = time.asctime(time.gmtime(time.time() + 30))
        assert wait_seconds(httpx.Response(429, headers={"retry-after": at})) == pytest.approx(30, abs=2)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_date_to_wait_for_is_understood() -> None:
    at = email.utils.formatdate(time.time() + 30, usegmt=True)
    assert wait_seconds(httpx.Response(429, headers={"retry-after": at})) == pytest.approx(30, abs=2)
    assert wait_seconds(httpx.Response(429, headers={"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"})) == 0
    assert wait_seconds(httpx.Response(429, headers={"retry-after": "Mon, 01 Jan 0001 00:00:00 -0000"})) == 0
