"""A program that a benchmark needs beside the local world."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.process import ProcessError, ReadyProcess
from local.world import WorldError

_START_SECONDS = 60.0
_POLL_SECONDS = 0.05


@contextmanager
def beside(name: str, module: str, arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run a module for the time of a with block, and yield what its ready line holds. Raises WorldError."""
    with tempfile.TemporaryDirectory(prefix="inference-edge-") as log_dir:
        process = ReadyProcess(name, module, arguments, Path(log_dir))
        try:
            yield _ready(process)
        finally:
            process.stop()


def _ready(process: ReadyProcess) -> dict[str, Any]:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            ready = process.ready()
        except ProcessError as error:
            raise WorldError(str(error)) from None
        if ready:
            return ready
        time.sleep(_POLL_SECONDS)
    raise WorldError(f"not ready after {_START_SECONDS:g} s: {process.name}")
