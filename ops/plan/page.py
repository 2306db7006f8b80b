"""The plan as one self-contained page with curves: no script, nothing from the network.

Usage::

    Path("plan.html").write_text(page("requests.jsonl", plans, traces, block), encoding="utf-8")
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

from ops.plan.advice import ModelPlan
from ops.plan.curves import MIB, TtlPoint
from ops.plan.fields import FieldFinding
from ops.plan.line_chart import Line, line_chart
from ops.plan.report import facts
from ops.plan.stack_block import StackBlock
from ops.plan.traces import Traces
from ops.plan.units import duration, money, number, percent, points
from ops.plan.words import headline, money_words, reasons

_TEMPLATE = Path(__file__).with_name("page.html")


def page(log: str, plans: Sequence[ModelPlan], traces: Traces, block: StackBlock) -> str:
    """The page's text; `log` is the log's name."""
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        log=escape(log),
        lead=_lead(log, plans, traces),
        models="".join(_model(index, plan) for index, plan in enumerate(plans)),
        config=escape(block.text),
    )


def _lead(log: str, plans: Sequence[ModelPlan], traces: Traces) -> str:
    requests = sum(plan.requests for plan in plans)
    models = "one model" if len(plans) == 1 else f"{len(plans)} models"
    skipped = sum(traces.skipped.values())
    more = f"; {skipped:,} lines were skipped ({', '.join(traces.skipped)})" if skipped else ""
    return escape(f"{log}: {requests:,} requests to {models}{more}.")


def _model(index: int, plan: ModelPlan) -> str:
    sentences = "".join(f"<p>{_with_options(text)}</p>" for text in (money_words(plan), *reasons(plan)) if text)
    return (
        f'<section aria-labelledby="m{index}"><h2 id="m{index}">{escape(plan.model)}</h2>'
        f'<p class="lead">{escape(_sentence(headline(plan)))}</p><dl class="facts">{_facts(plan)}</dl>{sentences}'
        f'<p class="soft">{escape(facts(plan))}.</p>{_ttl_figure(plan)}{_memory_figure(plan)}{_fields(plan)}'
        f"{_ttl_details(plan)}</section>"
    )


def _facts(plan: ModelPlan) -> str:
    advice, saved = plan.advice, plan.savings
    shown = [("requests", f"{plan.requests:,}"), ("distinct inputs", f"{plan.distinct:,}")]
    if advice.ttl_seconds is not None:
        shown = [
            ("hits", percent(advice.hit_ratio)),
            ("answers kept for", duration(advice.ttl_seconds)),
            ("memory", f"{advice.memory_bytes // MIB:,} MiB"),
        ]
        if saved and saved.saved_per_month is not None and saved.currency:
            shown.append(("saved a month", money(saved.saved_per_month, saved.currency)))
        elif saved:
            shown.append(("model calls saved a day", number(saved.saved_calls_per_day)))
    return "".join(f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in shown)


def _ttl_figure(plan: ModelPlan) -> str:
    ttls = [point.ttl_seconds for point in plan.ttl_curve]
    first, last = math.log(ttls[0]), math.log(max(ttls[-1], ttls[0] + 1))

    def place(ttl_seconds: float) -> float:
        return (math.log(max(ttl_seconds, ttls[0])) - first) / (last - first)

    def line(name: str, kind: str, curve: Iterable[TtlPoint]) -> Line:
        told = [(p, f"{duration(p.ttl_seconds)}: {percent(p.hit_ratio)}") for p in curve]
        return Line(name, kind, [(place(p.ttl_seconds), p.hit_ratio, f"{name}, {text}") for p, text in told])

    field, advised, limit = plan.advice.exclude_field, plan.advice.ttl_seconds, plan.changes.shortest_seconds
    lines = [line("the whole body in the key", "main", plan.ttl_curve)]
    if field:
        lines.append(line(f"without {field}", "better", plan.advised_ttl_curve))
    bad_from = place(limit) if limit < ttls[-1] else None
    chart = line_chart(
        lines,
        [(place(ttl), duration(ttl)) for ttl in _spread(ttls, advised, place)],
        f"Hit ratio of {plan.model} by TTL",
        place(advised) if advised is not None else None,
        bad_from,
    )
    legend = [(line_.kind, line_.name) for line_ in lines if len(lines) > 1]
    legend += [("mark", "advised")] if advised is not None else []
    legend += [("shade", "recorded answers had changed by then")] if bad_from is not None else []
    return _figure("Hits by TTL", "with enough memory", chart, legend)


def _spread(ttls: Sequence[int], advised: int | None, place: Callable[[float], float]) -> list[int]:
    """Those whose labels do not touch: the advised one, then 1 s, 1 min and the like, first."""
    first = (advised, 1, 10, 60, 600, 3_600, 86_400)
    kept: list[int] = []
    for ttl in sorted(ttls, key=lambda ttl: (first.index(ttl) if ttl in first else len(first), ttl)):
        if all(abs(place(ttl) - place(other)) > 0.07 for other in kept):
            kept.append(ttl)
    return sorted(kept)


def _memory_figure(plan: ModelPlan) -> str:
    curve = plan.memory_curve
    if plan.advice.ttl_seconds is None or len(curve) < 2:
        return ""
    last = len(curve) - 1
    sizes = [f"{point.memory_bytes // MIB:,} MiB" for point in curve]
    told = [
        (index / last, point.hit_ratio, f"{sizes[index]}: {percent(point.hit_ratio)}")
        for index, point in enumerate(curve)
    ]
    marked = next(
        (index / last for index, point in enumerate(curve) if point.memory_bytes == plan.advice.memory_bytes), None
    )
    chart = line_chart(
        [Line("hits", "better" if plan.advice.exclude_field else "main", told)],
        [(index / last, size) for index, size in enumerate(sizes)],
        f"Hit ratio of {plan.model} by memory",
        marked,
    )
    return _figure("Hits by memory", f"at {duration(plan.fields_ttl_seconds)}", chart, [("mark", "advised")])


def _figure(title: str, more: str, chart: str, legend: Sequence[tuple[str, str]]) -> str:
    items = "".join(f'<li><i class="{kind}"></i>{escape(text)}</li>' for kind, text in legend)
    caption = f"<figcaption><strong>{title}</strong>, {escape(more)}</figcaption>"
    return f'<figure>{caption}{chart}<ul class="legend">{items}</ul></figure>'


def _fields(plan: ModelPlan) -> str:
    if not plan.fields:
        return (
            "" if plan.has_bodies else '<p class="soft">The log has no bodies to try without some of their fields.</p>'
        )
    rows = "".join(_field(field, field.name == plan.advice.exclude_field) for field in plan.fields)
    return (
        f"<h3>Fields left out of the key, at {duration(plan.fields_ttl_seconds)}</h3>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Fields of the body"><table><thead><tr>'
        '<th scope="col">field</th><th scope="col">gain, points</th><th scope="col">wrong answers</th>'
        f'<th scope="col" style="text-align:left">why</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _field(field: FieldFinding, is_chosen: bool) -> str:
    wrong = f"{field.wrong:,} of {field.comparable:,}" if field.comparable else "–"
    tone = ' class="bad"' if field.wrong else ""
    return (
        f'<tr{_chosen(is_chosen)}><th scope="row">{escape(field.name)}</th><td>{points(field.gain)}</td>'
        f'<td{tone}>{wrong}</td><td class="text">{escape(field.reason)}</td></tr>'
    )


def _ttl_details(plan: ModelPlan) -> str:
    field, compared = plan.advice.exclude_field, plan.changes.compared
    more = f'<th scope="col">without {escape(field)}</th>' if field else ""
    wrong = '<th scope="col">wrong answers</th>' if compared else ""
    rows = "".join(
        f'<tr{_chosen(point.ttl_seconds == plan.advice.ttl_seconds)}><th scope="row">{duration(point.ttl_seconds)}</th>'
        f"<td>{percent(point.hit_ratio)}</td>{f'<td>{percent(advised.hit_ratio)}</td>' if field else ''}"
        f"{_wrong(advised) if compared else ''}</tr>"
        for point, advised in zip(plan.ttl_curve, plan.advised_ttl_curve, strict=True)
    )
    return (
        '<details><summary>Every TTL</summary><div class="scroll" tabindex="0" role="region" aria-label="Every TTL">'
        f'<table><thead><tr><th scope="col">TTL</th><th scope="col">hits</th>{more}{wrong}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _wrong(point: TtlPoint) -> str:
    tone = ' class="bad"' if point.wrong else ""
    return f"<td{tone}>{point.wrong:,} of {point.comparable:,}</td>"


def _chosen(is_chosen: bool) -> str:
    return ' class="chosen"' if is_chosen else ""


def _with_options(text: str) -> str:
    """A command's options are not broken between lines."""
    return re.sub(r"--[a-z-]+", r"<code>\g<0></code>", escape(text))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
