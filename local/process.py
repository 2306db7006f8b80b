"""One child process that says when it is ready and never outlives its parent."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local import PROJECT_DIR

_STOP_SECONDS = 5.0
_TAIL_LINES = 12


class ProcessError(RuntimeError):
    """A child process did not start or has died; the text ends with the last lines of its log."""


class ReadyProcess:
    """A Python module run as a child process, up once it has printed one line of JSON.

    Usage:
        process = ReadyProcess("model", "local.model", ["--bind", "127.0.0.1:0"], Path("logs"))
        process.ready()          # None, later {"endpoint": "http://127.0.0.1:8080/invocations"}
        process.stop()

    It has a process group of its own: Ctrl-C in a terminal reaches only the parent, which stops its children in order.
    On Linux the kernel also ends it when the parent is killed outright. Start it from the main thread: that signal
    is sent when the starting thread ends.
    """

    def __init__(self, name: str, module: str, arguments: Sequence[str], log_dir: Path) -> None:
        self.name = name
        self._output = log_dir / f"{name}.out"
        self._log = log_dir / f"{name}.log"
        with self._output.open("wb") as output, self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.child", str(os.getpid()), module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                cwd=PROJECT_DIR,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def ready(self) -> dict[str, Any] | None:
        """Return what the ready line holds, None before it is there; raise ProcessError when the process has died."""
        first, newline, _ = self._output.read_bytes().partition(b"\n")
        if newline:
            return self._parsed(first)
        self.check()
        return None

    def check(self) -> None:
        """Raise ProcessError when the process has ended by itself."""
        code = self._process.poll()
        if code is not None:
            raise ProcessError(f"{self.name} {_ending(code)}{self._tail()}")

    def stop(self) -> None:
        """End the process and all that it started; kill what does not end in 5 s. Harmless when it has ended."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kill the process and all that it started, at once. Harmless when it has ended."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _parsed(self, line: bytes) -> dict[str, Any]:
        try:
            ready = json.loads(line)
        except ValueError:
            ready = None
        if not isinstance(ready, dict):
            raise ProcessError(f"{self.name} printed no ready line but: {line[:200].decode(errors='replace')}")
        return ready

    def _tail(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()[-_TAIL_LINES:]
        if len(lines) == 1:
            return f": {lines[0]}"
        return "".join(f"\n  {line}" for line in lines)


def _ending(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
