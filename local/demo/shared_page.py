"""The part of the demo's page about answers that gateway nodes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from local.demo.charts import latency_strip
from local.demo.comparison_table import FAULT_HEADINGS, HITS_HEADINGS, fault_cells, hits_cells
from local.demo.row import time_text

_PHASES = {"with": "with Valkey", "without": "killed", "again": "started again, empty"}


def shared_sections(report: Mapping[str, Any]) -> str:
    """Return the sections on the outage and on the comparison of designs; "" for a stack without a shared cache."""
    if not report["outage"]:
        return ""
    return _outage(report["outage"]) + _comparison(report["comparison"])


def _outage(outage: Mapping[str, Any]) -> str:
    rows = [
        (
            words,
            *(str(outage[name][count]) for count in ("requests", "hits", "wrong", "failed")),
            _longest(outage[name]),
        )
        for name, words in _PHASES.items()
    ]
    back = outage["seconds_to_first_hit"]
    again = (
        f"The first hit came {back:g} s after its restart." if back is not None else "No hit came after its restart."
    )
    return (
        "<section aria-labelledby='outage'><h2 id='outage'>Valkey killed in the middle of traffic</h2>"
        "<p>Two gateway nodes share what they keep through one Valkey. While requests went to both in turn, it was "
        "killed and started again. Without it every question goes to the model; a node that has seen it fail leaves it "
        f"alone for some seconds. {again}</p>"
        f"<figure><div class='plot'>{latency_strip(outage['answers'], 'every answer around the outage')}</div></figure>"
        f"{table(('Valkey', 'requests', 'hits', 'wrong', 'failed', 'longest ms'), rows)}</section>"
    )


def _comparison(comparison: Mapping[str, Any]) -> str:
    return (
        "<section aria-labelledby='designs'><h2 id='designs'>Beside a cache inside the API process</h2>"
        "<p>The usual design asks Redis from the API process itself, here FastAPI with redis-py. All were asked the "
        f"same by the same client, in turn, in {comparison['rounds']} runs of {comparison['run_seconds']:g} s; these "
        f"are medians of hits through {escape(comparison['gateway'])}, the last two against FastAPI’s.</p>"
        f"{table(HITS_HEADINGS, hits_cells(comparison))}"
        "<p>What was asked for the first time, and what happened when Redis hung or was gone, each eight times at "
        f"once:</p>{table(FAULT_HEADINGS, fault_cells(comparison))}</section>"
    )


def _longest(part: Mapping[str, Any]) -> str:
    return time_text(part["longest_ms"])


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table that scrolls by itself; the first cell of a row is its heading."""
    head = "".join(f"<th scope='col'>{escape(heading)}</th>" for heading in headings)
    body = "".join(
        f"<tr><th scope='row'>{escape(first)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for first, *cells in rows
    )
    return (
        f"<div class='scroll' tabindex='0' role='region' aria-label='{escape(headings[0])}'>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
