"""A field is left out only where the recorded answers are evidence enough."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ops.plan.advice import Terms, plan_model
from ops.plan.reading import read_traces


def _advised(path: Path, asked: Iterable[tuple[dict[str, Any], str]]) -> str | None:
    lines = [
        json.dumps({"time": 1_760_000_000 + i, "model": "m", "body": body, "answer": answer})
        for i, (body, answer) in enumerate(asked)
    ]
    path.write_text("\n".join(lines), "utf-8")
    return plan_model(read_traces(path).models[0], Terms()).advice.exclude_field


def test_many_questions_that_differ_in_an_id_are_evidence(tmp_path: Path) -> None:
    asked = [({"q": i % 50, "id": i}, f"answer {i % 50}") for i in range(1_000)]
    assert _advised(tmp_path / "log.jsonl", asked) == "id"


def test_the_same_two_questions_again_and_again_are_none(tmp_path: Path) -> None:
    asked = [({"text": "hello", "lang": ("en", "de")[i % 2]}, "hi") for i in range(600)]
    asked += [({"text": f"text {i}", "lang": "en"}, f"answer {i}") for i in range(50)]
    assert _advised(tmp_path / "log.jsonl", asked) is None


def test_answers_that_are_nearly_always_equal_are_none(tmp_path: Path) -> None:
    asked = [({"user": i % 40, "amount": i}, "legitimate") for i in range(1_000)]
    assert _advised(tmp_path / "log.jsonl", asked) is None
