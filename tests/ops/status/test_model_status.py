"""The numbers of a model, of one node and of two."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from ops.status.model_status import Latency, ModelStatus, model_status
from ops.status.reading import Reading
from tests.ops.status.metrics_texts import NODE_A, NODE_B, QUIET, model

HOUR = {"perInstanceHour": 3.6, "concurrency": 2, "currency": "EUR", "asOf": "2026-11-01"}


def status(*texts: str, **settings: object) -> ModelStatus:
    nodes = {f"http://node-{number}": Reading.parse(text) for number, text in enumerate(texts)}
    return model_status(model(**settings), nodes)


def test_one_node() -> None:
    of_a = status(NODE_A)
    assert of_a.requests == 1007
    assert of_a.hit_ratio == 820 / 1000
    assert of_a.saved.calls == 820
    assert (of_a.evictions, of_a.waits, of_a.store_failures) == (7, 12, {"timeout": 3})
    assert astuple(of_a.hit_ms) == pytest.approx((400 / 780, 760 / 780, 2.6))
    assert astuple(of_a.miss_ms) == pytest.approx((50, 175, 235))
    assert of_a.verification.mismatch_interval == pytest.approx((0, 0.0409), abs=0.0001)
    assert of_a.cache_off == {}
    assert not of_a.nodes_differ


def test_two_nodes_are_summed() -> None:
    both = status(NODE_A, NODE_B)
    assert both.requests == 1007 + 380
    assert both.hit_ratio == (820 + 200) / (1000 + 380)
    assert both.outcomes["bypass"] == {"cookie": 70, "authorization": 60, "mismatch": 30}
    assert both.outcomes["refused"] == {"401": 5}
    assert both.hit_ms.p95 == pytest.approx(7.5)
    assert both.miss_ms.p50 == pytest.approx(50 + 50 * 50 / 140)
    assert both.evictions == 8
    assert both.verification.comparisons == 100
    assert (both.verification.wrong, both.verification.nondeterministic, both.verification.failed) == (7, 1, 4)
    assert both.verification.mismatch_interval == pytest.approx((0.0411, 0.15), abs=0.0001)


def test_where_nodes_differ_each_is_told() -> None:
    both = status(NODE_A, NODE_B)
    assert both.nodes_differ
    assert both.cache_off == {"wrong": ("http://node-1",)}
    assert [share.versions for share in both.nodes] == [{"2": 1007}, {"1": 300, "2": 80}]
    assert both.versions == {"2": 1087, "1": 300}
    assert not status(NODE_A, NODE_A).nodes_differ
    assert not status(NODE_A, QUIET).nodes_differ


def test_money_by_the_call() -> None:
    saved = status(NODE_A, NODE_B).saved
    assert saved.money == pytest.approx(1020 * 0.0002)
    assert (saved.currency, saved.price, str(saved.as_of)) == ("USD", "0.0002 USD a call", "2026-11-01")


def test_money_by_the_time_that_a_miss_takes() -> None:
    saved = status(NODE_A, cost=HOUR).saved
    assert saved.money == pytest.approx(820 * 0.060 * 0.001 / 2)
    assert saved.price == "3.6 EUR an instance hour, 2 calls at once, 0.060 s a call"


def test_money_is_unknown_until_a_miss_tells_how_long_a_call_takes() -> None:
    only_hits = "\n".join(line for line in NODE_A.splitlines() if 'outcome="miss"' not in line)
    saved = status(only_hits, cost=HOUR).saved
    assert (saved.calls, saved.money) == (820, None)
    assert status(QUIET, cost=HOUR).saved.money == 0


def test_without_a_price_only_calls_are_saved() -> None:
    saved = status(NODE_A, cost=None).saved
    assert (saved.calls, saved.money, saved.price) == (820, None, None)


def test_a_model_that_nobody_has_asked() -> None:
    quiet = status(QUIET)
    assert (quiet.requests, quiet.hit_ratio, quiet.saved.calls) == (0, None, 0)
    assert quiet.hit_ms == Latency(None, None, None)


def test_a_model_without_a_cache_has_no_hit_ratio() -> None:
    letters = status(NODE_A, name="letters", cache={"enabled": False})
    assert (letters.requests, letters.answered("off"), letters.hit_ratio) == (30, 30, None)
