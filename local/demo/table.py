"""The demo's table and verdict for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local.demo import ways
from local.demo.changed_model_page import differing
from local.demo.comparison_table import FAULT_HEADINGS, HITS_HEADINGS, fault_cells, hits_cells
from local.demo.row import PARTS, time_text
from local.demo.verdict import Check


def show(report: Mapping[str, Any], checks: Sequence[Check], console: Console) -> None:
    """Print one line per way to the model, the speed-up, and every claim with whether it held."""
    console.print(_table(report))
    for row in report["rows"]:
        if row["name"] in (ways.EDGE_POST, ways.EDGE_GET):
            words = f"{ways.WORDS[row['name']]}; Kong had {row['gateway_requests']} requests"
            console.print(f"  {row['name']}: {words}", style="dim")
    if report["edge"]:
        console.print(f"  {ways.edge_words(report['edge_provider'])}", style="dim")
    added = report["added_latency_seconds"]
    console.print(f"  the model answers {added:g} s late on purpose: that latency is added", style="dim")
    if report["speedup_p50"]:
        where = " at the edge" * report["edge"]
        times = f"[bold]{report['speedup_p50']:,.0f} times[/]"
        console.print(f"  a hit{where}, waited ones included, is {times} as fast as the model alone (p50)")
    if report["outage"]:
        _show_outage(report["outage"], console)
        show_comparison(report["comparison"], console)
    if report["changed_model"]:
        _show_changed_model(report["changed_model"], console)
    show_checks(checks, console)


def show_checks(checks: Sequence[Check], console: Console) -> None:
    """Print every claim with whether it held."""
    for check in checks:
        console.print(f"  {'[green]✓' if check.holds else '[red]✗'}[/] {check.claim}")


def _table(report: Mapping[str, Any]) -> Table:
    rows = report["rows"]
    title = f"{rows[0]['requests']} predictions, each compared with the model's own answer"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "p50 ms", "p95 ms", "p99 ms", "speed-up", "hits", "calls", "wrong"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for row in rows:
        wrong = f"[{'red' if row['wrong'] else 'green'}]{row['wrong']}[/]"
        table.add_row(row["name"], *_times(row, rows[0]), str(row["hits"]), str(row["model_calls"]), wrong)
        for part, words in PARTS.items():
            if row["name"] in ways.OURS and row[part]["requests"]:
                table.add_row(f"  {words}", *_times(row[part], rows[0]), style="dim")
    return table


def _show_outage(outage: Mapping[str, Any], console: Console) -> None:
    phases = (("with", "before"), ("without", "without it"), ("again", "after its restart"))
    counts = [
        f"{words} {', '.join(str(outage[name][count]) for count in ('requests', 'hits', 'failed'))}"
        for name, words in phases
    ]
    console.print("  Valkey killed under traffic; requests, hits and failed ones:", style="dim")
    console.print(f"    {'; '.join(counts)}", style="dim")


def _show_changed_model(changed: Mapping[str, Any], console: Console) -> None:
    until, off, purged, seconds = (changed[name] for name in ("until_off", "off", "purged", "seconds_until_off"))
    console.print(f"  the model changed behind the cache's back, {changed['share'] * 100:g} % of the hits verified:")
    found = "the cache never went off" if seconds is None else f"in {seconds:g} s, until {differing(changed)}"
    lines = [
        f"verification was off before this part; the changed model answers {changed['latency_seconds']:g} s late",
        f"{until['wrong']} hits wrong {found}",
        f"then the cache was off: {off['requests']} answers, {off['wrong']} wrong",
        f"after a purge: {purged['requests']} answers, {purged['hits']} of them hits, {purged['wrong']} wrong",
        *changed["told"]["metrics"],
        *changed["told"]["log"],
    ]
    for line in lines:
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, 4)))


def show_comparison(comparison: Mapping[str, Any], console: Console) -> None:
    """Print the hits of each design, and what each did with a cold key and without Redis."""
    runs = f"{comparison['rounds']} runs of {comparison['run_seconds']:g} s, medians"
    title = f"hits of {comparison['gateway']} and FastAPI: {runs}"
    console.print(plain_table(title, HITS_HEADINGS, hits_cells(comparison), left=1))
    title = "a cold key, and a Redis that hangs or is gone"
    console.print(plain_table(title, FAULT_HEADINGS, fault_cells(comparison), left=3))


def plain_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> Table:
    """Return a table of text, the first columns to the left."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for position, heading in enumerate(headings):
        table.add_column(heading, justify="left" if position < left else "right", no_wrap=True)
    for cells in rows:
        table.add_row(*cells)
    return table


def _times(times: Mapping[str, float | None], alone: Mapping[str, float]) -> list[str]:
    shown = [time_text(times[name]) for name in ("p50_ms", "p95_ms", "p99_ms")]
    return [*shown, f"{alone['p50_ms'] / times['p50_ms']:,.0f}×" if times["p50_ms"] else "–"]
