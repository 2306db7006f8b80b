"""What a run keeps of itself, when somebody else has written into it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from ops.warm.outcome import Outcome
from ops.warm.progress import Progress, ProgressFile


@pytest.fixture
def file(tmp_path: Path) -> ProgressFile:
    return ProgressFile(tmp_path / "digits.json", {"version": "1"}, ttl_seconds=300)


def test_a_run_goes_on_where_it_was_saved(file: ProgressFile) -> None:
    progress = Progress()
    progress.done(0, Outcome("stored"))
    progress.done(2, Outcome("hit"))
    file.save(progress)
    assert file.load() == (progress, "")
    assert list(file.load()[0].left(4)) == [1, 3]


def test_a_run_that_was_stopped_before_its_first_answer_can_be_gone_on_with(file: ProgressFile) -> None:
    file.save(Progress())
    assert file.load() == (Progress(), "")


@pytest.mark.parametrize(
    "changed",
    [
        {"position": -1},
        {"position": float("inf")},
        {"position": float("nan")},
        {"ahead": [-7]},
        {"counts": [["hit", "", -3]]},
        {"savedAt": "yesterday"},
    ],
    ids=str,
)
def test_numbers_that_cannot_be_begin_anew(file: ProgressFile, tmp_path: Path, changed: dict[str, object]) -> None:
    progress = Progress()
    progress.done(0, Outcome("stored"))
    progress.done(2, Outcome("hit"))
    file.save(progress)
    path = tmp_path / "digits.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "savedAt": time.time(), **changed}))
    assert file.load() == (Progress(), f"{path} cannot be read")
