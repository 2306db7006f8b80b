"""How far a run has come, in a file, so that the next one goes on there."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.warm.outcome import KINDS, Kind, Outcome

_LAYOUT = 1
_MOST_BYTES = 67_108_864


@dataclass
class Progress:
    """Questions in their order: all before `position` are done, and those of `ahead`; `counts` by kind and reason."""

    position: int = 0
    ahead: set[int] = field(default_factory=set)
    counts: Counter[tuple[Kind, str]] = field(default_factory=Counter)

    def done(self, number: int, outcome: Outcome) -> None:
        """This question needs not be asked again."""
        self.counts[outcome.kind, outcome.reason] += 1
        self.ahead.add(number)
        while self.position in self.ahead:
            self.ahead.remove(self.position)
            self.position += 1

    @property
    def end(self) -> int:
        """The number after the last question that is done."""
        return max(self.ahead, default=self.position - 1) + 1

    def left(self, total: int) -> Iterator[int]:
        """The numbers of the questions that are to be asked, as it is now."""
        done = frozenset(self.ahead)
        return (number for number in range(self.position, total) if number not in done)


class ProgressFile:
    """The file of one model of one stack.

    Usage: ``ProgressFile(path, {"version": "1", ...}, ttl_seconds=300).load()``. `run` is all that decides which
    questions are asked, in what order and for whom: with another one the run begins anew, as it does when the TTL has
    passed since it was saved: all its answers have expired. No body and no key is in it.
    """

    def __init__(self, path: Path, run: Mapping[str, str], ttl_seconds: float) -> None:
        self._path, self._run, self._ttl_seconds = path, dict(run), ttl_seconds

    def load(self) -> tuple[Progress, str]:
        """The progress to go on from, and why it is not that of the last run ("" if it is, or there was none)."""
        try:
            kept = self._kept()
        except FileNotFoundError:
            return Progress(), ""
        except (OSError, ValueError, RecursionError):
            return Progress(), f"{self._path} cannot be read"
        if kept.get("layout") != _LAYOUT:
            return Progress(), "another version of this program has begun it"
        try:
            run, saved_at = dict(kept["run"]), float(kept["savedAt"])
            progress = _progress_of(kept)
        except (ValueError, KeyError, TypeError, OverflowError):
            return Progress(), f"{self._path} cannot be read"
        changed = [name for name, value in self._run.items() if run.get(name) != value]
        if changed:
            return Progress(), f"another {' and '.join(changed)} than in the last run"
        age_seconds = time.time() - saved_at
        if age_seconds < 0:
            return Progress(), "by this machine's clock the last run is yet to come"
        if not age_seconds < self._ttl_seconds:
            return (
                Progress(),
                f"the last run was over {self._ttl_seconds:g} s ago (ttlSeconds): its answers have expired",
            )
        return progress, ""

    def save(self, progress: Progress) -> None:
        """Replaces the file at once. Raises OSError."""
        kept = {
            "layout": _LAYOUT,
            "run": self._run,
            "position": progress.position,
            "ahead": sorted(progress.ahead),
            "counts": [[kind, reason, count] for (kind, reason), count in sorted(progress.counts.items())],
            "savedAt": time.time(),
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".json.new")
        draft.write_text(json.dumps(kept))
        os.replace(draft, self._path)

    def remove(self) -> None:
        """There is nothing to go on with."""
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _kept(self) -> dict[str, Any]:
        with open(self._path, "rb") as file:
            text = file.read(_MOST_BYTES + 1)
        kept = json.loads(text) if len(text) <= _MOST_BYTES else None
        if not isinstance(kept, dict):
            raise ValueError("it holds something else")
        return kept


def _progress_of(kept: dict[str, Any]) -> Progress:
    """Raises ValueError, KeyError, TypeError and OverflowError when it is none that `save` has written."""
    position, ahead = int(kept["position"]), {int(number) for number in kept["ahead"]}
    counts = Counter({(kind, reason): int(count) for kind, reason, count in kept["counts"]})
    is_known = all(kind in KINDS and isinstance(reason, str) and reason.isprintable() for kind, reason in counts)
    is_right = min(position, *counts.values(), 0) >= 0 and all(number > position for number in ahead)
    if not is_known or not is_right or counts.total() != position + len(ahead):
        raise ValueError("no question has such a number")
    return Progress(position, ahead, counts)
