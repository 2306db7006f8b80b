"""The distinct questions of a file, the most valuable first."""

from __future__ import annotations

import hashlib
import itertools
import stat
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from components.prediction_key import NotCacheable
from ops.plan.log_error import LogError
from ops.warm.json_lines import JsonLines
from ops.warm.parquet import Parquet
from ops.warm.requests import Request, RequestFile

_ROWS_AT_ONCE = 50_000
_MEMORY = "256MB"
_REMEMBERED = 200_000
_UNKNOWN = -1
_CALLERS_SHOWN = 10
_DIGEST_BYTES = 16
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # gzip, zstd
_PARQUET = b"PAR1"
_COLUMNS = ("high", "low", "place", "moment", "latency", "mark")
_Row = tuple[bytes, int, int, int, int]

_TABLE = "CREATE TABLE asked (high UBIGINT, low UBIGINT, place BIGINT, moment BIGINT, latency BIGINT, mark UINTEGER)"
# What a question saves is how often it was asked, times how long its answer took; unknown times count as the mean ones.
# Whole microseconds, so that each run has the same order.
_RANKED = f"""
    WITH known AS (SELECT avg(latency) FILTER (latency > {_UNKNOWN}) AS mean FROM asked),
    question AS (
        SELECT max(place) AS place, arg_max(mark, place) AS mark, max(moment) AS moment, count(*) AS times,
               avg(latency) FILTER (latency > {_UNKNOWN}) AS own
        FROM asked GROUP BY high, low
    )
    SELECT place, mark FROM question, known ORDER BY times * coalesce(own, mean, 1) DESC, moment DESC, place
"""


@dataclass(frozen=True)
class Questions:
    """Usage: ``questions = most_valuable(Path("requests.jsonl"), "digits", canonical, "web")``

    `positions` in the file, in the order in which they are worth to be asked, and what `marks` the body there;
    `requests` is how many those were; `skipped` counts all others; `callers` are the names in the file, at most eleven
    ("" for none).
    """

    file: RequestFile
    positions: NDArray[np.int64]
    marks: NDArray[np.uint32]
    requests: int
    skipped: Counter[str]
    callers: frozenset[str]

    def bodies(self, numbers: Iterable[int]) -> Iterator[bytes]:
        """Of the questions with these numbers, counted from 0, in that order. Raises LogError."""
        here, ahead = itertools.tee(numbers)
        bodies = self.file.bodies(int(self.positions[number]) for number in ahead)
        try:
            for number, body in zip(here, bodies, strict=True):
                if zlib.crc32(body) != self.marks[number]:
                    raise ValueError("another question stands there")
                yield body
        except (ValueError, KeyError):
            raise LogError("the file was changed while its questions were asked: begin again") from None


def most_valuable(
    path: Path, model: str, canonical: Callable[[bytes], bytes], caller: str | None = None, max_bytes: int = 1_048_576
) -> Questions:
    """Reads the file; equal questions in another spelling are one. Raises LogError.

    With `caller` only its requests count. What `canonical` refuses (NotCacheable) and larger bodies are left out: they
    bypass the cache. Bounded memory: digests and positions are kept, on disk when they are many, and no bodies.
    """
    file = _request_file(path)
    skipped: Counter[str] = Counter()
    callers: set[str] = set()
    wanted = _wanted(file.requests(model, skipped), skipped, callers, caller, max_bytes)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(":memory:", config=_config(folder)) as connection:
        connection.execute(_TABLE)
        try:
            requests = _fill(connection, wanted, skipped, canonical)
            ranked = connection.execute(_RANKED).fetchnumpy()
        except duckdb.Error as error:
            raise LogError(f"{path} cannot be put in order: {str(error).splitlines()[0]}") from None
    positions, marks = np.asarray(ranked["place"], np.int64), np.asarray(ranked["mark"], np.uint32)
    return Questions(file, positions, marks, requests, skipped, frozenset(callers))


def digest_of(path: Path) -> str:
    """Of the file's content. Raises LogError, also for what can be read only once, or has no end."""
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
            raise LogError(f"{path} is no file: its lines have to be found again, so write it into one first")
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror}") from None


def _request_file(path: Path) -> RequestFile:
    try:
        with open(path, "rb") as file:
            beginning = file.read(4)
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror}") from None
    if beginning.startswith(_COMPRESSED):
        raise LogError(f"{path} is compressed: unpack it first, so that its lines can be found again")
    return Parquet(path) if beginning == _PARQUET or path.suffix == ".parquet" else JsonLines(path)


def _config(folder: str) -> dict[str, str | bool | int | float | list[str]]:
    return {"autoinstall_known_extensions": "false", "memory_limit": _MEMORY, "temp_directory": folder, "threads": 2}


def _wanted(
    requests: Iterator[Request], skipped: Counter[str], callers: set[str], caller: str | None, max_bytes: int
) -> Iterator[Request]:
    for request in requests:
        if len(callers) <= _CALLERS_SHOWN:
            callers.add(request.caller or "")
        if caller is not None and request.caller != caller:
            skipped["other callers"] += 1
        elif len(request.body) > max_bytes:
            skipped["not cacheable: size"] += 1
        else:
            yield request


def _fill(
    connection: duckdb.DuckDBPyConnection,
    requests: Iterator[Request],
    skipped: Counter[str],
    canonical: Callable[[bytes], bytes],
) -> int:
    known: dict[bytes, bytes | str] = {}
    rows: list[_Row] = []
    count = 0
    for request in requests:
        digest = _remembered(request.body, canonical, known)
        if isinstance(digest, str):
            skipped[f"not cacheable: {digest}"] += 1
            continue
        latency = _UNKNOWN if request.latency_ms is None else round(request.latency_ms * 1_000)
        moment = round(request.time_seconds * 1_000_000)
        rows.append((digest, request.position, moment, latency, zlib.crc32(request.body)))
        count += 1
        if len(rows) == _ROWS_AT_ONCE:
            _insert(connection, rows)
            rows = []
    if rows:
        _insert(connection, rows)
    return count


def _remembered(body: bytes, canonical: Callable[[bytes], bytes], known: dict[bytes, bytes | str]) -> bytes | str:
    """The question's digest; or the reason why the gateway would not keep its answer."""
    spelling = _digest(body)
    found = known.get(spelling)
    if found is None:
        try:
            found = _digest(canonical(body))
        except NotCacheable as error:
            found = str(error)
        if len(known) >= _REMEMBERED:
            known.clear()
        known[spelling] = found
    return found


def _digest(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=_DIGEST_BYTES).digest()


def _insert(connection: duckdb.DuckDBPyConnection, rows: list[_Row]) -> None:
    digests, *numbers = zip(*rows, strict=True)
    halves = np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2)
    columns = [np.ascontiguousarray(half) for half in halves.T] + [np.array(column, np.int64) for column in numbers]
    connection.register("batch", dict(zip(_COLUMNS, columns, strict=True)))
    connection.execute("INSERT INTO asked SELECT * FROM batch")
    connection.unregister("batch")
