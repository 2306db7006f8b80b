"""A run that is ended by a signal, or that finds no room, leaves nothing behind: no folder and no process."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import PROJECT_DIR
from ops.interrupts import interruptible, uninterrupted

_SECONDS = 30
_SEVERAL_PROCESSES = 30_000  # so many bodies are more than one process reads


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "requests.jsonl"
    with path.open("w") as file:
        for i in range(_SEVERAL_PROCESSES):
            file.write(json.dumps({"time": i, "model": "m", "body": {"q": i, "text": "x" * 50}, "answer": i}) + "\n")
    return path


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def start(log: Path, temporary: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A run in a process group of its own, with a folder of its own for what is temporary."""
    started: list[subprocess.Popen[str]] = []

    def run(before: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "ops", "plan", str(log)],
            cwd=PROJECT_DIR,
            env={**os.environ, "TMPDIR": str(temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=before,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(is_there: Callable[[], object], process: subprocess.Popen[str]) -> None:
    ends = time.monotonic() + _SECONDS
    while not is_there():
        assert process.poll() is None and time.monotonic() < ends
        time.sleep(0.01)


def processes_of(group: int) -> int:
    count = 0
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                count += os.getpgid(int(name)) == group
            except ProcessLookupError:
                continue
    return count


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_while_the_log_is_read_leaves_no_folder(start, temporary, number: signal.Signals) -> None:
    process = start()
    wait_for(lambda: list(temporary.iterdir()), process)
    process.send_signal(number)
    out, err = process.communicate(timeout=_SECONDS)
    assert (process.returncode, out, err.splitlines()[-1]) == (130, "", "interrupted")
    assert "Traceback" not in err
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are counted in /proc")
@pytest.mark.parametrize(
    ("number", "send"),
    [(signal.SIGTERM, os.kill), (signal.SIGINT, os.killpg)],  # Ctrl-C goes to all processes of a terminal
)
def test_a_signal_while_several_processes_read_ends_them_all(start, temporary, number, send) -> None:
    process = start()
    wait_for(lambda: processes_of(process.pid) > 2, process)
    send(process.pid, number)
    _, err = process.communicate(timeout=_SECONDS)  # ends when nobody has the pipes any more
    assert (process.returncode, err) == (130, "interrupted\n")
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it is Linux that ends them")
def test_a_run_that_is_killed_takes_its_processes_along(start) -> None:
    process = start()
    wait_for(lambda: processes_of(process.pid) > 3, process)
    process.kill()
    process.communicate(timeout=_SECONDS)


def test_a_disk_without_room_is_told_and_leaves_no_folder(start, temporary) -> None:
    process = start(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
    out, err = process.communicate(timeout=_SECONDS)
    told = f"no room in {temporary} for what is read: File too large; TMPDIR names another\n"
    assert (process.returncode, out, err) == (1, "", told)
    assert list(temporary.iterdir()) == []


def test_a_signal_waits_while_something_is_removed() -> None:
    removed = False
    with pytest.raises(KeyboardInterrupt), interruptible(), uninterrupted():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        removed = True
    assert removed


def test_signals_are_afterwards_as_they_were() -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    with interruptible(), uninterrupted():
        pass
    assert [signal.getsignal(number) for number in numbers] == before


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
