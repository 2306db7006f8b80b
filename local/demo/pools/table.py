"""The tables and the verdict of the pools for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from local.demo.pools.cells import PHASE_NUMBERS, SPREAD_HEADINGS, phase_cells, spread_cells
from local.demo.pools.words import callers_words, fallback_words, moved_words, stream_words
from local.demo.table import plain_table, show_checks
from local.demo.verdict import Check


def show(report: Mapping[str, Any], checks: Sequence[Check], console: Console) -> None:
    """Print how the conversations were spread, what happened under load, and every claim with whether it held."""
    turns = report["rows"][0]["requests"]
    title = f"{turns} turns of {report['conversations']} conversations, {report['at_once']} at once"
    console.print(plain_table(title, SPREAD_HEADINGS, spread_cells(report), left=1))
    replicas = list(report["load"]["timeline"]["answers"])
    numbers = [name.rpartition("-")[2] for name in replicas]
    title = f"{report['load']['requests']} requests under load, answered by {replicas[0]} to {replicas[-1]}"
    console.print(plain_table(title, ("from then on", *numbers, *PHASE_NUMBERS), phase_cells(report), left=1))
    for words in (stream_words, callers_words, moved_words, fallback_words):
        console.print(f"  {words(report)}", style="dim")
    show_checks(checks, console)
