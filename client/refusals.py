"""Remembers for a while which paths do not take GET."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

import httpx

_REMEMBERED_SECONDS = 300.0
_MAX_PATHS = 1_000


class Refusals:
    """At most 1,000 paths, each for five minutes; safe with threads.

    Usage: ``refusals.note(url, from_bytes=0)``, then ``refusals.has(url)`` for that path and that length or more.
    """

    def __init__(self) -> None:
        self._paths: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, url: httpx.URL, from_bytes: int) -> None:
        """The path of `url` refuses GET with URLs of so many bytes or more."""
        path = _path(url)
        with self._lock:
            self._paths.pop(path, None)
            self._paths[path] = (time.monotonic() + _REMEMBERED_SECONDS, from_bytes)
            if len(self._paths) > _MAX_PATHS:
                self._paths.popitem(last=False)

    def has(self, url: httpx.URL) -> bool:
        """Whether GET with this URL would be refused."""
        with self._lock:
            until, from_bytes = self._paths.get(_path(url), (0.0, 0))
            return time.monotonic() < until and len(str(url)) >= from_bytes


def _path(url: httpx.URL) -> str:
    return str(url.copy_with(query=None, fragment=None))
