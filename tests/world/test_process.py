from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import PROJECT_DIR
from local.process import ProcessError, ReadyProcess
from tests.world.support import eventually, is_gone

Start = Callable[[str], ReadyProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    processes: list[ReadyProcess] = []

    def start_part(behaviour: str) -> ReadyProcess:
        processes.append(ReadyProcess("part", "tests.world.part", [behaviour], tmp_path))
        return processes[-1]

    yield start_part
    for process in processes:
        process.stop()


def test_is_ready_with_its_first_line(start: Start) -> None:
    assert eventually(start("ready").ready) == {"endpoint": "here"}


def test_a_part_that_dies_is_an_error_with_its_log(start: Start) -> None:
    process = start("dies")
    with pytest.raises(ProcessError) as caught:
        eventually(process.ready)
    assert str(caught.value) == "part ended with exit code 1\n  first line of the log\n  the reason"


def test_a_part_that_prints_something_else_is_an_error(start: Start) -> None:
    process = start("babbles")
    with pytest.raises(ProcessError, match="part printed no ready line but: hello"):
        eventually(process.ready)


def test_a_part_that_was_killed_is_noticed(start: Start) -> None:
    process = start("ready")
    eventually(process.ready)
    process.check()
    os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: is_gone(process.pid))
    with pytest.raises(ProcessError, match="part was ended by SIGKILL"):
        process.check()


def test_stop_ends_also_what_ignores_it_and_may_be_repeated(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.process._STOP_SECONDS", 0.1)
    process = start("stubborn")
    eventually(process.ready)
    process.stop()
    process.stop()
    assert is_gone(process.pid)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_a_parent_that_was_killed(tmp_path: Path, number: signal.Signals) -> None:
    program = (
        "import sys, time; from pathlib import Path; from local.process import ReadyProcess\n"
        "process = ReadyProcess('part', 'tests.world.part', ['ready'], Path(sys.argv[1]))\n"
        "while not process.ready(): time.sleep(0.02)\n"
        "print(process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT_DIR) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert not is_gone(child)
        parent.send_signal(number)
    eventually(lambda: is_gone(child))
