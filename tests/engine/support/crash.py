"""Kills the engine at a chosen point: from then on the process does nothing any more, as after kill -9."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from local.engine.providers.kong.admin_api import AdminApi
from local.engine.state import journal, store


class Killed(Exception):
    """The process is dead."""


class Crash:
    """Counts the points where a process can die: before and after every provider call, every sync and every renaming
    of a file, and in the middle of every line of the journal. Usage: ``Crash(monkeypatch, at=7).points``.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int = 0) -> None:
        self.points = 0
        self._at = at
        self._dead = False
        self._lock = threading.Lock()
        for owner, name in ((AdminApi, "call"), (os, "replace"), (os, "fsync")):
            monkeypatch.setattr(owner, name, self._around(getattr(owner, name)))
        for owner, name in ((journal, "sync_folder"), (store, "sync_folder"), (os, "ftruncate"), (os, "link")):
            monkeypatch.setattr(owner, name, self._alive(getattr(owner, name)))
        monkeypatch.setattr(os, "pwrite", self._torn(os.pwrite))

    def watch(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        """Count the calls of a method too."""
        monkeypatch.setattr(owner, name, self._around(getattr(owner, name)))

    def _point(self) -> None:
        with self._lock:
            self.points += 1
            if self._dead or self.points == self._at:
                self._dead = True
                raise Killed

    def _check_alive(self) -> None:
        if self._dead:
            raise Killed

    def _around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **options: Any) -> Any:
            self._point()
            result = function(*args, **options)
            self._point()
            return result

        return wrapped

    def _torn(self, write: Callable[..., int]) -> Callable[..., int]:
        def wrapped(handle: int, content: bytes, offset: int) -> int:
            self._check_alive()
            half = write(handle, content[: len(content) // 2], offset)
            self._point()
            return half + write(handle, content[half:], offset + half)

        return wrapped

    def _alive(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any) -> Any:
            self._check_alive()
            return function(*args)

        return wrapped
