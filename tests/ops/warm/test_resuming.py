"""A run that stopped is gone on with by the next one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from local import PROJECT_DIR
from tests.ops.warm.conftest import WarmProject

Capture = pytest.CaptureFixture[str]


def started(project: WarmProject, file: Path) -> subprocess.Popen[str]:
    """A run of its own that has asked the model something."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ops", *project.command(file)],
        cwd=PROJECT_DIR,
        env=dict(os.environ),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while len(project.model.calls) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


def test_an_interrupted_run_is_gone_on_with_and_asks_each_question_once(project: WarmProject, capsys: Capture) -> None:
    project.up()
    project.model.behaviour.seconds = 0.05
    bodies = [{"x": number} for number in range(40)]
    file = project.write(bodies)
    process = started(project, file)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err == (
        "waiting for the answers that are under way; Ctrl-C again gives them up\n"
        "interrupted: the same command goes on where it stopped\n"
    )
    before = len(project.model.calls)
    assert 0 < before < 40
    assert out == f"digits: {before} of 40 questions asked: {before} stored\n"

    assert project.warm(file) == 0
    shown = capsys.readouterr()
    assert shown.err == f"goes on after {before} of 40 questions\n"
    assert shown.out == "digits: 40 of 40 questions asked: 40 stored\n"
    assert len(project.model.calls) == 40
    assert all(project.is_hit(body) for body in bodies)


def test_an_answer_that_does_not_come_is_given_up(project: WarmProject) -> None:
    project.up()
    project.model.behaviour.released = threading.Event()
    process = started(project, project.write([{"x": number} for number in range(40)]))
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("waiting for the answers")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    project.model.behaviour.released.set()
    assert process.returncode == 130, err
    assert out == "digits: 0 of 40 questions asked: no answer came\n"
    assert "Traceback" not in err


def test_a_run_whose_model_failed_asks_again_what_failed(project: WarmProject, capsys: Capture) -> None:
    project.up()
    file = project.write([{"x": number} for number in range(8)])
    assert project.warm(file, "--top", "2") == 0
    project.model.behaviour.status = 500
    assert project.warm(file, "--concurrency", "1") == 1
    assert capsys.readouterr().out.endswith("digits: 2 of 8 questions asked: 2 cached already\n")
    project.model.behaviour.status = 200
    assert project.warm(file) == 0
    assert capsys.readouterr().out == "digits: 8 of 8 questions asked: 2 cached already, 6 stored\n"


def test_another_file_version_or_generation_begins_anew(project: WarmProject, capsys: Capture) -> None:
    project.up()
    lines = [{"x": number} for number in range(8)]
    file = project.write(lines)

    def stop_early(*more: str) -> str:
        project.model.behaviour.status = 500
        assert project.warm(file, *more) == 1
        project.model.behaviour.status = 200
        return capsys.readouterr().err

    stop_early()
    file = project.write([*lines, {"x": 9}])
    assert stop_early().startswith("this run begins anew: another file than in the last run\n")
    project.write_stack("{store: memory, excludeFields: [id], generation: 2}", version="2")
    assert stop_early().startswith("this run begins anew: another version and generation than in the last run\n")
    assert not stop_early().startswith("this run begins anew")
    assert not stop_early("--restart").startswith("this run begins anew")
    kept = json.loads(project.progress_file.read_text())
    project.progress_file.write_text(json.dumps({**kept, "savedAt": time.time() - 301}))
    assert "the last run was over 300 s ago (ttlSeconds): its answers have expired\n" in stop_early()
    project.progress_file.write_text("{")
    assert f"this run begins anew: {project.progress_file} cannot be read\n" in stop_early()
