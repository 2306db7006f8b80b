"""What the demo of the pools must show, judged from its report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.demo.pools.phases import ADDED, DRAINED, STARTED, TAKEN_BACK
from local.demo.verdict import Check, unchanged

LEAST_WARM_RATIO = 2.5
LARGEST_IMBALANCE = 1.5
MOVED_MARGIN = 0.05  # Kong's ring gives a target a fifth with a standard deviation of 2%
CANARY_MARGIN = 0.07  # four standard deviations of 300 callers, of whom each has the canary with a chance of 10%
LEAST_READS = 5


def verdict(report: Mapping[str, Any]) -> list[Check]:
    """Return every claim that the report must bear out."""
    return [
        *_spread_checks(report["rows"]),
        *_entry_checks(report),
        *_load_checks(report["load"]),
        *_moved_checks(report["moved"]),
        *_fallback_checks(report["fallback"]),
        Check("a second preview has no changes", unchanged(report["second_preview"])),
        Check("destroy leaves nothing on the gateway", not report["left_over"]),
    ]


def warm_ratio(rows: list[Mapping[str, Any]]) -> float:
    """Return how many times as large the share of warm requests is with affinity."""
    round_robin, affinity = rows
    return affinity["warm_share"] / round_robin["warm_share"] if round_robin["warm_share"] else float("inf")


def _spread_checks(rows: list[Mapping[str, Any]]) -> list[Check]:
    round_robin, affinity = rows
    return [
        Check("no request of the conversations failed", not any(row["failed"] for row in rows)),
        Check(
            f"with affinity at least {LEAST_WARM_RATIO:g} times as many requests are warm as with round-robin",
            affinity["warm"] > 0 and warm_ratio(rows) >= LEAST_WARM_RATIO,
        ),
        Check("with affinity the first byte comes sooner (p50)", _p50(affinity) < _p50(round_robin)),
        Check(
            f"with affinity no replica gets {LARGEST_IMBALANCE:g} times the mean of requests",
            0 < affinity["imbalance"] < LARGEST_IMBALANCE,
        ),
    ]


def _entry_checks(report: Mapping[str, Any]) -> list[Check]:
    stream, callers = report["stream"], report["callers"]
    configured = callers["weights"][callers["canary"]] / sum(callers["weights"].values())
    return [
        Check(
            "a streamed answer passes part by part",
            not stream["failed"]
            and stream["reads"] >= LEAST_READS
            and stream["first_byte_ms"] < stream["whole_ms"] / 2,
        ),
        Check("every caller keeps its version", callers["changed"] == 0 == callers["failed"]),
        Check(
            f"the canary has about its {configured:.0%} of the callers",
            abs(callers["canary_share"] - configured) <= CANARY_MARGIN,
        ),
    ]


def _load_checks(load: Mapping[str, Any]) -> list[Check]:
    own = {phase["what"]: phase["by_replica"].get(phase["replica"], 0) for phase in load["phases"]}
    return [
        Check("a replica was killed with requests in hand, and no request failed", load["lost"] > 0 == load["failed"]),
        Check("a drained replica gets no new request", own[DRAINED] == 0),
        Check(
            "replicas that return or are added get requests", all(own[what] for what in (STARTED, TAKEN_BACK, ADDED))
        ),
    ]


def _moved_checks(moved: Mapping[str, Any]) -> list[Check]:
    allowed = 1 / moved["replicas"] + MOVED_MARGIN
    return [
        Check(
            f"a replica more moves at most {allowed:.0%} of the prefixes",
            moved["unanswered"] == 0 < moved["moved"] and moved["share"] <= allowed,
        )
    ]


def _fallback_checks(fallback: Mapping[str, Any]) -> list[Check]:
    return [
        Check(
            "without any replica of its pool, every request is answered by the fallback",
            fallback["noticed_seconds"] is not None
            and 0 < fallback["requests"] == fallback["by_fallback"]
            and fallback["failed"] == 0,
        ),
        Check("the pool answers again when its replicas are back", fallback["back_seconds"] is not None),
    ]


def _p50(row: Mapping[str, Any]) -> float:
    return row["first_byte_p50_ms"] or float("inf")
