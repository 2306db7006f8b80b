"""A log as Parquet, read by DuckDB."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from ops.plan.log_error import LogError
from ops.status.wording import shown
from ops.warm.requests import BYPASS, NO_BODY, Request, number_or_none, seconds_of, text_or_none

_ROWS_AT_ONCE = 100
_BODIES_AT_ONCE = 200  # each of up to a megabyte
_NULL = "NULL"


class Parquet:
    """A log with the columns of the records; a request's position is its row, counted from 0.

    Usage: ``for request in Parquet(Path("requests.parquet")).requests("digits", Counter())``
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def requests(self, model: str, skipped: Counter[str]) -> Iterator[Request]:
        with _connected() as connection:
            columns = self._columns(connection)
            names = ("body", "caller", "latency_ms", "bypass")
            chosen = ", ".join([_time(columns), *(_column(columns, name) for name in names)])
            query = f"SELECT file_row_number, model, {chosen} FROM read_parquet(?, file_row_number = true)"
            try:
                cursor = connection.execute(query, [str(self._path)])
                while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                    for row in rows:
                        request = self._request(row, model, skipped)
                        if request is not None:
                            yield request
            except duckdb.Error as error:
                raise self._error(error) from None

    def bodies(self, positions: Iterable[int]) -> Iterator[bytes]:
        with _connected() as connection:
            body = _column(self._columns(connection), "body")
            query = (
                f"SELECT file_row_number, {body} FROM read_parquet(?, file_row_number = true) "
                "WHERE file_row_number IN (SELECT unnest(?::BIGINT[]))"
            )
            left = iter(positions)
            while wanted := list(itertools.islice(left, _BODIES_AT_ONCE)):
                try:
                    found = dict(connection.execute(query, [str(self._path), wanted]).fetchall())
                except duckdb.Error as error:
                    raise self._error(error) from None
                yield from (found[position].encode() for position in wanted)

    def _columns(self, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
        """The type of each column."""
        try:
            described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(self._path)]).fetchall()
        except duckdb.Error as error:
            raise self._error(error) from None
        columns = {name: kind for name, kind, *_ in described}
        missing = [name for name in ("model", "time") if name not in columns]
        if missing or not columns.keys() & {"body", "digest"}:
            wanted = " and ".join(f"`{name}`" for name in missing) or "`body`"
            raise LogError(f"{self._path} has no column {wanted}; it has: {', '.join(map(shown, columns))}")
        return columns

    def _request(self, row: tuple[Any, ...], model: str, skipped: Counter[str]) -> Request | None:
        position, asked, time, body, caller, latency_ms, bypass = row
        why: str | None = "other models" if asked != model else BYPASS if bypass else NO_BODY if body is None else None
        if why is not None:
            skipped[why] += 1
            return None
        try:
            who, latency = text_or_none(caller, "caller"), number_or_none(latency_ms, "latency_ms")
            return Request(position, str(body).encode(), who, seconds_of(time), latency)
        except ValueError as error:
            raise LogError(f"{self._path}, row {position + 1}: {error}") from None

    def _error(self, error: duckdb.Error) -> LogError:
        return LogError(f"{self._path} cannot be read as Parquet: {str(error).splitlines()[0]}")


def _connected() -> duckdb.DuckDBPyConnection:
    # A log is the only thing that it may read.
    return duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false", "threads": 1})


def _time(columns: dict[str, str]) -> str:
    return "epoch(time)" if columns["time"].startswith(("TIMESTAMP", "DATE")) else _plain("time", columns["time"])


def _column(columns: dict[str, str], name: str) -> str:
    if name not in columns:
        return _NULL
    return _plain(name, columns[name])


def _plain(name: str, kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return f"{name}::DOUBLE"
    if kind == "BLOB":
        return f"decode({name})"
    return f"to_json({name})::VARCHAR" if kind.startswith(("STRUCT", "MAP")) or kind.endswith("]") else name
