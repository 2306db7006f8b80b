"""A log that cannot be read: which line or row, what is wrong, and nothing of what stands there."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import duckdb
import pytest

from ops.plan.log_error import LogError
from ops.plan.reading import read_traces

_GOOD = b'{"time": 1.5, "model": "m", "digest": "secret"}\n'
_NO_OBJECT = 'no JSON object: each line is one request, such as {"time": ..., "model": ..., "digest": ...}'
_NO_TEXT = "no valid JSON: it has a character that cannot be, such as half of a surrogate pair"
_NO_SIZE = "answer_bytes must be a number, 0 or more"
_BOTH = "body and digest are both there: one of them"
_NO_TIME = "time must be RFC 3339 text such as 2026-11-01T12:00:00Z, or Unix seconds as a number"


def _error(path: Path) -> str:
    with pytest.raises(LogError) as caught:
        read_traces(path)
    assert "secret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b'{"time": 1, "model": "secret"', "no JSON (column 30: expecting ',' delimiter)"),
        (b'secret', "no JSON (column 1: expecting value)"),
        (b'{"model": "m", "body": "\xff"}', "not UTF-8 (byte 25)"),
        (b'{"time": 1, "model": "m", "body": "\\ud800"}', _NO_TEXT),
        (b'["secret"]', _NO_OBJECT),
        (b'null', _NO_OBJECT),
        (b'{}', "time is missing"),
        (b'{"model": "m", "digest": "secret"}', "time is missing"),
        (b'{"time": null, "model": "m", "digest": "secret"}', "time is missing"),
        (b'{"time": "secret secret secret", "model": "m", "digest": "d"}', _NO_TIME),
        (b'{"time": "2026-11-01", "model": "m", "digest": "d"}', _NO_TIME),
        (b'{"time": "2026-02-30T00:00:00Z", "model": "m", "digest": "d"}', _NO_TIME),
        (b'{"time": 1790000000000, "model": "m", "digest": "d"}', _NO_TIME),
        (b'{"time": true, "model": "m", "digest": "d"}', _NO_TIME),
        (b'{"time": {"secret": 1}, "model": "m", "digest": "d"}', _NO_TIME),
        (b'{"time": NaN, "model": "m", "digest": "d"}', _NO_TIME),
        (b'{"time": 1, "digest": "secret"}', "model is missing"),
        (b'{"time": 1, "model": 7, "digest": "secret"}', "model must be text"),
        (b'{"time": 1, "model": "m"}', "body or digest is missing"),
        (b'{"time": 1, "model": "m", "digest": "secret", "body": "secret"}', _BOTH),
        (b'{"time": 1, "model": "m", "digest": 7}', "digest must be text"),
        (b'{"time": 1, "model": "m", "digest": "d", "caller": ["secret"]}', "caller must be text"),
        (b'{"time": 1, "model": "m", "digest": "d", "bypass": true}', "bypass must be text"),
        (b'{"time": 1, "model": "m", "digest": "d", "answer_digest": 7}', "answer_digest must be text"),
        (b'{"time": 1, "model": "m", "digest": "d", "latency_ms": "7"}', "latency_ms must be a number, 0 or more"),
        (b'{"time": 1, "model": "m", "digest": "d", "latency_ms": -1}', "latency_ms must be a number, 0 or more"),
        (b'{"time": 1, "model": "m", "digest": "d", "answer_bytes": NaN}', _NO_SIZE),
        (b'{"time": 1, "model": "m", "digest": "d", "answer_bytes": 1e300}', _NO_SIZE),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_a_wrong_line_is_named_by_its_number(tmp_path: Path, line: bytes, what: str, packed: bool) -> None:
    path = tmp_path / "log.jsonl"
    content = _GOOD + b"\n  \n" + _GOOD + line + b"\n" + _GOOD
    path.write_bytes(gzip.compress(content) if packed else content)
    assert _error(path) == f"{path}, line 5: {what}"


def test_the_first_of_many_wrong_lines_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    good = b'{"time": 1, "model": "m", "digest": "%0512d"}\n'
    wrong = b'{"time": 1}\n'
    with path.open("wb") as file:
        for at in range(200_000):
            file.write(wrong if at > 150_000 else good % at)
    assert _error(path) == f"{path}, line 150002: model is missing"


def test_a_byte_order_mark_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + _GOOD)
    assert _error(path) == f"{path}, line 1: begins with a byte order mark: save the file as UTF-8 without one"


def test_a_line_of_more_than_16_mib_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(_GOOD + b'{"time": 1, "model": "m", "body": "' + b"x" * 40_000_000 + b'"}\n')
    assert _error(path) == f"{path}, line 2: longer than 16 MiB"


def test_a_body_of_more_than_16_mib_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"time": 1, "model": "m", "body": "' + b"x" * 17_000_000 + b'"}\n')
    assert _error(path) in {f"{path}, line 1: body is larger than 16 MiB", f"{path}, line 1: longer than 16 MiB"}


def test_a_file_that_is_not_there_or_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    assert _error(path) == f"{path}: there is no such file"
    assert _error(tmp_path) == f"{tmp_path}: is a folder: name one file of it"
    os.mkfifo(tmp_path / "pipe")
    for pipe in (tmp_path / "pipe", Path("/dev/zero")):
        assert _error(pipe) == f"{pipe}: is no file but a pipe or a device, and a log is read twice: write it to a file"
    path.write_bytes(b"")
    assert _error(path) == f"{path}: is empty"
    path.write_bytes(b"\n \n")
    assert _error(path) == f"{path}: has no request"
    path.write_bytes(b" [\n" + _GOOD + b"]")
    assert _error(path) == f"{path}: is one JSON array; one object a line is needed: jq -c '.[]' makes that of it"


def test_a_packed_file_that_ends_too_early(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress(_GOOD * 10_000)[:-30])
    assert _error(path).startswith(f"{path}: cannot be read: IO Error: Unexpected end of GZIP stream")


def test_a_wrong_line_of_a_zstd_file_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.zst"
    _copy(path, "SELECT unnest([1, NULL]) AS time, 'm' AS model, 'secret' AS digest", "FORMAT json, COMPRESSION zstd")
    assert _error(path) == f"{path}, request 2 (lines without the blank ones): time is missing"


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ("SELECT 'm' AS model, 'd' AS digest", ": has no column time"),
        ("SELECT 1.5 AS time, 'd' AS digest", ": has no column model"),
        ("SELECT 1.5 AS time, 'm' AS model", ": has no column body and no column digest"),
        ("SELECT 1.5 AS time, 7 AS model, 'd' AS digest", ": column model must be text, is INTEGER"),
        ("SELECT 1.5 AS time, 'm' AS model, {'a': 'secret'} AS body", ": column body must be text, is STRUCT"),
        ("SELECT 1.5 AS time, 'm' AS model, ['secret'] AS digest", ": column digest must be text, is VARCHAR[]"),
        ("SELECT 1.5 AS time, 'm' AS model, 'd' AS digest, '7' AS latency_ms",
         ": column latency_ms must be a number, is VARCHAR"),
        ("SELECT true AS time, 'm' AS model, 'd' AS digest",
         ": column time must be a timestamp, RFC 3339 text, or Unix seconds as a number, is BOOLEAN"),
        ("SELECT unnest(['2026-11-01T12:00Z', 'secret']) AS time, 'm' AS model, 'd' AS digest", f", row 2: {_NO_TIME}"),
        ("SELECT 1.5 AS time, unnest(['m', 'm', NULL]) AS model, 'd' AS digest", ", row 3: model is missing"),
        ("SELECT 1.5 AS time, 'm' AS model, unnest(['d', NULL]) AS digest", ", row 2: body or digest is missing"),
        ("SELECT 1.5 AS time, 'm' AS model, 'd' AS digest, unnest([0, -1]) AS answer_bytes",
         ", row 2: answer_bytes must be a number, 0 or more"),
        ("SELECT 1.5 AS time, 'm' AS model, 'd' AS digest WHERE false", ": has no request"),
    ],
)  # fmt: skip
def test_a_wrong_parquet_file_is_named_by_column_or_row(tmp_path: Path, rows: str, what: str) -> None:
    path = tmp_path / "log.parquet"
    _copy(path, rows, "FORMAT parquet")
    assert _error(path) == f"{path}{what}"


def test_a_parquet_file_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(b"PAR1 secret")
    assert _error(path) == f"{path}: begins like a Parquet file, but is none, or not all of it"
    _copy(path, "SELECT 1.5 AS time, 'm' AS model, 'secret' AS digest", "FORMAT parquet")
    path.write_bytes(path.read_bytes()[:-20])
    assert _error(path) == f"{path}: begins like a Parquet file, but is none, or not all of it"


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"started_at": "secret"}, "started_at must be a number, Unix milliseconds"),
        ({"prediction_cache": {"question": "secret"}}, "prediction_cache has no model"),
        ({"prediction_cache": "secret"}, "prediction_cache must be an object"),
    ],
)
def test_a_wrong_line_of_kong_is_named(tmp_path: Path, entry: dict, what: str) -> None:
    good = {"started_at": 1790000000000, "prediction_cache": {"model": "m", "question": "q", "outcome": "miss"}}
    path = tmp_path / "kong.log"
    path.write_text(f"{json.dumps(good)}\n{json.dumps({**good, **entry})}\n", "utf-8")
    assert _error(path) == f"{path}, line 2: {what}"


def _copy(path: Path, rows: str, options: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows}) TO '{path}' ({options})")
