"""A curve as SVG that keeps its lines' widths at any size, with its labels in HTML so that a phone can show them.

Usage::

    line_chart([Line("hits", "main", [(0.0, 0.1, "1 s: 10 %"), (1.0, 0.4, "1 h: 40 %")])], [(0.0, "1 s"), (1.0, "1 h")])

x is 0 at the left and 1 at the right, y a share; the style sheet is in page.html.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 1_000, 400
_FEW = 5  # labels that a phone has room for


@dataclass(frozen=True)
class Line:
    """`kind`: the class that colours it. points: x, y and what to tell of the point."""

    name: str
    kind: str
    points: Sequence[tuple[float, float, str]]


def line_chart(
    lines: Sequence[Line],
    labels: Sequence[tuple[float, str]],
    alternative: str,
    marked: float | None = None,
    bad_from: float | None = None,
) -> str:
    """`labels`: x and text. `marked`: the x of a vertical line. `bad_from`: the x from which the plot is shaded."""
    top = _top(max((y for line in lines for _, y, _ in line.points), default=0.0))
    steps = [top * step / 4 for step in range(5)]
    shade = "" if bad_from is None else _shade(max(0.0, bad_from))
    grid = "".join(f'<path class="grid" d="M0 {_y(step, top):.1f}H{_WIDTH}"/>' for step in steps)
    mark = "" if marked is None else f'<path class="mark" d="M{_x(marked):.1f} 0V{_HEIGHT}"/>'
    drawn = "".join(_line(line, top) for line in lines)
    heights = "".join(
        f'<span class="y" style="top:{100 - 100 * step / top:.2f}%">{100 * step:.0f} %</span>' for step in steps
    )
    return (
        f'<div class="chart"><div class="plot"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" '
        f'role="img" aria-label="{escape(alternative)}">{shade}{grid}{mark}{drawn}</svg>{heights}</div>'
        f'<div class="xs" aria-hidden="true">{_labels(labels)}</div></div>'
    )


def _top(highest: float) -> float:
    """The end of the axis: a share that four steps divide well."""
    return next((top for top in (0.04, 0.08, 0.2, 0.4, 0.6, 0.8) if highest <= top), 1.0)


def _labels(labels: Sequence[tuple[float, str]]) -> str:
    every = max(1, math.ceil(len(labels) / _FEW))
    last = len(labels) - 1
    return "".join(
        f'<span class="{"few" if (last - index) % every == 0 else "many"}" style="left:{100 * x:.2f}%">{escape(text)}'
        "</span>"
        for index, (x, text) in enumerate(labels)
    )


def _line(line: Line, top: float) -> str:
    path = "L".join(f"{_x(x):.1f} {_y(y, top):.1f}" for x, y, _ in line.points)
    dots = "".join(
        f'<path class="dot" d="M{_x(x):.1f} {_y(y, top):.1f}h0"><title>{escape(text)}</title></path>'
        for x, y, text in line.points
    )
    return f'<g class="{line.kind}"><path class="line" d="M{path}"/>{dots}</g>'


def _shade(x: float) -> str:
    return f'<rect class="shade" x="{_x(x):.1f}" y="0" width="{_WIDTH - _x(x):.1f}" height="{_HEIGHT}"/>'


def _x(x: float) -> float:
    return _WIDTH * x


def _y(y: float, top: float) -> float:
    return _HEIGHT * (1 - y / top)
