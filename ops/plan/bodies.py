"""The different bodies of one model, read as the gateway reads them, and their keys without a field.

    bodies = {model: Bodies.of(pieces) for model, pieces in read_all(chunks).items()}
    bodies["digits"].numbers(without="request_id")

Numbers of bodies whose canonical text is equal are equal, no others.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context, resource_tracker

import numpy as np
from numpy.typing import NDArray

from local.child import end_with_parent
from ops.interrupts import uninterrupted
from ops.plan.body_reader import BodiesRead, reader_of
from ops.plan.cache_rules import CacheRules
from ops.plan.numbering import number

CHUNK_BODIES = 5_000
_ALONE_CHUNKS = 4  # so few are read before other processes have started
_MOST_PROCESSES = 4


@dataclass(frozen=True)
class Chunk:
    """Some bodies of one model, `rows` of the log; `in_lines`: the texts are the lines that they stand in."""

    model: str
    rules: CacheRules
    rows: NDArray[np.int64]
    texts: list[bytes]
    in_lines: bool


@dataclass(frozen=True)
class Bodies:
    """One model's bodies, by ascending `rows`. `reasons`: place in `reason_names`, -1 for a body that has a key.

    `high`, `low`: halves of the sum of the members' digests. `members`: field -> the places of the bodies that have it,
    and the halves of this member's digest.
    """

    rows: NDArray[np.int64]
    reasons: NDArray[np.int32]
    reason_names: list[str]
    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    members: dict[str, tuple[NDArray[np.int32], NDArray[np.uint64]]]

    @classmethod
    def of(cls, pieces: list[tuple[NDArray[np.int64], BodiesRead]]) -> Bodies:
        """Put together what was read in pieces."""
        rows = np.concatenate([rows for rows, _ in pieces])
        place = np.empty(len(rows), np.int32)  # of a body, once they are sorted
        place[np.argsort(rows)] = np.arange(len(rows), dtype=np.int32)
        reason_names: dict[str, int] = {}
        reasons = np.full(len(rows), -1, np.int32)
        fields: dict[str, int] = {}
        owners, names = [], []
        start = 0
        for piece_rows, read in pieces:
            here = place[start : start + len(piece_rows)]
            for at, reason in read.reasons.items():
                reasons[here[at]] = reason_names.setdefault(reason, len(reason_names))
            codes = [fields.setdefault(name, len(fields)) for name in read.fields]
            names.append(np.array([*codes, -1], np.int32)[read.names])
            owners.append(np.repeat(here, read.counts))
            start += len(piece_rows)
        name, owner = np.concatenate(names), np.concatenate(owners)
        digests = np.concatenate([read.digests for _, read in pieces])
        high, low = np.zeros((2, len(rows)), np.uint64)
        np.add.at(high, owner, digests[:, 0])
        np.add.at(low, owner, digests[:, 1])
        order = np.argsort(name, kind="stable")
        ends = np.searchsorted(name[order], np.arange(len(fields) + 1))
        members = {}
        for field, code in fields.items():
            mine = order[ends[code] : ends[code + 1]]
            members[field] = (owner[mine], digests[mine])
        rows.sort()
        return cls(rows, reasons, list(reason_names), high, low, members)

    def numbers(self, without: str | None = None) -> NDArray[np.int32]:
        """For each body the number of its canonical text, or of that without a top-level field."""
        high, low = self.high, self.low
        if without is not None:
            owners, digests = self.members[without]
            high, low = high.copy(), low.copy()
            high[owners] -= digests[:, 0]  # a name is there once
            low[owners] -= digests[:, 1]
        return number(high, low)


def read_all(
    chunks: Iterable[Chunk], told: Callable[[int], None]
) -> dict[str, list[tuple[NDArray[np.int64], BodiesRead]]]:
    """Read them, many of them in several processes; tells how many more have been read."""
    found: dict[str, list[tuple[NDArray[np.int64], BodiesRead]]] = {}
    for chunk, read in _read(iter(chunks)):
        found.setdefault(chunk.model, []).append((chunk.rows, read))
        told(len(chunk.rows))
    return found


def _read(chunks: Iterator[Chunk]) -> Iterator[tuple[Chunk, BodiesRead]]:
    first = list(islice(chunks, _ALONE_CHUNKS))
    rest = list(islice(chunks, 1))
    if not rest:
        yield from ((chunk, _read_chunk(chunk.rules, chunk.texts, chunk.in_lines)) for chunk in first)
        return
    processes = min(_MOST_PROCESSES, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
    running: deque[tuple[Chunk, Future[BodiesRead]]] = deque()
    context = get_context("spawn")
    resource_tracker.ensure_running()  # its start would let Ctrl-C through
    with ProcessPoolExecutor(processes, context, _begin, (os.getpid(),)) as pool:
        try:
            for chunk in chain(first, rest, chunks):
                with uninterrupted(), _no_ctrl_c():  # a process may start here, whose end is this one's matter
                    running.append((chunk, pool.submit(_read_chunk, chunk.rules, chunk.texts, chunk.in_lines)))
                if len(running) > 2 * processes:
                    done, read = running.popleft()
                    yield done, read.result()
            while running:
                done, read = running.popleft()
                yield done, read.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _begin(parent: int) -> None:
    if not end_with_parent(parent):  # killed while this process was starting
        os._exit(1)


@contextmanager
def _no_ctrl_c() -> Iterator[None]:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _read_chunk(rules: CacheRules, texts: list[bytes], in_lines: bool) -> BodiesRead:
    return reader_of(rules).read(texts, in_lines=in_lines)
