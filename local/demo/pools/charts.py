"""Pictures for the page of the pools: SVG without text, coloured by the page's style sheet."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

FLOOR_MS, CEILING_MS, BINS = 5.0, 2000.0, 48
_HEIGHT = 100


def bin_of(milliseconds: float) -> int:
    """Return which of the bins, equal on a logarithmic scale from 5 ms to 2 s, a time falls into."""
    bounded = min(max(milliseconds, FLOOR_MS), CEILING_MS)
    return min(int(BINS * math.log(bounded / FLOOR_MS) / math.log(CEILING_MS / FLOOR_MS)), BINS - 1)


def first_byte_bins(answers: Sequence[Mapping[str, Any]]) -> tuple[list[int], list[int]]:
    """Return how many warm and how many cold answers are in each bin."""
    warm = Counter(bin_of(answer["first_byte_ms"]) for answer in answers if answer["warm"])
    cold = Counter(bin_of(answer["first_byte_ms"]) for answer in answers if not answer["warm"])
    return [warm[each] for each in range(BINS)], [cold[each] for each in range(BINS)]


def histogram(warm: Sequence[int], cold: Sequence[int], highest: int, alternative: str) -> str:
    """Return a bar for each bin, warm answers below the cold ones; a bar of `highest` answers is as high as it gets."""
    bars = []
    for position, (below, above) in enumerate(zip(warm, cold, strict=True)):
        low, high = _HEIGHT * below / highest, _HEIGHT * (below + above) / highest
        bars.append(_bar("hit", position, _HEIGHT - low, low) + _bar("miss", position, _HEIGHT - high, high - low))
    lines = "".join(
        f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{_HEIGHT}"/>'
        for x in (10 * bin_of(ms) for ms in (10, 100, 1000))
    )
    return _picture("strip", 10 * len(warm), _HEIGHT, alternative, lines + "".join(bars))


def replica_line(
    answers: Sequence[int], highest: int, away: Sequence[Sequence[float]], alternative: str, height: int = 30
) -> str:
    """Return a bar for each part of the time, on a shade where the replica was not to be asked."""
    shades = "".join(
        f'<rect class="away" x="{10 * start:.1f}" y="0" width="{10 * (end - start):.1f}" height="{height}"/>'
        for start, end in away
    )
    bars = "".join(
        _bar("hit", position, height - height * count / highest, height * count / highest)
        for position, count in enumerate(answers)
    )
    return _picture("replica", 10 * len(answers), height, alternative, shades + bars)


def _bar(name: str, position: int, y: float, height: float) -> str:
    if not height:
        return ""
    return f'<rect class="{name}" x="{10 * position + 1}" y="{y:.1f}" width="8" height="{height:.1f}"/>'


def _picture(name: str, width: int, height: int, alternative: str, inside: str) -> str:
    return (
        f'<svg class="{name}" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img" '
        f'aria-label="{alternative}">{inside}</svg>'
    )
