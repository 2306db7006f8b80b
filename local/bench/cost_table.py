"""Costs by store as a table that a terminal has room for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.table import Table


def cost_table(costs: Mapping[str, Any]) -> Table:
    """Return a line for each size: microseconds of CPU a hit and, below them, bytes of an entry, a column a store."""
    stores = list(dict.fromkeys(row["store"] for row in costs["rows"]))
    sizes = list(dict.fromkeys((row["request_bytes"], row["answer_bytes"]) for row in costs["rows"]))
    found = {(row["store"], row["request_bytes"], row["answer_bytes"]): row for row in costs["rows"]}
    title = (
        f"CPU time of a hit and size of an entry, {costs['gateway']}\nstock: proxy-cache without the body in its key"
    )
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "request", "answer", *stores):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for name, unit in (("cpu_us_per_hit", "µs"), ("redis_cpu_us_per_hit", "µs Redis"), ("entry_bytes", "bytes")):
        for size in sizes:
            table.add_row(unit, *map(_size, size), *(f"{found[store, *size][name]:,}" for store in stores))
        table.add_section()
    return table


def _size(count: int) -> str:
    return f"{count // 1_000_000} MB" if count >= 1_000_000 else f"{count // 1000} KB"
