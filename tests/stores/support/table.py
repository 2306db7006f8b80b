"""The fault table that the tests fill and pytest prints at their end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What a fault did to the requests that met it; times in seconds, beside those without a fault."""

    fault: str
    first_seconds: float
    later_seconds: float
    usual_seconds: float
    connections: int
    detail: str

    def text(self, width: int) -> str:
        first, later = (1000 * (value - self.usual_seconds) for value in (self.first_seconds, self.later_seconds))
        return f"{self.fault:<{width}}  {first:>10.0f}  {later:>10.0f}  {self.connections:>11}  {self.detail}"


ROWS: list[Row] = []


def lines() -> list[str]:
    """The table; nothing without rows."""
    if not ROWS:
        return []
    width = max(len(row.fault) for row in ROWS)
    fault, first, later, connections = "fault of the shared cache", "first, +ms", "later, +ms", "connections"
    head = f"{fault:<{width}}  {first:>10}  {later:>10}  {connections:>11}  detail"
    return [head, *(row.text(width) for row in ROWS)]
