"""A few inputs that the stock cache got wrong, to look at."""

from __future__ import annotations

from typing import Any

from local.demo.row import Row
from local.demo.workload import Workload


def examples(workload: Workload, stock: Row, ours: Row, count: int = 6) -> list[dict[str, Any]]:
    """Return up to `count` inputs for which the stock cache named another digit than the model, with all answers."""
    found: dict[int, dict[str, Any]] = {}
    for position, answer in enumerate(stock.answers):
        index = answer.index
        model, served = _digit(stock.expected[index]), _digit(answer.document)
        if index not in found and served != model:
            found[index] = {
                "image": workload.images[index],
                "shows": workload.digits[index],
                "model": model,
                "stock": served,
                "ours": _digit(ours.answers[position].document),
            }
    return list(found.values())[:count]


def _digit(document: Any) -> Any:
    try:
        return document["predictions"][0]["digit"]
    except (KeyError, IndexError, TypeError):
        return "–"
