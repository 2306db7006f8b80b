"""The demo's report as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from local.demo import ways
from local.demo.changed_model_page import changed_model_section, changed_model_words
from local.demo.charts import digit_image, height, latency_strip, share_bar
from local.demo.row import PARTS, time_text
from local.demo.shared_page import shared_sections
from local.demo.verdict import Check

STYLE = Path(__file__).with_name("style.css")
_TEMPLATE = Path(__file__).with_name("page.html")
_STRIP_TOP, _STRIP_SHARE = 12 / 124, 100 / 124
_NUMBERS = {3: "Three", 4: "Four"}


def render(report: Mapping[str, Any], checks: Sequence[Check]) -> str:
    """Return the page for a report and its verdict; it refers to nothing outside itself."""
    rollout = report["rollout"]
    return Template(_TEMPLATE.read_text()).substitute(
        style=STYLE.read_text(),
        title=_title(report),
        lead=_lead(report),
        facts=_facts(report),
        ways=_NUMBERS[len(report["rows"])],
        at_edge=_at_edge(report),
        requests=report["rows"][0]["requests"],
        distinct=report["distinct_inputs"],
        clients=report["clients"],
        latency=f"{report['added_latency_seconds']:g} s",
        table="".join(_table_row(row, report["rows"][0]) for row in report["rows"]),
        strips="".join(_strip(row) for row in report["rows"]),
        cases=_cases(report["examples"]),
        new_version=escape(rollout["to_version"]),
        rollout=_rollout(rollout, report["rollback"]),
        rollout_bar=_rollout_bar(rollout["during"]),
        shared=shared_sections(report),
        changed=changed_model_section(report),
        left_over=left_over(report, f"The gateway{' and the edge' * report['edge']}"),
        steps=_steps(report),
        checks=check_items(checks),
        footer=footer(report["versions"]),
    )


def _title(report: Mapping[str, Any]) -> str:
    count, requests = (sum(row[name] for row in _ours(report)) for name in ("wrong", "requests"))
    wrong = f"{count or 'No'} wrong prediction{'s' * (count > 1)} in {requests}"
    faster = f", and hits {report['speedup_p50']:,.0f} times as fast" if report["speedup_p50"] else ""
    return wrong + faster


def _lead(report: Mapping[str, Any]) -> str:
    alone, stock, *ours = report["rows"]
    stack = "and behind this stack"
    if report["edge"]:
        stack = "behind this stack with POST, and with GET at its edge"
    elif report["outage"]:
        stack = "behind this stack, and at its other gateway node"
    return (
        f"A classifier of handwritten digits answered {alone['requests']} requests "
        f"{_NUMBERS[len(report['rows'])].lower()} times: asked directly, behind Kong’s stock cache, {stack}. The stock "
        f"cache does not look at the request’s body and gave <strong class='bad'>{stock['wrong']} wrong answers"
        f"</strong>; this stack gave {zero(sum(row['wrong'] for row in ours))} and asked the model "
        f"{_main(report)['model_calls']} times instead of {alone['model_calls']}.{changed_model_words(report)}"
    )


def _at_edge(report: Mapping[str, Any]) -> str:
    if not report["edge"]:
        return ""
    by_post, by_get = _ours(report)
    saved = by_get["requests"] - by_get["model_calls"]
    return (
        f"<p>{by_get['edge_hits']} of {by_get['requests']} answers came from the edge itself: Kong had "
        f"{by_get['gateway_requests']} requests with GET, and {by_post['gateway_requests']} with POST, which no edge "
        f"keeps. {saved} calls of the model were saved. A question is one URL however it is written: the client "
        f"transport sends its canonical form. On this machine {ways.edge_words(report['edge_provider'])}. It is as "
        "near as Kong: that it is near to callers elsewhere does not show in these times.</p>"
    )


def _facts(report: Mapping[str, Any]) -> str:
    alone, stock, *all_ours = report["rows"]
    ours, wrong = _main(report), sum(row["wrong"] for row in all_ours)
    requests = sum(row["requests"] for row in all_ours)
    speedup = f"{report['speedup_p50']:,.0f}×" if report["speedup_p50"] else "–"
    stale = report["rollout"]["stale"] + report["rollback"]["stale"]
    where = " at the edge" * report["edge"]
    counted = [
        (speedup, f"a hit{where} against the model alone, p50", True),
        (wrong, f"wrong answers of {requests}; the stock cache: {stock['wrong']} of {stock['requests']}", not wrong),
        (ours["model_calls"], f"model calls; without a cache: {alone['model_calls']}", True),
        (stale, "answers of the old version after a rollout or a roll back", not stale),
    ]
    return facts(counted)


def facts(counted: Sequence[tuple[object, str, bool]]) -> str:
    """Return numbers in large type: each with what it counts, and whether it is a good one."""
    return "".join(
        f"<div><dt>{text}</dt><dd class='{_tone(good)}'>{number}</dd></div>" for number, text, good in counted
    )


def _table_row(row: Mapping[str, Any], alone: Mapping[str, Any]) -> str:
    ours = row["name"] in ways.OURS
    line = (
        f"<tr{' class=ours' if ours else ''}><th scope='row'>{escape(row['name'])}</th>"
        f"<td class='{_tone(row['wrong'] == 0)}'>{row['wrong']}</td><td>{row['hits']}</td>"
        f"<td>{row['model_calls']}</td>{_times(row, alone)}</tr>"
    )
    parts = "".join(
        f"<tr class='part'><th scope='row'>{words}</th><td></td><td></td><td></td>{_times(row[part], alone)}</tr>"
        for part, words in PARTS.items()
        if row[part]["requests"]
    )
    return line + parts if ours else line


def _times(times: Mapping[str, float | None], alone: Mapping[str, float]) -> str:
    shown = [time_text(times[name]) for name in ("p50_ms", "p95_ms", "p99_ms")]
    speedup = f"{alone['p50_ms'] / times['p50_ms']:,.0f}×" if times["p50_ms"] else "–"
    return "".join(f"<td>{text}</td>" for text in (*shown, speedup))


def _strip(row: Mapping[str, Any]) -> str:
    words = f"{row['hits']} hits, {row['wrong']} wrong answers, median {time_text(row['p50_ms'])} ms"
    labels = "".join(
        f"<span style='top:{100 * (_STRIP_TOP + _STRIP_SHARE * (1 - height(level))):.1f}%'>{text}</span>"
        for level, text in ((10, "10 ms"), (100, "100 ms"), (1000, "1 s"))
    )
    name = escape(row["name"])
    return (
        f"<figure><figcaption><span><strong>{name}</strong>, {ways.WORDS[row['name']]}</span><span>{words}</span>"
        f"</figcaption><div class='plot'>{latency_strip(row['answers'], f'{name}: {words}')}{labels}</div></figure>"
    )


def _cases(examples: Sequence[Mapping[str, Any]]) -> str:
    if not examples:
        return ""
    cards = "".join(
        f"<li>{digit_image(example['image'], 'image of the digit ' + str(example['shows']))}"
        f"<p>the model <strong>{example['model']}</strong></p>"
        f"<p>stock cache {_digit(example['stock'], example['model'])}</p>"
        f"<p>inference-edge {_digit(example['ours'], example['model'])}</p></li>"
        for example in examples
    )
    return (
        "<section aria-labelledby='cases'><h2 id='cases'>What a wrong answer looks like</h2>"
        "<p class='soft'>Images that were asked, and the digit that each way named.</p>"
        f"<ul class='cases'>{cards}</ul></section>"
    )


def _digit(served: Any, model: Any) -> str:
    return f"<strong class='{_tone(served == model)}'>{escape(str(served))}</strong>"


def _rollout(rollout: Mapping[str, Any], rollback: Mapping[str, Any]) -> str:
    during = rollout["during"]
    old, new = escape(rollout["from_version"]), escape(rollout["to_version"])
    return (
        f"Requests went on while the stack was updated: {during['requests']} answers, {during['old']} of version "
        f"{old}, {during['new']} of version {new}, {zero(during['wrong'])} of neither, "
        f"{zero(during['failed'])} failed. After it, the same "
        f"{rollout['requests']} requests had {zero(rollout['stale'])} answers of the old version, and the old model "
        f"was asked {rollout['old_model_calls']} times. Rolled back, under requests too, {zero(rollback['wrong'])} of "
        f"{rollback['requests']} answers were wrong. Nothing was purged: version and endpoint are part of the key, "
        "and every rollout takes a new secret, so that no key ever comes back."
    )


def _rollout_bar(during: Mapping[str, int]) -> str:
    shares = [(name, during[name]) for name in ("old", "new", "wrong")]
    return share_bar(shares, f"during the rollout: {during['old']} old, {during['new']} new, {during['wrong']} wrong")


def left_over(report: Mapping[str, Any], holder: str) -> str:
    """Say what the gateway (and what else there is) held, and what of it is left."""
    counts = report["deployed"].items()
    deployed = ", ".join(f"{count} {kind.removesuffix('s') if count == 1 else kind}" for kind, count in counts)
    if report["left_over"]:
        left = ", ".join(f"{count} {kind}" for kind, count in report["left_over"].items())
        return f"{holder} held {escape(deployed)}. <strong class='bad'>Left after destroy: {escape(left)}.</strong>"
    return f"{holder} held {escape(deployed)}. After destroy nothing is listed."


def _steps(report: Mapping[str, Any]) -> str:
    changed = report["changed_model"]
    return step_rows(
        [
            ("preview", report["preview"], "preview"),
            ("up", report["up"], "up"),
            ("roll out", report["rollout"]["changes"], "roll out version 2"),
            ("second preview", report["second_preview"], "second preview"),
            ("roll back", report["rollback"]["changes"], "roll back to version 1"),
            *([("verification on", changed["switch_on"], "switch verification on")] if changed else []),
            *([("purge", changed["purge"], "purge")] if changed else []),
            ("destroy", report["destroy"], "destroy"),
        ],
        report["seconds"],
    )


def step_rows(steps: Sequence[tuple[str, Mapping[str, int], str]], seconds: Mapping[str, float]) -> str:
    """Return table rows of deployment steps: name, changes by operation, and under which name it was timed."""
    return "".join(
        f"<tr><th scope='row'>{name}</th>"
        + "".join(f"<td>{changes.get(op) or '·'}</td>" for op in ("create", "update", "replace", "delete", "same"))
        + f"<td>{seconds[timed]:.1f}</td></tr>"
        for name, changes, timed in steps
    )


def check_items(checks: Sequence[Check]) -> str:
    """Return the claims as items of a list."""
    return "".join(f"<li{'' if check.holds else ' class=failed'}>{escape(check.claim)}</li>" for check in checks)


def footer(versions: Mapping[str, str]) -> str:
    """Return what was used for the demo."""
    return escape(" · ".join(f"{name} {version}" for name, version in versions.items()))


def _ours(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in report["rows"] if row["name"] in ways.OURS]


def _main(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row that the facts are about."""
    return next(row for row in report["rows"] if row["name"] in (ways.GATEWAY, ways.EDGE_GET))


def zero(count: int) -> str:
    """Return a count that should be zero."""
    return f"<strong class='{_tone(count == 0)}'>{count}</strong>"


def _tone(good: bool) -> str:
    return "good" if good else "bad"
