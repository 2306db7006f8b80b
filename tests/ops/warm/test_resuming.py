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
from ops.warm.lock import alone
from tests.ops.warm.conftest import KEYS, WarmProject

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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_is_gone_on_with_and_asks_each_question_once(
    project: WarmProject, number: signal.Signals, capsys: Capture
) -> None:
    project.up()
    project.model.behaviour.seconds = 0.05
    bodies = [{"x": number} for number in range(40)]
    file = project.write(bodies)
    process = started(project, file)
    process.send_signal(number)
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_reads_its_file_can_be_interrupted(
    project: WarmProject, number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write_stack()
    file = project.write([{"time": 1, "model": "digits", "body": {"x": number}} for number in range(300_000)])
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    process = subprocess.Popen(
        [sys.executable, "-m", "ops", *project.command(file)], cwd=PROJECT_DIR, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not any(folder.iterdir()):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "interrupted\n")
    assert list(folder.iterdir()) == []


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


def stop_at_once(project: WarmProject, file: Path) -> None:
    """A run that failed before its first answer."""
    project.model.behaviour.status = 500
    assert project.warm(file) == 1
    project.model.behaviour.status = 200
    project.model.calls.clear()


def test_a_killed_run_is_gone_on_with(project: WarmProject, capsys: Capture) -> None:
    project.up()
    project.model.behaviour.seconds = 0.1
    file = project.write([{"x": number} for number in range(60)])
    process = started(project, file)
    deadline = time.monotonic() + 60
    while json.loads(project.progress_file.read_text())["position"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.communicate()
    project.model.behaviour.seconds = 0
    assert project.warm(file) == 0
    shown = capsys.readouterr()
    assert shown.err.startswith("goes on after ")
    assert shown.out.startswith("digits: 60 of 60 questions asked: ")


def test_two_runs_at_once_do_not_ask_the_same(project: WarmProject, capsys: Capture) -> None:
    project.up()
    file = project.write([{"x": 1}])
    with alone(project.progress_file):
        assert project.warm(file) == 1
    lock = project.progress_file.with_suffix(".lock")
    assert capsys.readouterr().err == (
        f"nothing was asked: another run has {lock}: wait for its end; to ask another --url at the same time, give "
        "this run a --state-dir of its own\n"
    )
    assert project.model.calls == []
    assert project.warm(file) == 0


def test_fewer_questions_than_were_asked_begin_anew(project: WarmProject, capsys: Capture) -> None:
    project.up()
    file = project.write([{"x": number} for number in range(8)])
    stop_at_once(project, file)
    kept = json.loads(project.progress_file.read_text())
    project.progress_file.write_text(json.dumps({**kept, "position": 4, "counts": [["stored", "", 4]]}))
    capsys.readouterr()
    assert project.warm(file, "--top", "3") == 0
    shown = capsys.readouterr()
    assert shown.err == "this run begins anew: fewer questions than the last run has asked\n"
    assert shown.out == "digits: 3 of 3 questions asked: 3 stored\n"


def test_another_key_or_endpoint_begins_anew(
    project: WarmProject, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.up()
    file = project.write([{"x": number} for number in range(8)])
    stop_at_once(project, file)
    capsys.readouterr()
    monkeypatch.setenv("INFERENCE_EDGE_KEY", KEYS["batch"])
    stop_at_once(project, file)
    assert capsys.readouterr().err.startswith("this run begins anew: another key than in the last run\n")
    project.write_stack("{store: memory, excludeFields: [id]}", model=f"{project.model.url}/green")
    stop_at_once(project, file)
    assert capsys.readouterr().err.startswith("this run begins anew: another endpoint than in the last run\n")


@pytest.mark.parametrize("place", ["folder", "file", "disk"])
def test_nothing_is_asked_where_the_progress_cannot_be_kept(project: WarmProject, place: str, capsys: Capture) -> None:
    project.up()
    path = project.progress_file
    if place == "folder":
        path.parent.write_text("")
    elif place == "file":
        path.mkdir(parents=True)
    else:
        path.parent.mkdir()
        path.with_suffix(".json.new").symlink_to("/dev/full")
    assert project.warm(project.write([{"x": 1}])) == 1
    said = capsys.readouterr().err
    assert "nothing was asked: the progress cannot be kept (--state-dir): " in said
    assert project.model.calls == []


def test_a_disk_that_fills_up_ends_the_run_with_its_report(project: WarmProject, capsys: Capture) -> None:
    project.up()
    project.model.behaviour.seconds = 0.1
    draft = project.progress_file.with_suffix(".json.new")
    full = threading.Timer(0.9, lambda: draft.symlink_to("/dev/full"))
    full.start()
    assert project.warm(project.write([{"x": number} for number in range(200)]), "--json") == 1
    full.join()
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert told["stopped"] == "unsaved"
    assert told["outcomes"]["stored"] == told["asked"] == len(project.model.calls)
    assert "stopped: the progress cannot be kept, and would be lost: [Errno 28] No space left" in shown.err


def test_a_file_that_is_changed_meanwhile_ends_the_run_with_its_report(project: WarmProject, capsys: Capture) -> None:
    project.up()
    project.model.behaviour.seconds = 0.05
    file = project.write([{"x": number, "y": "a" * 30_000} for number in range(100)])
    truncated = threading.Timer(0.5, os.truncate, (file, 10))
    truncated.start()
    assert project.warm(file, "--json") == 1
    truncated.join()
    told = json.loads(capsys.readouterr().out)
    assert told["stopped"] == "changed"
    assert told["advice"] == "stopped: the file was changed while its questions were asked: begin again"
    assert told["outcomes"]["stored"] == told["asked"]
