from __future__ import annotations

from typing import Any

import pytest

from local.demo.verdict import verdict
from tests.demo.support import changed_model_report, edge_report, report, shared_report

Place = tuple[str | int, ...]


def changed(document: dict[str, Any], path: Place, value: object) -> dict[str, Any]:
    holder: Any = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return document


def failed(document: dict[str, Any]) -> list[str]:
    return [check.claim for check in verdict(document) if not check.holds]


def test_everything_holds_in_a_good_report() -> None:
    assert failed(report()) == []


@pytest.mark.parametrize(
    ("path", "value", "claim"),
    [
        (("rows", 2, "wrong"), 1, "every answer of inference-edge is the model's own"),
        (("rows", 2, "hits"), 0, "inference-edge answered some requests from its cache"),
        (("rows", 1, "wrong"), 0, "stock proxy-cache with POST gives wrong answers"),
        (("speedup_p50",), 99.9, "a hit is at least 100 times as fast as the model alone"),
        (("speedup_p50",), None, "a hit is at least 100 times as fast as the model alone"),
        (("rollout", "during", "wrong"), 1, "during the rollout every answer was one of the two versions' own"),
        (("rollout", "stale"), 1, "after the rollout no answer of the old version is served"),
        (("rollout", "wrong"), 1, "after the rollout every answer is the new version's own"),
        (("rollback", "during", "wrong"), 1, "while rolling back every answer was one of the two versions' own"),
        (("rollback", "stale"), 1, "after rolling back no answer of the other version is served"),
        (("rollback", "wrong"), 1, "after rolling back every answer is the first version's own"),
        (("second_preview", "update"), 1, "a second preview has no changes"),
        (("left_over",), {"routes": 1}, "destroy leaves nothing on the gateway"),
    ],
)
def test_each_claim_can_fail(path: Place, value: object, claim: str) -> None:
    assert failed(changed(report(), path, value)) == [claim]


def test_everything_holds_in_a_good_report_of_a_changed_model() -> None:
    assert failed(changed_model_report()) == []


@pytest.mark.parametrize(
    ("path", "value", "claim"),
    [
        (("before", "wrong"), 1, "before the model was changed behind the cache's back no hit was wrong"),
        (("until_off", "wrong"), 0, "after that hits were wrong until the cache went off"),
        (("off", "requests"), 0, "after that hits were wrong until the cache went off"),
        (("off", "wrong"), 1, "once the cache was off no answer was wrong"),
        (("told", "metrics"), [], "a metric and Kong's log tell that the cache is off"),
        (("told", "log"), [], "a metric and Kong's log tell that the cache is off"),
        (("purged", "hits"), 0, "after a purge the cache is on, and no answer is wrong"),
        (("purged", "wrong"), 1, "after a purge the cache is on, and no answer is wrong"),
        (("off_after_purge",), ["kong_inference_edge_cache_off"], "after a purge no metric tells that a cache is off"),
    ],
)
def test_each_claim_about_a_changed_model_can_fail(path: Place, value: object, claim: str) -> None:
    assert failed(changed(changed_model_report(), ("changed_model", *path), value)) == [claim]


def test_everything_holds_in_a_good_report_of_an_edge() -> None:
    assert failed(edge_report()) == []


@pytest.mark.parametrize(
    ("path", "value", "claim"),
    [
        (("rows", 2, "wrong"), 1, "every answer of Kong cache (POST) is the model's own"),
        (("rows", 3, "wrong"), 1, "every answer of edge cache (GET) is the model's own"),
        (("rows", 2, "hits"), 0, "Kong cache (POST) answered some requests from its cache"),
        (("rows", 3, "gateway_requests"), 2, "no hit at the edge reached Kong"),
        (("speedup_p50",), 24.0, "a hit at the edge is at least 25 times as fast as the model alone"),
        (("left_over",), {"edge resources": 1}, "destroy leaves nothing on the gateway and the edge"),
    ],
)
def test_each_claim_about_an_edge_can_fail(path: Place, value: object, claim: str) -> None:
    assert failed(changed(edge_report(), path, value)) == [claim]


def test_hits_of_the_gateway_are_none_of_the_edge() -> None:
    document = edge_report()
    document["rows"][3].update(edge_hits=0, gateway_requests=3)
    assert failed(document) == ["the edge answered some requests itself"]


def test_everything_holds_in_a_good_report_of_a_shared_cache() -> None:
    assert failed(shared_report()) == []


@pytest.mark.parametrize(
    ("path", "value", "claim"),
    [
        (("rows", 3, "wrong"), 1, "every answer of the other node is the model's own"),
        (("rows", 3, "hits"), 2, "what one node has computed is a hit at the other"),
        (("rows", 3, "model_calls"), 1, "the other node asked the model nothing"),
        (("outage", "without", "failed"), 1, "with Valkey killed under traffic no request failed"),
        (("outage", "again", "wrong"), 1, "with Valkey killed under traffic no answer was wrong"),
        (("outage", "hits_again"), False, "after its restart answers come from the cache again"),
        (("comparison", "hits", 0, "wrong"), 1, "every answer of the comparison is the model's own"),
        (("comparison", "faults", 1, "wrong"), 1, "every answer of the comparison is the model's own"),
        (
            ("comparison", "faults", 2, "failed"),
            1,
            "no request to our stores failed, cold, without Redis or with one that hangs",
        ),
    ],
)
def test_each_claim_about_a_shared_cache_can_fail(path: Place, value: object, claim: str) -> None:
    assert failed(changed(shared_report(), path, value)) == [claim]


def test_what_the_published_design_fails_is_no_claim_of_ours() -> None:
    assert shared_report()["comparison"]["faults"][0]["failed"] == 8


def test_the_speed_up_is_no_claim_when_little_latency_is_added() -> None:
    document = {**report(), "added_latency_seconds": 0.1, "speedup_p50": 3.0}
    assert failed(document) == []
