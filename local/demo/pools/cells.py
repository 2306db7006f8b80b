"""The numbers of the pools as tables: the same cells for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.demo.row import time_text

SPREAD_HEADINGS = ("p50/p95 in ms", "warm", "cached", "first byte", "whole", "max/mean", "failed")
# After what happened, and the requests of each replica.
PHASE_NUMBERS = ("p50 ms", "max ms", "failed")


def spread_cells(report: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a row for each way to spread the conversations."""
    return [
        (
            row["name"],
            f"{row['warm_share']:.0%}",
            f"{row['cached_share']:.0%}",
            *(_percentiles(row, part) for part in ("first_byte", "whole")),
            f"{row['imbalance']:.2f}",
            str(row["failed"]),
        )
        for row in report["rows"]
    ]


def phase_cells(report: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a row for each event under load: who answered until the next one."""
    return [
        (
            f"{phase['replica']} {phase['what']}".strip(),
            *(str(count or "·") for count in phase["by_replica"].values()),
            time_text(phase["p50_ms"]),
            time_text(phase["longest_ms"]),
            str(phase["failed"]),
        )
        for phase in report["load"]["phases"]
    ]


def _percentiles(row: Mapping[str, Any], part: str) -> str:
    return "/".join(time_text(row[f"{part}_p{share}_ms"]) for share in (50, 95))
