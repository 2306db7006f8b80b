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

from ops.warm.outcome import Kind, Outcome

_LAYOUT = 1


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

    def left(self, total: int) -> Iterator[int]:
        """The numbers of the questions that are to be asked, as it is now."""
        done = frozenset(self.ahead)
        return (number for number in range(self.position, total) if number not in done)


class ProgressFile:
    """The file of one model of one stack.

    Usage: ``ProgressFile(path, {"version": "1", ...}, ttl_seconds=300).load()``. `run` is all that decides which
    questions are asked, in what order and for whom: with another one the run begins anew, as it does after the TTL,
    when the first answers have expired. No body and no key is in it.
    """

    def __init__(self, path: Path, run: Mapping[str, str], ttl_seconds: float) -> None:
        self._path, self._run, self._ttl_seconds = path, dict(run), ttl_seconds

    def load(self) -> tuple[Progress, str]:
        """The progress to go on from, and why it is not that of the last run ("" if it is, or there was none)."""
        try:
            kept: Any = json.loads(self._path.read_bytes())
            run, position, ahead = kept["run"], int(kept["position"]), {int(number) for number in kept["ahead"]}
            counts = Counter({(kind, reason): int(count) for kind, reason, count in kept["counts"]})
            saved_at = float(kept["savedAt"])
            if any(number < 0 for number in (position, *ahead, *counts.values())):
                raise ValueError("no question has such a number")
        except FileNotFoundError:
            return Progress(), ""
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return Progress(), f"{self._path} cannot be read"
        if kept.get("layout") != _LAYOUT:
            return Progress(), "another version of this program has begun it"
        changed = [name for name, value in self._run.items() if run.get(name) != value]
        if changed:
            return Progress(), f"another {' and '.join(changed)} than in the last run"
        if not 0 <= time.time() - saved_at < self._ttl_seconds:
            return (
                Progress(),
                f"the last run was over {self._ttl_seconds:g} s ago (ttlSeconds): its answers have expired",
            )
        return Progress(position, ahead, counts), ""

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
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
