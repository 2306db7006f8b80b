"""The journal of a stack: what happened since the state file was written, one JSON line each."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.engine.errors import EngineError

Record = dict[str, Any]


class Journal:
    """Append-only lines next to the state file.

    Usage: ``journal.append({"record": "put", ...}, durable=True)``; ``read(path)`` gives the records of an older run.
    A line counts once its newline is there, so a line that a crash cut off never happened.
    Raises EngineError when a line cannot be written (disk full): the file is then as before.
    """

    def __init__(self, path: Path, header: Record) -> None:
        self._path, self._header = path, header
        self._lock = threading.Lock()
        self._handle: int | None = None
        self._size = 0

    def append(self, record: Record, *, durable: bool) -> None:
        """Write a record; `durable` waits until it (and all before it) survive a power cut."""
        with self._lock:
            before = self._size
            try:
                if self._handle is None:
                    self._open()
                    before = self._size
                self._write(record)
                if durable:
                    os.fsync(self._handle_number())
            except OSError as error:
                self._undo(before)
                raise EngineError(
                    f"cannot write {self._path}: {error.strerror}. The state is intact up to the last step: "
                    "make room (or correct the permissions) and run the same command again"
                ) from error

    def close(self) -> None:
        """Close the file; it stays on disk until the state file holds its content."""
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        self._size = _complete_size(self._path, self._header["serial"])
        os.ftruncate(self._handle, self._size)
        if self._size == 0:
            self._write(self._header)
            sync_folder(self._path.parent)

    def _write(self, record: Record) -> None:
        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        written = 0
        while written < len(line):
            written += os.pwrite(self._handle_number(), line[written:], self._size + written)
        self._size += len(line)

    def _undo(self, size: int) -> None:
        self._size = size
        if self._handle is not None:
            os.ftruncate(self._handle, size)

    def _handle_number(self) -> int:
        assert self._handle is not None
        return self._handle


def read(path: Path) -> Iterator[Record]:
    """The records of a journal, header first; nothing when there is no file. Raises EngineError when damaged."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    for number, line in enumerate(content[: content.rfind(b"\n") + 1].splitlines(), start=1):
        try:
            record = json.loads(line)
            if not isinstance(record, dict) or "record" not in record:
                raise ValueError("not a record")
        except ValueError as error:
            raise EngineError(
                f"{path} is damaged at line {number}. It holds steps that the state file lacks, so nothing was "
                "changed. Repair the line, or restore the file from a backup"
            ) from error
        yield record


def sync_folder(folder: Path) -> None:
    """Make new, renamed and removed names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _complete_size(path: Path, serial: int) -> int:
    """Bytes of the whole lines that go on from this serial; a journal that is already folded in counts nothing."""
    content = path.read_bytes()
    complete = content.rfind(b"\n") + 1
    return complete if complete and json.loads(content.split(b"\n", 1)[0]).get("serial") == serial else 0
