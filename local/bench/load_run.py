"""Starts the load generator and reads what it has measured."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local import PROJECT_DIR
from local.bench.load import LoadError
from local.demo.client import is_hit, parsed
from local.demo.row import percentile

_WARM_SECONDS = 30.0
_SHORT_RUN_SECONDS = 0.2
_RUNS_OF_HITS = 2


@dataclass(frozen=True)
class Seen:
    """An answer as it came, `count` times: to which of the bodies, and its status, Cache-Status and body."""

    number: int
    status: int
    cache_status: str
    body: str
    count: int

    @property
    def hit(self) -> bool:
        """Say whether a cache gave it."""
        return self.cache_status == "Hit" or is_hit({"Cache-Status": self.cache_status})

    @property
    def document(self) -> Any:
        """The JSON of the body, or the start of what is none."""
        return parsed(self.body.encode())


@dataclass(frozen=True)
class LoadRun:
    """What a run of some seconds has measured; times_ms in the order of the answers."""

    seconds: float
    times_ms: Sequence[float]
    answers: Sequence[Seen]

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.times_ms) / self.seconds

    def percentile_ms(self, share: int) -> float:
        """Return the time that `share` per cent of the answers do not exceed."""
        return percentile(self.times_ms, share) or 0.0


def warm_up(url: str, headers: Mapping[str, str], bodies: Sequence[bytes], connections: int) -> None:
    """Ask until nothing but hits come, of every worker: a real Kong's learn of a new route one after the other.

    Raises LoadError when that does not come to be.
    """
    deadline, only_hits = time.monotonic() + _WARM_SECONDS, 0
    while only_hits < _RUNS_OF_HITS:
        answers = ask(url, headers, bodies, connections, _SHORT_RUN_SECONDS).answers
        others = [seen for seen in answers if not (seen.status == 200 and seen.hit)]
        only_hits = 0 if others else only_hits + 1
        if others and time.monotonic() > deadline:
            raise LoadError(
                f"{url}: still no hit but {others[0].status}, {others[0].cache_status or 'no Cache-Status'}"
            )


def ask(url: str, headers: Mapping[str, str], bodies: Sequence[bytes], connections: int, seconds: float) -> LoadRun:
    """POST the bodies round and round for some seconds, from a process of its own.

    The headers reach it by a pipe, so that a key in them is in no command line. Raises LoadError.
    """
    job = {
        "url": url,
        "headers": dict(headers),
        "bodies": [body.decode() for body in bodies],
        "connections": connections,
        "seconds": seconds,
    }
    command = [sys.executable, "-m", "local.bench.load"]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, cwd=PROJECT_DIR, check=False)
    if done.returncode:
        raise LoadError(f"{url}: {(done.stderr.strip().splitlines() or ['no answer'])[-1]}")
    result = json.loads(done.stdout)
    return LoadRun(result["seconds"], result["times_ms"], [Seen(*answer) for answer in result["answers"]])
