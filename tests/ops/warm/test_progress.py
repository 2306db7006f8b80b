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
        {"run": ["version"]},
        {"ahead": [0, 1]},
        {"position": 1_000_000_000},
        {"counts": [["hit", "", 1], ["no kind", "", 1]]},
        {"counts": [["hit", "", 1], ["failed", "\x1b[31m", 1]]},
        {"counts": [["hit", "", 1], ["failed", 500, 1]]},
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


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, "7" * 10_000, "null", "\x00"], ids=lambda text: text[:4])
def test_what_is_no_progress_begins_anew(file: ProgressFile, tmp_path: Path, text: str) -> None:
    path = tmp_path / "digits.json"
    path.write_text(text)
    assert file.load() == (Progress(), f"{path} cannot be read")


def test_a_huge_file_is_not_read_to_its_end(file: ProgressFile, tmp_path: Path) -> None:
    with open(tmp_path / "digits.json", "wb") as huge:
        huge.truncate(1 << 40)
    assert file.load() == (Progress(), f"{tmp_path / 'digits.json'} cannot be read")


def test_a_clock_that_was_put_back_is_told(file: ProgressFile, tmp_path: Path) -> None:
    file.save(Progress())
    path = tmp_path / "digits.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "savedAt": time.time() + 60}))
    assert file.load() == (Progress(), "by this machine's clock the last run is yet to come")
