"""A log in DuckDB: one table on disk, in the log's order, read column by column.

    with LogTable.load(Path("requests.jsonl")) as table:
        times = table.column("time")

Holds 128-bit digests of questions and answers, and texts of bodies, in a folder of its own that is removed at the
end. DuckDB gets MEMORY_LIMIT of memory. Raises LogError for whatever is wrong with the log.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from ops.interrupts import uninterrupted
from ops.plan import log_lines, log_sql
from ops.plan.log_error import LogError

Progress = Callable[[str, float], None]
"""Is told what is being done, and how much of that, 0 to 1."""

MEMORY_LIMIT = "700MB"
AFTERWARDS = "250MB"  # the columns are in NumPy then
_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_LOW = "18446744073709551615"  # 64 bits
_KEPT = "(verdict IS NULL OR starts_with(verdict, 'bypass:'))"
_TEXTS = ("VARCHAR", "ENUM", "JSON")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_NUMBERS = (*_NUMBERS, *(f"U{name}" for name in _NUMBERS))
_TIMES = ("TIMESTAMP", *_TEXTS[:1], *_NUMBERS)


class LogTable:
    """The requests of one log."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection, self._path = connection, path
        self._compression = "none"

    @classmethod
    @contextmanager
    def load(cls, path: Path, progress: Progress = lambda step, done: None) -> Iterator[LogTable]:
        """Read the whole log and check every line of it. Raises OSError when the disk has no room for it."""
        start = _start_of(path)
        with _folder() as folder, _errors_of_python(path, folder):
            settings = {
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": f"{folder}/spilled",
                "autoinstall_known_extensions": False,
            }
            with duckdb.connect(f"{folder}/log.duckdb", config=settings) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
                table = cls(connection, path)
                with _told(connection, progress):
                    table._read(start)
                connection.execute(f"SET memory_limit = '{AFTERWARDS}'")
                yield table

    def _read(self, start: bytes) -> None:
        try:
            self._connection.execute(f"CREATE TABLE request AS {self._select(start)}")
        except duckdb.InvalidInputException as error:
            if "maximum_object_size" not in str(error):
                raise
            where = log_lines.too_long(self._path, self._compression)
            raise LogError(f"{where}: longer than 16 MiB") from None
        first = self._one("SELECT min(rowid) FROM request WHERE starts_with(verdict, 'wrong:')")
        if first is not None:
            raise LogError(self._message(first))
        if not self._one("SELECT count(*) FROM request"):
            raise LogError(f"{self._path}: has no request")

    def _select(self, start: bytes) -> str:
        path = str(self._path)
        if start.startswith(b"PAR1"):
            self._compression = "parquet"
            return log_sql.parquet_rows(path, self._parquet_types())
        self._compression = next((name for magic, name in _COMPRESSIONS.items() if start.startswith(magic)), "none")
        if self._one(log_sql.is_of_kong(path, self._compression)):
            return log_sql.kong_lines(path, self._compression)
        return log_sql.record_lines(path, self._compression)

    def _parquet_types(self) -> dict[str, str]:
        source = f"read_parquet({log_sql.quoted(str(self._path))})"
        try:
            described = self._connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        except duckdb.InvalidInputException:
            raise LogError(f"{self._path}: begins like a Parquet file, but is none, or not all of it") from None
        types = {name: kind for name, kind, *_ in described if name in log_sql.RECORD}
        missing = [name for name in ("time", "model") if name not in types]
        if missing:
            raise LogError(f"{self._path}: has no column {missing[0]}")
        if not {"body", "digest"} & types.keys():
            raise LogError(f"{self._path}: has no column body and no column digest")
        for name, kind in types.items():
            allowed, what = _TEXTS, "text"
            if name == "time":
                allowed, what = _TIMES, "a timestamp, RFC 3339 text, or Unix seconds as a number"
            elif name in log_sql.AMOUNTS:
                allowed, what = _NUMBERS, "a number"
            if kind.partition("(")[0].removesuffix("_S").split("_")[0].split(" ")[0] not in allowed or "[" in kind:
                raise LogError(f"{self._path}: column {name} must be {what}, is {kind.partition('(')[0]}")
        return types

    def _message(self, request: int) -> str:
        fault = str(self._one(f"SELECT verdict FROM request WHERE rowid = {request}"))
        if self._compression == "parquet":
            return f"{self._path}, row {request + 1}: {fault.removeprefix('wrong:')}"
        if fault == log_sql.UNREADABLE:
            what = log_lines.what_is_wrong(self._path, self._compression, request)
        else:
            what = fault.removeprefix("wrong:")
        return f"{log_lines.place(self._path, self._compression, request)}: {what}"

    def lines(self) -> int:
        """Requests and what was skipped."""
        return self._one("SELECT count(*) FROM request")

    def skipped(self) -> dict[str, int]:
        """Why -> lines that are no request to a model."""
        rows = self._connection.execute(
            "SELECT verdict, count(*) FROM request WHERE starts_with(verdict, 'skip:') GROUP BY ALL ORDER BY ALL"
        )
        return {str(verdict).removeprefix("skip:"): number for verdict, number in rows.fetchall()}

    def callers(self) -> dict[str, int]:
        """Model -> different callers; no caller counts as one."""
        rows = self._connection.execute(
            "SELECT model, count(DISTINCT caller) + max((caller IS NULL)::INTEGER) FROM request"
            f" WHERE {_KEPT} GROUP BY model"
        )
        return dict(rows.fetchall())

    def column(self, expression: str) -> NDArray:
        """One number of each request, in the log's order; the expression gives no NULL."""
        rows = self._connection.execute(f"SELECT {expression} AS it FROM request WHERE {_KEPT}")
        return np.asarray(rows.fetchnumpy()["it"])

    def halves(self, column: str) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """A digest's 128 bits as two columns; 0 and 0 where there is none."""
        high, low = f"({column} >> 64)::UBIGINT", f"({column} & {_LOW})::UBIGINT"
        return self.column(f"coalesce({high}, 0::UBIGINT)"), self.column(f"coalesce({low}, 0::UBIGINT)")

    def names(self, column: str) -> tuple[list[str], NDArray[np.int32]]:
        """The different texts of a column, and for each request the place of its own, -1 for none."""
        texts = [
            row[0]
            for row in self._connection.execute(
                f"SELECT DISTINCT {column} AS text FROM request WHERE {_KEPT} AND text IS NOT NULL ORDER BY text"
            ).fetchall()
        ]
        if len(texts) < 2:
            return texts, self.column(f"CASE WHEN {column} IS NULL THEN -1 ELSE 0 END::INTEGER")
        kind = f"{column}_name"
        self._connection.execute(
            f"CREATE TYPE {kind} AS ENUM (SELECT DISTINCT {column} FROM request WHERE {_KEPT} AND {column} IS NOT NULL"
            " ORDER BY ALL)"
        )
        return texts, self.column(f"coalesce(enum_code({column}::{kind})::INTEGER, -1)")

    def bodies(self, rows: NDArray[np.int64], size: int) -> Iterator[tuple[NDArray[np.int64], list[bytes]]]:
        """The texts of the bodies of these rows, `size` at a time, with their rows, in any order."""
        wanted = {"row": rows}
        self._connection.register("wanted", wanted)
        cursor = self._connection.execute(
            "SELECT request.rowid, body FROM request WHERE request.rowid IN (SELECT row FROM wanted)"
        )
        while chunk := cursor.fetchmany(size):
            yield np.array([row for row, _ in chunk], np.int64), [body.encode() for _, body in chunk]

    def lines_of(self, rows: NDArray[np.int64], size: int) -> Iterator[tuple[NDArray[np.int64], list[bytes]]]:
        """The whole lines of these rows, which ascend, as they stand in the file."""
        cursor = self._connection.execute(log_sql.lines(str(self._path), self._compression))
        wanted = np.zeros(int(rows.max(initial=-1)) + 1, np.bool_)
        wanted[rows] = True
        at = 0
        while at < len(wanted) and (chunk := cursor.fetchmany(size)):
            places = at + np.flatnonzero(wanted[at : at + len(chunk)])
            at, first = at + len(chunk), at
            if len(places):
                yield places, [chunk[place - first][0].encode() for place in places]

    def _one(self, query: str) -> Any:
        row = self._connection.execute(query).fetchone()
        return row[0] if row else None


