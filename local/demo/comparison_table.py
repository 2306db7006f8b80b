"""The comparison of designs as tables: the same cells for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local.demo.row import time_text

HITS_HEADINGS = ("hits only", "clients", "p50 ms", "p95 ms", "p99 ms", "per s", "p50", "per s")
FAULT_HEADINGS = ("case", "design", "statuses", "hits", "p50 ms", "max ms", "calls")


def hits_cells(comparison: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a row for each number of clients and design: times, answers a second, and both against FastAPI's."""
    rows = sorted(comparison["hits"], key=lambda row: row["connections"])
    return [
        (
            row["design"],
            str(row["connections"]),
            *(time_text(row[name], decimals=2) for name in ("p50_ms", "p95_ms", "p99_ms")),
            f"{row['per_second']:,}",
            f"{row['p50_of_fastapi']:.2f}×",
            f"{row['per_second_of_fastapi']:.1f}×",
        )
        for row in rows
    ]


def fault_cells(comparison: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a row for each case and design."""
    return [
        (
            row["case"],
            row["design"],
            row["statuses"],
            str(row["hits"]),
            time_text(row["p50_ms"]),
            time_text(row["longest_ms"]),
            "–" if row["model_calls"] is None else str(row["model_calls"]),
        )
        for row in rows_by_case(comparison["faults"])
    ]


def rows_by_case(faults: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows with those of one case together, cases in the order of their first row."""
    cases = list(dict.fromkeys(row["case"] for row in faults))
    return sorted(faults, key=lambda row: cases.index(row["case"]))
