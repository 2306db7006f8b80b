from __future__ import annotations

from typing import Any

import pytest

from local.demo.pools.verdict import verdict, warm_ratio
from tests.demo.pools.support import report


def failed(document: dict[str, Any]) -> list[str]:
    return [check.claim for check in verdict(document) if not check.holds]


def changed(path: str, value: Any) -> dict[str, Any]:
    document: Any = report()
    place, *names = document, *path.split(".")
    for name in names[:-1]:
        place = place[int(name) if isinstance(place, list) else name]
    place[names[-1]] = value
    return document


def test_everything_holds() -> None:
    assert failed(report()) == []


@pytest.mark.parametrize(
    ("path", "value", "claim"),
    [
        ("rows.0.failed", 1, "no request of the conversations failed"),
        ("rows.1.failed", 1, "no request of the conversations failed"),
        ("rows.1.warm_share", 0.62, "with affinity at least 2.5 times as many requests are warm as with round-robin"),
        ("rows.1.warm", 0, "with affinity at least 2.5 times as many requests are warm as with round-robin"),
        ("rows.1.first_byte_p50_ms", 140.0, "with affinity the first byte comes sooner (p50)"),
        ("rows.1.first_byte_p50_ms", None, "with affinity the first byte comes sooner (p50)"),
        ("rows.1.imbalance", 1.5, "with affinity no replica gets 1.5 times the mean of requests"),
        ("rows.1.imbalance", 0.0, "with affinity no replica gets 1.5 times the mean of requests"),
        ("stream.reads", 4, "a streamed answer passes part by part"),
        ("stream.first_byte_ms", 200.0, "a streamed answer passes part by part"),
        ("stream.failed", True, "a streamed answer passes part by part"),
        ("callers.changed", 1, "every caller keeps its version"),
        ("callers.failed", 1, "every caller keeps its version"),
        ("callers.canary_share", 0.0, "the canary has about its 10% of the callers"),
        ("callers.canary_share", 0.18, "the canary has about its 10% of the callers"),
        ("load.failed", 1, "a replica was killed with requests in hand, and no request failed"),
        ("load.lost", 0, "a replica was killed with requests in hand, and no request failed"),
        ("load.phases.3.by_replica.large-2", 1, "a drained replica gets no new request"),
        ("load.phases.2.by_replica.large-3", 0, "replicas that return or are added get requests"),
        ("load.phases.4.by_replica.large-2", 0, "replicas that return or are added get requests"),
        ("load.phases.5.by_replica.large-5", 0, "replicas that return or are added get requests"),
        ("moved.share", 0.31, "a replica more moves at most 30% of the prefixes"),
        ("moved.moved", 0, "a replica more moves at most 30% of the prefixes"),
        ("moved.unanswered", 1, "a replica more moves at most 30% of the prefixes"),
        ("fallback.by_fallback", 39, "without any replica of its pool, every request is answered by the fallback"),
        ("fallback.failed", 1, "without any replica of its pool, every request is answered by the fallback"),
        (
            "fallback.noticed_seconds",
            None,
            "without any replica of its pool, every request is answered by the fallback",
        ),
        ("fallback.back_seconds", None, "the pool answers again when its replicas are back"),
        ("second_preview.update", 1, "a second preview has no changes"),
        ("left_over", {"routes": 1}, "destroy leaves nothing on the gateway"),
    ],
)
def test_a_claim_falls_with_its_number(path: str, value: Any, claim: str) -> None:
    assert failed(changed(path, value)) == [claim]


def test_the_ratio_of_warm_requests() -> None:
    assert warm_ratio(report()["rows"]) == 3.0
    assert warm_ratio(changed("rows.0.warm_share", 0.0)["rows"]) == float("inf")
