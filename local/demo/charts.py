"""Small pictures for the demo's page: SVG without text, coloured by the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

FLOOR_MS = 0.5
CEILING_MS = 2000.0
_WORDS = {"hit": "from the cache", "waited": "waited for the same prediction", "miss": "from the model"}
_SLOT, _HEIGHT, _LANE = 10, 100, 12


def height(milliseconds: float) -> float:
    """Return where a time stands on the strip's logarithmic scale: 0 up to 0.5 ms, 1 from 2 s on."""
    bounded = min(max(milliseconds, FLOOR_MS), CEILING_MS)
    return math.log(bounded / FLOOR_MS) / math.log(CEILING_MS / FLOOR_MS)


def latency_strip(answers: Sequence[Mapping[str, Any]], alternative: str) -> str:
    """Return one mark for each answer in order of the requests, and below it a tick where the answer was wrong."""
    width = len(answers) * _SLOT
    lines = "".join(_line(width, level) for level in (10, 100, 1000))
    marks = "".join(_mark(position, answer) for position, answer in enumerate(answers))
    return (
        f'<svg class="strip" viewBox="0 0 {width} {_HEIGHT + 2 * _LANE}" preserveAspectRatio="none" role="img" '
        f'aria-label="{alternative}">{lines}{marks}</svg>'
    )


def digit_image(pixels: Sequence[int], alternative: str) -> str:
    """Return an 8x8 image as squares, darker for more ink."""
    squares = "".join(
        f'<rect x="{index % 8}" y="{index // 8}" width="1.02" height="1.02" fill-opacity="{pixel / 16:.2f}"/>'
        for index, pixel in enumerate(pixels)
        if pixel
    )
    return f'<svg class="digit" viewBox="-.5 -.5 9 9" role="img" aria-label="{alternative}">{squares}</svg>'


def share_bar(shares: Sequence[tuple[str, int]], alternative: str) -> str:
    """Return a bar split by counts, each part with the class of its name."""
    parts, start = [], 0
    for name, count in shares:
        parts.append(f'<rect class="{name}" x="{start}" y="0" width="{count}" height="1"/>')
        start += count
    return (
        f'<svg class="shares" viewBox="0 0 {max(start, 1)} 1" preserveAspectRatio="none" role="img" '
        f'aria-label="{alternative}">{"".join(parts)}</svg>'
    )


def _line(width: int, milliseconds: float) -> str:
    y = _y(milliseconds)
    return f'<line class="grid" x1="0" x2="{width}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _mark(position: int, answer: Mapping[str, Any]) -> str:
    x, y = position * _SLOT, _y(answer["ms"])
    kind = "wrong" if answer["wrong"] else answer["part"]
    words = f"request {position + 1}: {answer['ms']:,.1f} ms, {_WORDS[answer['part']]}"
    title = f"<title>{words}{', wrong answer' if answer['wrong'] else ''}</title>"
    stem = f'<rect class="stem" x="{x + 2}" y="{y:.1f}" width="6" height="{_LANE + _HEIGHT - y:.1f}"/>'
    head = f'<rect x="{x + 1}" y="{y - 2:.1f}" width="8" height="4"/>'
    tick = f'<rect x="{x + 1}" y="{_HEIGHT + _LANE + 3}" width="8" height="{_LANE - 3}"/>' if answer["wrong"] else ""
    return f'<g class="{kind}">{title}{stem}{head}{tick}</g>'


def _y(milliseconds: float) -> float:
    return _LANE + _HEIGHT * (1 - height(milliseconds))
