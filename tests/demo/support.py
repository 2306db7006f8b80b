"""Rows and a whole report as the demo makes them, without running it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from local.demo.client import Answer
from local.demo.row import Row

EXPECTED = [{"model_version": "1", "predictions": [{"digit": digit}]} for digit in range(3)]


def answer(
    index: int = 0,
    milliseconds: float = 2.0,
    document: Any = None,
    hit: bool = True,
    status: int = 200,
    waited: bool = False,
) -> Answer:
    """Return the model's own answer to input `index`, or another one."""
    return Answer(index, milliseconds, status, EXPECTED[index] if document is None else document, hit, waited)


def row(name: str, answers: Sequence[Answer], model_calls: int = 1) -> Row:
    """Return a row whose model answers EXPECTED."""
    return Row(name, answers, EXPECTED, model_calls)


def report() -> dict[str, Any]:
    """Return the report of a demo in which everything holds."""
    rows = [
        row("model alone", [answer(index, 1000, hit=False) for index in (0, 1, 0, 2)], model_calls=4),
        row("stock proxy-cache", [answer(0, 1000, hit=False), answer(1, 1, EXPECTED[0])], model_calls=1),
        row("inference-edge", [answer(0, 1000, hit=False), answer(0, 2), answer(0, 4)], model_calls=1),
    ]
    changes = {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": 9}
    image = [0, 8, 16, 0] * 16
    return copy.deepcopy(
        {
            "engine": "embedded",
            "stack": "dev",
            "added_latency_seconds": 1.0,
            "clients": 4,
            "distinct_inputs": 3,
            "rows": [each.as_json() for each in rows],
            "examples": [{"image": image, "shows": 1, "model": 1, "stock": 0, "ours": 1}],
            "speedup_p50": 400.0,
            "preview": {**changes, "create": 9, "same": 0},
            "up": {**changes, "create": 9, "same": 0},
            "rollout": {
                "from_version": "1",
                "to_version": "2",
                "changes": {**changes, "update": 2, "same": 7},
                "during": {"requests": 5, "old": 3, "new": 2, "wrong": 0},
                "requests": 4,
                "stale": 0,
                "wrong": 0,
                "hits": 1,
                "model_calls": 3,
                "old_model_calls": 0,
            },
            "rollback": {"changes": changes, "requests": 4, "wrong": 0, "hits": 4, "model_calls": 0},
            "second_preview": changes,
            "destroy": {**changes, "delete": 9, "same": 0},
            "deployed": {"services": 1, "plugins": 6},
            "left_over": {},
            "versions": {"engine": "embedded", "python": "3.11"},
            "seconds": dict.fromkeys(
                ("preview", "up", "roll out version 2", "roll back to version 1", "second preview", "destroy"), 0.5
            ),
        }
    )
