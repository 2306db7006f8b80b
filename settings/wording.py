"""How messages put things into words."""

from __future__ import annotations

from collections.abc import Iterable


def one_of(values: Iterable[object]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    *head, last = map(str, values)
    return f"{', '.join(head)} or {last}" if head else last
