"""Markdown of the generated pages."""

from __future__ import annotations

import json
import re
from typing import Any

REQUIRED = "**required**"


def code(value: Any) -> str:
    """A value as JSON in backticks."""
    return f"`{json.dumps(value)}`"


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(_text(cell) for cell in cells)} |"


def _text(cell: str) -> str:
    """Markdown signs in a description stand for themselves; a cell is one line."""
    cell = " ".join(cell.split())
    return cell if cell == REQUIRED or cell.startswith("`") else re.sub(r"[|*<_]", r"\\\g<0>", cell)
