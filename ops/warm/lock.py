"""One run of a model and stack at a time: two would ask the same questions, and write one file of progress."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

CANNOT_BE_KEPT = "the progress cannot be kept (--state-dir)"


class BusyError(Exception):
    """Another run goes on, or the place is not one to keep progress in; the text is for a person."""


@contextlib.contextmanager
def alone(progress: Path) -> Iterator[None]:
    """Usage: ``with alone(path_of_the_progress_file): ...``. Raises BusyError.

    The kernel holds the lock (flock): a process that was killed leaves none behind.
    """
    path = progress.with_suffix(".lock")
    try:
        progress.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise BusyError(f"{CANNOT_BE_KEPT}: {error}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                f"another run has {path}: wait for its end; to ask another --url at the same time, give this run a "
                "--state-dir of its own"
            ) from None
        except OSError as error:
            raise BusyError(f"{CANNOT_BE_KEPT}: {error}") from None
        yield
