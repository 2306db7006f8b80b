"""What a fault of the shared cache did to requests, as a line of the table that pytest prints at its end."""

from __future__ import annotations

from dataclasses import dataclass

HEADING = f"{'fault of the shared cache':<28}  first, +ms  later, +ms  connections  detail"


@dataclass(frozen=True)
class FaultRow:
    """What it did to the requests that met it; times in seconds, beside those without a fault."""

    fault: str
    first_seconds: float
    later_seconds: float
    usual_seconds: float
    connections: int
    detail: str

    def text(self) -> str:
        first, later = (1000 * (value - self.usual_seconds) for value in (self.first_seconds, self.later_seconds))
        return f"{self.fault:<28}  {first:>10.0f}  {later:>10.0f}  {self.connections:>11}  {self.detail}"