@contextmanager
def _folder() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="plan-")
    try:
        yield folder
    finally:
        with uninterrupted():
            shutil.rmtree(folder, ignore_errors=True)


def _start_of(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise LogError(f"{path}: is a folder: name one file of it")
        if path.exists() and not path.is_file():
            raise LogError(f"{path}: is no file but a pipe or a device, and a log is read twice: write it to a file")
        with path.open("rb") as file:
            start = file.read(1024)
    except FileNotFoundError:
        raise LogError(f"{path}: there is no such file") from None
    except OSError as error:
        raise LogError(f"{path}: cannot be read: {error.strerror}") from None
    if not start:
        raise LogError(f"{path}: is empty")
    if start.lstrip().startswith(b"["):
        raise LogError(f"{path}: is one JSON array; one object a line is needed: jq -c '.[]' makes that of it")
    return start


@contextmanager
def _errors_of_python(path: Path, folder: str) -> Iterator[None]:
    """DuckDB's errors as those that every caller expects."""
    try:
        yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except RuntimeError as error:  # likewise Ctrl-C, of a connection that has waited
        if str(error) != "Query interrupted":
            raise
        raise KeyboardInterrupt from None
    except duckdb.Error as error:  # a full disk is an error of the transaction, too
        told = str(error).splitlines()[0]
        if folder in told:
            why = told.rpartition(": ")[2]
            raise OSError(f"no room in {Path(folder).parent} for what is read: {why}; TMPDIR names another") from None
        if not isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
            raise
        raise LogError(f"{path}: cannot be read: {told}") from None


@contextmanager
def _told(connection: duckdb.DuckDBPyConnection, progress: Progress) -> Iterator[None]:
    """Tell about the running query, twice a second."""
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(0.5):
            progress("reading", max(0.0, min(1.0, connection.query_progress() / 100)))

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()
    progress("reading", 1.0)
