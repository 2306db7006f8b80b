"""Numbers as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def duration(seconds: float) -> str:
    """90 s, 5 min, 36 h, 7 d; what is no whole number of a unit is rounded to a tenth of it."""
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:,.0f} {unit}"
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return f"{f'{seconds / size:,.1f}'.removesuffix('.0')} {unit}"
    return f"{seconds:,.3g} s"


def percent(share: float) -> str:
    """45.3 %; two decimals below 1 %."""
    if not share:
        return "0 %"
    return f"{share:.2%}".replace("%", " %") if 0 < share < 0.01 else f"{share:.1%}".replace("%", " %")


def points(share: float) -> str:
    """+12.3, in percentage points."""
    if not share:
        return "0"
    return f"{100 * share:+.2f}" if 0 < abs(share) < 0.01 else f"{100 * share:+.1f}"


def number(value: float) -> str:
    """12,345; 12.3 below a hundred."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.3g}"


def money(value: float, currency: str) -> str:
    """1,234 USD; 0.0123 USD."""
    return f"{value:,.0f} {currency}" if value >= 1_000 else f"{value:,.3g} {currency}"


def day_and_time(microseconds: int) -> str:
    """2026-11-01 12:30 UTC."""
    return datetime.fromtimestamp(microseconds / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")
