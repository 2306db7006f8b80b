"""Numbers and names as `status` shows them to a person."""

from __future__ import annotations

from collections.abc import Mapping

from ops.status.histogram import BOUNDS_MS

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024
_LONGEST = 300  # of a name or message
_MOST_NAMES = 12


def shown(text: str) -> str:
    """A name or label without control characters, which would move the terminal's cursor, and cut when it is long."""
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return "".join(char if char.isprintable() else "\ufffd" for char in cut)


def milliseconds(value: float | None) -> str:
    """``< 1``, ``12``, ``>= 60,000``: a bucket of a millisecond tells no fraction of one; ``-`` without a value."""
    if value is None:
        return "-"
    if value < 1:
        return "< 1"
    return f">= {BOUNDS_MS[-1]:,}" if value >= BOUNDS_MS[-1] else f"{value:,.0f}"


def percent(ratio: float | None) -> str:
    """``98.7 %``, with more digits near 0 and never rounded to 0 or 100; ``-`` without a value."""
    if ratio is None:
        return "-"
    if ratio in (0, 1):
        return f"{100 * ratio:.0f} %"
    if ratio < 0.0001:
        return "< 0.01 %"
    if ratio < 0.01:
        return f"{100 * ratio:.2f} %"
    return "> 99.9 %" if ratio > 0.999 else f"{100 * ratio:.1f} %"


def money(amount: float | None, currency: str | None) -> str:
    """``1,234.50 USD``; small sums keep two digits that are not 0; ``-`` without an amount."""
    if amount is None or currency is None:
        return "-"
    if amount == 0 or amount >= 1:
        return f"{amount:,.2f} {currency}"
    decimals = 2
    while decimals < 12 and amount * 10**decimals < 10:
        decimals += 1
    return f"{amount:.{decimals}f} {currency}"


def size(count: int) -> str:
    """``12.3 MiB``."""
    value, unit = float(count), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def counts(by_name: Mapping[str, int], unnamed: str = "other") -> str:
    """``authorization 300, cookie 45``; the first dozen, and how many are in all others."""
    named = [f"{shown(name) or unnamed} {count:,}" for name, count in by_name.items()]
    if len(named) > _MOST_NAMES:
        rest = sum(list(by_name.values())[_MOST_NAMES:])
        named[_MOST_NAMES:] = [f"{len(named) - _MOST_NAMES:,} more {rest:,}"]
    return ", ".join(named)
