from __future__ import annotations

from typing import Any

import pytest

from local.demo.verdict import verdict
from tests.demo.support import report


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
        (("rollback", "wrong"), 1, "after rolling back every answer is the first version's own"),
        (("second_preview", "update"), 1, "a second preview has no changes"),
        (("left_over",), {"routes": ["digits"]}, "destroy leaves nothing on the gateway"),
    ],
)
def test_each_claim_can_fail(path: tuple[str | int, ...], value: object, claim: str) -> None:
    document = report()
    holder: Any = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert failed(document) == [claim]


def test_the_speed_up_is_no_claim_when_little_latency_is_added() -> None:
    document = {**report(), "added_latency_seconds": 0.1, "speedup_p50": 3.0}
    assert failed(document) == []
