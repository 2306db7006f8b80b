"""What the demo must show, judged from its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEAST_SPEEDUP = 100
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
    rows = {row["name"]: row for row in report["rows"]}
    ours, stock, rollout = rows["inference-edge"], rows["stock proxy-cache"], report["rollout"]
    checks = [
        Check("every answer of inference-edge is the model's own", ours["wrong"] == 0),
        Check("inference-edge answered some requests from its cache", ours["hits"] > 0),
        Check("stock proxy-cache with POST gives wrong answers", stock["wrong"] > 0),
        Check("during the rollout every answer was one of the two versions' own", rollout["during"]["wrong"] == 0),
        Check("after the rollout no answer of the old version is served", rollout["stale"] == 0),
        Check("after the rollout every answer is the new version's own", rollout["wrong"] == 0),
        Check("after rolling back every answer is the first version's own", report["rollback"]["wrong"] == 0),
        Check("a second preview has no changes", _unchanged(report["second_preview"])),
        Check("destroy leaves nothing on the gateway", not report["left_over"]),
    ]
    if report["added_latency_seconds"] >= _SPEEDUP_NEEDS_LATENCY_SECONDS:
        claim = f"a hit is at least {LEAST_SPEEDUP} times as fast as the model alone"
        checks.insert(2, Check(claim, (report["speedup_p50"] or 0) >= LEAST_SPEEDUP))
    return checks


def _unchanged(changes: Mapping[str, int]) -> bool:
    return all(count == 0 for operation, count in changes.items() if operation != "same")
