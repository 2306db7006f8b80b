"""The report of the pools as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from local.demo.page import STYLE, check_items, facts, footer, left_over, step_rows, zero
from local.demo.pools.cells import PHASE_NUMBERS, SPREAD_HEADINGS, phase_cells, spread_cells
from local.demo.pools.charts import first_byte_bins, histogram, replica_line
from local.demo.pools.verdict import LARGEST_IMBALANCE, LEAST_WARM_RATIO, warm_ratio
from local.demo.pools.words import callers_words, fallback_words, moved_words, stream_words
from local.demo.row import time_text
from local.demo.shared_page import table
from local.demo.verdict import Check

_TEMPLATE = Path(__file__).with_name("page.html")


def render(report: Mapping[str, Any], checks: Sequence[Check]) -> str:
    """Return the page for a report and its verdict; it refers to nothing outside itself."""
    load = report["load"]
    return Template(_TEMPLATE.read_text()).substitute(
        style=STYLE.read_text(),
        title=_title(report),
        lead=_lead(report),
        facts=_facts(report),
        conversations=report["conversations"],
        turns=report["rows"][0]["requests"],
        at_once=report["at_once"],
        spread=table(SPREAD_HEADINGS, spread_cells(report)),
        latency=f"{report['latency_seconds']:g} s",
        histograms=_histograms(report["rows"]),
        load=_load(load),
        replicas=_replicas(load["timeline"]),
        seconds=f"{load['timeline']['seconds']:.0f}",
        phases=table(("from then on", *load["timeline"]["answers"], *PHASE_NUMBERS), phase_cells(report)),
        name=escape(report["name"]),
        found="".join(
            f"<li>{escape(words(report))}</li>" for words in (stream_words, callers_words, moved_words, fallback_words)
        ),
        left_over=left_over(report, "The gateway"),
        steps=_steps(report),
        checks=check_items(checks),
        footer=footer(report["versions"]),
    )


def _title(report: Mapping[str, Any]) -> str:
    failed = report["load"]["failed"]
    lost = f"{failed} lost request{'s' * (failed > 1)}" if failed else "No lost request"
    return f"{warm_ratio(report['rows']):.1f} times as many warm prompts. {lost}"


def _lead(report: Mapping[str, Any]) -> str:
    round_robin, affinity = report["rows"]
    before, after = (time_text(row["first_byte_p50_ms"]) for row in report["rows"])
    return (
        f"{len(affinity['by_replica'])} replicas of a chat model stand behind one address. With round-robin "
        f"<strong>{round_robin['warm_share']:.0%}</strong> of the requests found what had been said before on the "
        f"replica that they got; with affinity <strong class='good'>{affinity['warm_share']:.0%}</strong>, and the "
        f"first byte came after {after} ms instead of {before} (p50). Then a replica was killed, another drained and "
        f"one added: {zero(report['load']['failed'])} of {report['load']['requests']} requests failed."
    )


def _facts(report: Mapping[str, Any]) -> str:
    ratio, (_, affinity) = warm_ratio(report["rows"]), report["rows"]
    failed, moved = report["load"]["failed"], report["moved"]
    return facts(
        [
            (f"{ratio:.1f}×", "as many warm requests as with round-robin", ratio >= LEAST_WARM_RATIO),
            (
                f"{affinity['imbalance']:.2f}×",
                "the mean of requests had the busiest replica",
                affinity["imbalance"] < LARGEST_IMBALANCE,
            ),
            (failed, f"of {report['load']['requests']} requests failed under changes", not failed),
            (f"{moved['share']:.0%}", f"of the prefixes moved to replica {moved['replicas'] + 1}", True),
        ]
    )


def _histograms(rows: Sequence[Mapping[str, Any]]) -> str:
    bins = {row["name"]: first_byte_bins(row["answers"]) for row in rows}
    highest = max([1, *(warm + cold for each in bins.values() for warm, cold in zip(*each, strict=True))])
    return "".join(
        _figure(
            row["name"],
            f"{row['warm']} of {row['requests']} warm, first byte {time_text(row['first_byte_p50_ms'])} ms (p50)",
            histogram(*bins[row["name"]], highest, f"times to the first byte, {escape(row['name'])}"),
        )
        for row in rows
    )


def _replicas(timeline: Mapping[str, Any]) -> str:
    answers = timeline["answers"]
    highest = max([1, *(count for counts in answers.values() for count in counts)])
    return "".join(
        _figure(
            replica,
            f"{sum(counts)} answers",
            replica_line(counts, highest, timeline["away"][replica], f"answers of {escape(replica)} over time"),
            "lane",
        )
        for replica, counts in answers.items()
    )


def _figure(name: str, words: str, picture: str, kind: str = "") -> str:
    return (
        f"<figure{f' class={kind}' if kind else ''}><figcaption><span><strong>{escape(name)}</strong></span>"
        f"<span>{words}</span></figcaption><div class='plot'>{picture}</div></figure>"
    )


def _load(load: Mapping[str, Any]) -> str:
    return (
        f"While conversations went on, {load['requests']} requests in {load['timeline']['seconds']:.0f} s, one replica "
        f"was killed with {load['lost']} requests in hand: the gateway sent them to others, and left it out until it "
        f"was back. One was drained by a deployment, ended, started again and taken back; one more was added. "
        f"{zero(load['failed'])} requests failed."
    )


def _steps(report: Mapping[str, Any]) -> str:
    names = ("preview", "up", "second_preview", "destroy")
    seconds = report["seconds"]
    timed = dict(zip(names, ("preview", "up, with round-robin", "second preview", "destroy"), strict=True))
    return step_rows([(timed[name], report[name], timed[name]) for name in names], seconds)
