"""The most valuable questions of a file, in order, with their bodies."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest

from components.prediction_key.twin import canonical
from ops.plan.log_error import LogError
from ops.warm.questions import Questions, digest_of, most_valuable
from settings import CacheSettings


def read(path: Path, caller: str | None = None, max_bytes: int = 1_000) -> Questions:
    rules: Any = CacheSettings.model_validate({"excludeFields": ["id"]})
    return most_valuable(path, "digits", lambda body: canonical(rules, body), caller, max_bytes)


def bodies(questions: Questions) -> list[str]:
    return [body.decode() for body in questions.bodies(range(len(questions.positions)))]


def write(folder: Path, *lines: Any, name: str = "log.jsonl") -> Path:
    path = folder / name
    path.write_bytes(b"".join(line if isinstance(line, bytes) else f"{json.dumps(line)}\n".encode() for line in lines))
    return path


def record(body: Any, time: Any = 0, **others: Any) -> dict[str, Any]:
    return {"time": time, "model": "digits", "body": body, **others}


def to_parquet(log: Path, columns: str) -> Path:
    path = log.with_suffix(".parquet")
    kinds = "{time: 'VARCHAR', model: 'VARCHAR', caller: 'VARCHAR', body: 'VARCHAR', latency_ms: 'DOUBLE'}"
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            f"COPY (SELECT {columns} FROM read_json('{log}', columns={kinds}, format='newline_delimited')) TO '{path}'"
        )
    return path


def test_the_order_is_that_of_a_plain_count(tmp_path: Path) -> None:
    chance = random.Random(9)
    records: list[dict[str, Any]] = []
    for second in range(3_000):
        body = json.dumps({"x": chance.randrange(300)})
        latency = {} if chance.random() < 0.3 else {"latency_ms": chance.choice([1, 2.5, 40])}
        records.append(record(body, second, caller=chance.choice("ab"), **latency))
    log = write(tmp_path, *records)
    mine = [record for record in records if record["caller"] == "a"]
    known = [record["latency_ms"] for record in mine if "latency_ms" in record]
    times: defaultdict[str, list[Any]] = defaultdict(list)
    for one in mine:
        times[one["body"]].append(one)

    def value(body: str) -> float:
        own = [one["latency_ms"] for one in times[body] if "latency_ms" in one] or known
        return len(times[body]) * sum(own) / len(own)

    found = read(log, "a")
    asked = bodies(found)
    assert found.requests == len(mine)
    assert sorted(asked) == sorted(times)
    assert [value(body) for body in asked] == pytest.approx(sorted(map(value, times), reverse=True))
    assert asked == bodies(read(log, "a"))
    columns = "strptime(time, '%s') AS time, model, caller, body, latency_ms"
    parquet = to_parquet(log, columns.replace("strptime(time, '%s')", "to_timestamp(time::DOUBLE)"))
    assert bodies(read(parquet, "a")) == asked


def test_ties_go_to_the_latest_and_the_last_spelling_is_asked(tmp_path: Path) -> None:
    log = write(
        tmp_path,
        record({"x": 1}, "2026-11-01T12:00:00+02:00"),
        record({"x": 2}, "2026-11-01T11:00:00Z"),
        record({"x": 3}, 1_790_000_000),
        record('{ "x": 3,"id": 7}', 1_790_000_000.5),
        record({"x": 4}, "2026-11-01t10:30:00"),
    )
    assert bodies(read(log)) == ['{ "x": 3,"id": 7}', '{"x": 2}', '{"x": 4}', '{"x": 1}']


def test_a_body_is_asked_as_it_is_written(tmp_path: Path) -> None:
    line = (
        b'{"time": 1, "model": "digits", "body" : {"x": [1.50, 1e3, -0.0, 12345678901234567890123], "s": "\\u00e9"} }\n'
    )
    assert bodies(read(write(tmp_path, line))) == ['{"x": [1.50, 1e3, -0.0, 12345678901234567890123], "s": "\\u00e9"}']


def test_columns_of_parquet_may_have_types_of_their_own(tmp_path: Path) -> None:
    log = write(tmp_path, *(record(json.dumps({"x": number}), number) for number in range(500)))
    found = read(to_parquet(log, "time::BIGINT AS time, model, body::JSON AS body, 2::DECIMAL(9, 3) AS latency_ms"))
    assert bodies(found) == [json.dumps({"x": number}) for number in reversed(range(500))]
    found = read(to_parquet(log, "time::DOUBLE AS time, model, encode(body) AS body").rename(tmp_path / "log"))
    assert bodies(found)[:1] == ['{"x": 499}']
    found = read(to_parquet(log, "time::DOUBLE AS time, model, {'x': 5, 'y': [1]} AS body"))
    assert bodies(found) == ['{"x":5,"y":[1]}']


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{secret}\n", 'this is no record of a log: a name and ":" expected at column 2'),
        (b'{"time": 1, "model": "digits"} x\n', "this is no record of a log: something stands after the object"),
        (b'{"time": 1, "model": "digits", "body": NaN}\n', "this is no record of a log: NaN is not JSON"),
        (b'"secret"\n', 'this is no record of a log: "{" expected at column 1'),
        (b'{"model": "digits", "body": {}}\n', "this is no record of a log: the record has no `time`"),
        (b'{"time": "soon", "model": "digits", "body": {}}\n', "`time` is neither RFC 3339 nor Unix seconds"),
        (b'{"time": 1e300, "model": "digits", "body": {}}\n', "`time` is neither RFC 3339 nor Unix seconds"),
        (b'{"time": 1, "body": {}}\n', "the record has no `model`"),
        (b'{"time": 1, "model": 1, "body": {}}\n', "`model` is no text"),
        (b'{"time": 1, "model": "digits", "body": {}, "caller": 7}\n', "`caller` is no text"),
        (b'{"time": 1, "model": "digits", "body": {}, "latency_ms": "9"}\n', "`latency_ms` is no number of 0 or more"),
        (b'{"time": 1, "model": "digits", "body": ' + b"[" * 100_000 + b"\n", "it is nested too deep"),
        (
            b'{"time": 1, "model": "digits", "body": {}, "latency_ms": 1e300}\n',
            "`latency_ms` is no number of 0 or more",
        ),
        (
            b'{"time": 1, "model": "digits", "body": {}, "latency_ms": 1' + b"0" * 400 + b"}\n",
            "`latency_ms` is no number of 0 or more",
        ),
        (b'{"time": 1, "model": "digits", "body": "[\\"\\ud800\\"]"}\n', "`body` has half of a surrogate pair"),
        (b"\xff\n", "this is not UTF-8"),
        (b'{"x": "' + b"a" * 17_000_000 + b'"}\n', "the line has more than 16777216 bytes"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: bytes, why: str) -> None:
    log = write(tmp_path, record({"x": 1}), b"\n", line, record({"x": 1}))
    with pytest.raises(LogError) as raised:
        read(log)
    assert str(raised.value).startswith(f"{log}:3: ")
    assert why in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_body_that_is_no_json_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, {"x": 1}, b"{x}\n")
    with pytest.raises(LogError, match=r"log.jsonl:2: this is no JSON body: Expecting property name .* at column 2"):
        read(file)


def test_a_record_without_time_is_not_asked_as_a_body(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="log.jsonl:1: .*the record has no `time`"):
        read(write(tmp_path, {"model": "digits", "body": {"x": 1}, "ts": 5}))


def test_a_parquet_file_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    with pytest.raises(LogError, match="log.parquet cannot be read: No such file"):
        read(path)
    path.write_text("{}")
    with pytest.raises(LogError, match="log.parquet cannot be read as Parquet: "):
        read(path)
    log = write(tmp_path, record("{}", "x"))
    with pytest.raises(LogError, match="has no column `model` and `time`; it has: body"):
        read(to_parquet(log, "body"))
    with pytest.raises(LogError, match="log.parquet, row 1: `time` is neither RFC 3339 nor Unix seconds"):
        read(to_parquet(log, "time, model, body"))


@pytest.mark.parametrize("kind", ["JSON lines", "Parquet"])
def test_a_file_that_is_changed_meanwhile_is_told(tmp_path: Path, kind: str) -> None:
    log = write(tmp_path, *(record(json.dumps({"x": number}), number) for number in range(9)))
    file = log if kind == "JSON lines" else to_parquet(log, "time::DOUBLE AS time, model, body")
    found = read(file)
    shorter = write(tmp_path, record("{}"), name="shorter.jsonl")
    (shorter if kind == "JSON lines" else to_parquet(shorter, "time::DOUBLE AS time, model, body")).rename(file)
    with pytest.raises(LogError, match="the file was changed while its questions were asked"):
        bodies(found)


def test_a_compressed_file_is_told(tmp_path: Path) -> None:
    file = write(tmp_path, gzip.compress(b"{}"), name="log.jsonl.gz")
    with pytest.raises(LogError, match="log.jsonl.gz is compressed: unpack it first"):
        read(file)


def test_what_bypasses_the_cache_is_left_out(tmp_path: Path) -> None:
    too_long = record({"x": "a" * 1_000})
    found = read(write(tmp_path, too_long, record("[1, 2"), record('{"stream": true}'), record({"x": 1})))
    assert bodies(found) == ['{"x": 1}']
    assert found.skipped == {"not cacheable: size": 1, "not cacheable: separator": 1, "not cacheable: stream": 1}


@pytest.mark.parametrize("kind", ["log", "bodies"])
def test_a_byte_order_mark_and_ends_of_line_of_windows_are_no_part_of_a_question(tmp_path: Path, kind: str) -> None:
    lines = [record({"x": 1}), record({"x": 2})] if kind == "log" else [{"x": 1}, {"x": 2}]
    text = "\r\n".join(["", *map(json.dumps, lines), "", ""])
    found = read(write(tmp_path, b"\xef\xbb\xbf" + text.encode()))
    assert bodies(found) == ['{"x": 1}', '{"x": 2}']


def test_what_can_be_read_only_once_or_has_no_end_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(LogError, match=f"{path} is no file: "):
            digest_of(path)
    with pytest.raises(LogError, match="cannot be read: Is a directory"):
        digest_of(tmp_path)


@pytest.mark.parametrize("kind", ["log", "bodies"])
def test_another_question_in_the_place_of_one_is_not_asked(tmp_path: Path, kind: str) -> None:
    def lines(*numbers: int) -> list[Any]:
        return [record({"x": number}) if kind == "log" else {"x": number} for number in numbers]

    log = write(tmp_path, *lines(1, 2, 3))
    found = read(log)
    assert len(bodies(found)) == 3
    write(tmp_path, *lines(1, 7, 3))
    with pytest.raises(LogError, match="the file was changed while its questions were asked"):
        bodies(found)


def test_names_of_columns_cannot_move_the_cursor(tmp_path: Path) -> None:
    log = write(tmp_path, record("{}"))
    with pytest.raises(LogError) as raised:
        read(to_parquet(log, 'body, model AS "\x1b[31m"'))
    assert str(raised.value).endswith("it has: body, \ufffd[31m")


def test_a_number_may_have_more_digits_than_python_takes(tmp_path: Path) -> None:
    digits = b"7" * 5_000
    question = b'{"x": %b}' % digits
    assert bodies(read(write(tmp_path, question), max_bytes=9_000)) == [question.decode()]
    log = write(tmp_path, b'{"time": 1, "model": "digits", "body": %b}' % question)
    assert bodies(read(log, max_bytes=9_000)) == [question.decode()]


def test_an_object_over_several_lines_is_told(tmp_path: Path) -> None:
    for document in ([{"x": 1}], {"x": 1}):
        file = write(tmp_path, json.dumps(document, indent=2).encode())
        with pytest.raises(LogError, match=r"log.jsonl:1: this is no JSON .* at column \d; each line has to hold one"):
            read(file)
