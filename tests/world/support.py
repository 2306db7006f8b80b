"""Waiting for what other processes do, bounded in time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_PATIENCE_SECONDS = 40.0


def eventually(found: Callable[[], T | None]) -> T:
    """Return the first result that is not None or False; fail when there is none for a long time."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        result = found()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def is_gone(pid: int) -> bool:
    """Say whether the process has ended (a zombie that nobody waited for has)."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def children(pid: int) -> dict[int, str]:
    """Return process id and command line of each child of a process."""
    found: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                parent = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
                if int(parent) == pid:
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found
