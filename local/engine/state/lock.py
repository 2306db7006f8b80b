"""The lock of a stack: one engine at a time."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from datetime import datetime
from pathlib import Path
from types import TracebackType

from local.engine.errors import EngineError


class StackLock:
    """Held while a stack is changed. Usage: ``with StackLock(path): ...``.

    The kernel holds the lock (flock), so that a dead process leaves none behind; the file says who holds it.
    Raises EngineError when another engine has it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def __enter__(self) -> StackLock:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(handle, 4096, 0).decode(errors="replace")
            os.close(handle)
            raise EngineError(self._refusal(holder)) from error
        owner = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now().astimezone().isoformat(timespec="seconds"),
        }
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, json.dumps(owner).encode(), 0)
        except OSError:
            pass  # a full disk: the lock holds without the name of its holder
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _refusal(self, holder: str) -> str:
        try:
            owner = json.loads(holder)
            who = f"process {owner['pid']} on {owner['host']} since {owner['since']}"
        except (ValueError, KeyError, TypeError):
            who = "another process"
        return f"the stack is being changed by {who}: wait for it to end, or stop it ({self._path})"
