"""The plan for a terminal, and as JSON.

Usage::

    print_report(plans, traces, block, Console())
    print(report_json("requests.jsonl", plans, traces, block))
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ops.plan.advice import ModelPlan
from ops.plan.curves import MIB
from ops.plan.stack_block import StackBlock
from ops.plan.traces import Traces
from ops.plan.units import duration, percent, points
from ops.plan.words import headline, money_words, reasons
from ops.status.wording import shown

_SHOWN_FIELDS = 8


def report_json(log: str, plans: Sequence[ModelPlan], traces: Traces, block: StackBlock) -> str:
    """One object: log, lines, skipped, models (a plan each, as ModelPlan has it), dictionary_bytes, stack_config."""
    document = {
        "log": log,
        "lines": traces.lines,
        "skipped": dict(traces.skipped),
        "models": [_plan_json(plan) for plan in plans],
        "dictionary_bytes": block.dictionary_bytes,
        "stack_config": block.text,
    }
    return json.dumps(document, indent=2)


def _plan_json(plan: ModelPlan) -> dict[str, Any]:
    document = asdict(plan)
    if math.isinf(plan.changes.shortest_seconds):
        document["changes"]["shortest_seconds"] = None
    document["changes"]["is_usual"] = plan.changes.is_usual
    document["advice"]["reasons"] = list(reasons(plan))
    if plan.savings:
        document["savings"]["saved_per_month"] = plan.savings.saved_per_month
    return document


def print_report(plans: Sequence[ModelPlan], traces: Traces, block: StackBlock, console: Console) -> None:
    """Each model on one screen, then the stack config."""
    for plan in plans:
        _print_plan(_printable(plan), console)
    for why, lines in traces.skipped.items():
        console.print(Text(f"{lines:,} lines of the log were skipped: {why}", "dim"))
    console.print(Text("For Pulumi.<stack>.yaml:", "bold"))
    console.print(Text(block.text), end="", soft_wrap=True)  # as it is: a broken comment is no YAML


def _printable(plan: ModelPlan) -> ModelPlan:
    """Its names without what would move the terminal's cursor."""
    field = plan.advice.exclude_field
    return replace(
        plan,
        model=shown(plan.model),
        bypasses={shown(reason): count for reason, count in plan.bypasses.items()},
        fields=[replace(field, name=shown(field.name)) for field in plan.fields],
        advice=replace(plan.advice, exclude_field=shown(field) if field else None),
    )


def _print_plan(plan: ModelPlan, console: Console) -> None:
    console.print(Text.assemble((plan.model, "bold"), ": ", (headline(plan), _tone(plan))))
    for sentence in (money_words(plan), *reasons(plan)):
        if sentence:
            _print_indented(sentence, console)
    _print_indented(facts(plan), console, "dim")
    side = Table.grid(padding=(0, 2))
    right = Table.grid()
    if plan.memory_curve and plan.advice.ttl_seconds is not None:
        right.add_row(_memory_table(plan))
    right.add_row(_field_table(plan))
    side.add_row(_ttl_table(plan), right)
    console.print(side)


def _print_indented(sentence: str, console: Console, style: str = "") -> None:
    wrapped = textwrap.fill(sentence, console.width, initial_indent="  ", subsequent_indent="  ")
    console.print(Text(wrapped, style), soft_wrap=True)


def facts(plan: ModelPlan) -> str:
    """What the log has of this model."""
    bypassed = sum(plan.bypasses.values())
    reasons_ = ", ".join(f"{count:,} {reason}" for reason, count in sorted(plan.bypasses.items()))
    bypasses = f"; {bypassed:,} bypass the cache ({reasons_})" if bypassed else ""
    asked = f"{plan.distinct:,} distinct inputs" + (f" of {plan.callers:,} callers" if plan.callers > 1 else "")
    requests = "1 request" if plan.requests == 1 else f"{plan.requests:,} requests"
    return f"{requests} in {duration(plan.span_seconds)}, {asked}{bypasses}"


def _ttl_table(plan: ModelPlan) -> Table:
    table = _table("TTL", "hits")
    field = plan.advice.exclude_field
    if field:
        table.add_column(f"without\n{escape(field)}", justify="right", no_wrap=True, overflow="ellipsis", max_width=16)
    if plan.changes.compared:
        table.add_column("wrong", justify="right")
    for point, advised in zip(plan.ttl_curve, plan.advised_ttl_curve, strict=True):
        cells = [duration(point.ttl_seconds), percent(point.hit_ratio)]
        if field:
            cells.append(percent(advised.hit_ratio))
        if plan.changes.compared:
            cells.append(f"[red]{advised.wrong:,}[/]" if advised.wrong else "0")
        table.add_row(*cells, style="bold green" if point.ttl_seconds == plan.advice.ttl_seconds else None)
    return table


def _memory_table(plan: ModelPlan) -> Table:
    table = _table("memory", f"hits at {duration(plan.fields_ttl_seconds)}")
    for point in plan.memory_curve:
        style = "bold green" if point.memory_bytes == plan.advice.memory_bytes else None
        table.add_row(f"{point.memory_bytes // MIB:,} MiB", percent(point.hit_ratio), style=style)
    return table


def _field_table(plan: ModelPlan) -> Table | Text:
    if not plan.has_bodies:
        return Text("fields: the log has no bodies", "dim")
    table = _table("left out", "gain")
    table.add_column("wrong", justify="right", no_wrap=True)
    for field in plan.fields[:_SHOWN_FIELDS]:
        style = "bold green" if field.name == plan.advice.exclude_field else None
        wrong = f"{field.wrong:,} of {field.comparable:,}" if field.comparable else "–"
        table.add_row(escape(field.name), points(field.gain), wrong, style=style)
    if len(plan.fields) > _SHOWN_FIELDS:
        table.add_row(f"and {len(plan.fields) - _SHOWN_FIELDS} more: --json", "", "", style="dim")
    return table


def _table(first: str, second: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, no_wrap=True, overflow="ellipsis", max_width=20)
    table.add_column(second, justify="right", no_wrap=True)
    return table


def _tone(plan: ModelPlan) -> str:
    return "yellow" if plan.advice.ttl_seconds is None else "green"
