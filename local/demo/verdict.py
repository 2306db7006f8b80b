"""What the demo must show, judged from its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.demo import ways

LEAST_SPEEDUP = 100
# Here the edge and its function are Python and a small JavaScript engine, and httpx is slower than what else asks.
LEAST_EDGE_SPEEDUP = 25
_SPEEDUP_NEEDS_LATENCY_SECONDS = 1.0


@dataclass(frozen=True)
class Check:
    """One claim and whether it held."""

    claim: str
    holds: bool


def verdict(report: Mapping[str, Any]) -> list[Check]:
    """Return every claim that the report must bear out.

    The speed-up is only a claim when at least 1 s of latency is added: it compares a hit with the model alone.
    """
    _, stock, *ours = report["rows"]
    rollout, rollback = report["rollout"], report["rollback"]
    checks = [check for row in ours for check in _row_checks(row)]
    if report["added_latency_seconds"] >= _SPEEDUP_NEEDS_LATENCY_SECONDS:
        least = LEAST_EDGE_SPEEDUP if report["edge"] else LEAST_SPEEDUP
        claim = f"a hit{' at the edge' * report['edge']} is at least {least} times as fast as the model alone"
        checks.append(Check(claim, (report["speedup_p50"] or 0) >= least))
    return [
        *checks,
        Check("stock proxy-cache with POST gives wrong answers", stock["wrong"] > 0),
        Check("during the rollout every answer was one of the two versions' own", rollout["during"]["wrong"] == 0),
        Check("after the rollout no answer of the old version is served", rollout["stale"] == 0),
        Check("after the rollout every answer is the new version's own", rollout["wrong"] == 0),
        Check("while rolling back every answer was one of the two versions' own", rollback["during"]["wrong"] == 0),
        Check("after rolling back no answer of the other version is served", rollback["stale"] == 0),
        Check("after rolling back every answer is the first version's own", rollback["wrong"] == 0),
        *_shared_checks(report),
        *_changed_model_checks(report["changed_model"]),
        Check("a second preview has no changes", unchanged(report["second_preview"])),
        Check(f"destroy leaves nothing on the gateway{' and the edge' * report['edge']}", not report["left_over"]),
    ]


def _shared_checks(report: Mapping[str, Any]) -> list[Check]:
    if not report["outage"]:
        return []
    other = next(row for row in report["rows"] if row["name"] == ways.OTHER_NODE)
    phases = [report["outage"][name] for name in ("with", "without", "again")]
    compared = [*report["comparison"]["hits"], *report["comparison"]["faults"]]
    ours = [row for row in report["comparison"]["faults"] if row["design"] != ways.FASTAPI]
    return [
        Check("what one node has computed is a hit at the other", other["hits"] == other["requests"]),
        Check("the other node asked the model nothing", other["model_calls"] == 0),
        Check("with Valkey killed under traffic no request failed", not any(part["failed"] for part in phases)),
        Check("with Valkey killed under traffic no answer was wrong", not any(part["wrong"] for part in phases)),
        Check("after its restart answers come from the cache again", report["outage"]["hits_again"]),
        Check("every answer of the comparison is the model's own", not any(row["wrong"] for row in compared)),
        Check(
            "no request to our stores failed, cold, without Redis or with one that hangs",
            not any(row["failed"] for row in ours),
        ),
    ]


def _changed_model_checks(changed: Mapping[str, Any] | None) -> list[Check]:
    if not changed:
        return []
    before, until, off, purged = (changed[name] for name in ("before", "until_off", "off", "purged"))
    told = changed["told"]
    return [
        Check("before the model was changed behind the cache's back no hit was wrong", before["wrong"] == 0),
        Check("after that hits were wrong until the cache went off", until["wrong"] > 0 < off["requests"]),
        Check("once the cache was off no answer was wrong", off["wrong"] == 0),
        Check("a metric and Kong's log tell that the cache is off", bool(told["metrics"] and told["log"])),
        Check("after a purge the cache is on, and no answer is wrong", purged["hits"] > 0 == purged["wrong"]),
        Check("after a purge no metric tells that a cache is off", not changed["off_after_purge"]),
    ]


def _row_checks(row: Mapping[str, Any]) -> list[Check]:
    name = row["name"]
    right = Check(f"every answer of {name} is the model's own", row["wrong"] == 0)
    if name != ways.EDGE_GET:
        return [right, Check(f"{name} answered some requests from its cache", row["hits"] > 0)]
    past_edge = row["requests"] - row["edge_hits"]
    return [
        right,
        Check("the edge answered some requests itself", row["edge_hits"] > 0),
        Check("no hit at the edge reached Kong", row["gateway_requests"] == past_edge),
    ]


def unchanged(changes: Mapping[str, int]) -> bool:
    """Say whether a deployment would change nothing."""
    return all(count == 0 for operation, count in changes.items() if operation != "same")
