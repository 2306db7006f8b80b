"""What is read from a log: its forms, its times and answers, and what Kong's log plugins write."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from ops.plan.reading import read_traces
from ops.plan.traces import ModelLog

_NOON = 1_793_534_400  # 2026-11-01T12:00:00Z


def _lines(*records: Any) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def _only(path: Path, content: bytes | None = None) -> ModelLog:
    if content is not None:
        path.write_bytes(content)
    (log,) = read_traces(path).models
    return log


def _asked(time: Any, **more: Any) -> dict[str, Any]:
    return {"time": time, "model": "digits", "digest": "d", **more}


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        (_NOON, 0),
        (_NOON + 0.25, 0.25),
        ("2026-11-01T12:00:00Z", 0),
        ("2026-11-01t12:00:00.5z", 0.5),
        ("2026-11-01T12:00:00", 0),  # no zone: UTC
        ("2026-11-01 12:00:00.123456789", 0.123456),
        ("2026-11-01T14:00:00+02:00", 0),
        ("2026-11-01T06:30:00-05:30", 0),
    ],
)
def test_times_are_utc_whatever_their_zone(tmp_path: Path, time: Any, seconds: float) -> None:
    assert _only(tmp_path / "log", _lines(_asked(time))).trace.times.tolist() == [round((_NOON + seconds) * 1_000_000)]


def test_requests_are_sorted_by_time_and_equal_times_stay(tmp_path: Path) -> None:
    records = [_asked(5, digest="a"), _asked(3, digest="b"), _asked(5, digest="c"), _asked(3, digest="d")]
    log = _only(tmp_path / "log", _lines(*records, _asked(4, digest="a")))
    assert log.trace.times.tolist() == [3_000_000, 3_000_000, 4_000_000, 5_000_000, 5_000_000]
    assert log.trace.keys.tolist() == [0, 1, 2, 2, 3]


def test_models_are_told_apart_and_sorted(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(_lines(*({**_asked(9 - at), "model": f"m{at % 3}"} for at in range(9))))
    logs = read_traces(path).models
    assert [(log.model, log.trace.times.tolist()) for log in logs] == [
        (f"m{model}", [(3 - model + more) * 1_000_000 for more in (0, 3, 6)]) for model in range(3)
    ]


def test_answers_are_numbered_and_measured(tmp_path: Path) -> None:
    answers = [
        {"answer": "é"},
        {"answer": {"a": [1, "é"]}},
        {},
        {"answer": "é", "answer_bytes": 100},
        {"answer_digest": "x", "answer_bytes": 7},
        {"answer": "other", "answer_digest": "x"},
    ]
    log = _only(tmp_path / "log", _lines(*(_asked(at, **answer) for at, answer in enumerate(answers))))
    assert log.trace.answers.tolist() == [0, 1, -1, 0, 2, 2]
    assert log.trace.sizes.tolist() == [2, len('{"a":[1,"é"]}'.encode()), 0, 100, 7, 5]


def test_latencies_are_microseconds_and_a_bypass_has_no_key(tmp_path: Path) -> None:
    log = _only(
        tmp_path / "log",
        _lines(
            _asked(1, latency_ms=1.5),
            {"time": 2, "model": "digits", "bypass": "stream"},
            _asked(3, bypass="cookie", latency_ms=None),
        ),
    )
    assert log.trace.durations.tolist() == [1500, 0, 0]
    assert log.trace.keys.tolist() == [0, -1, -1]
    assert log.bypasses == {"stream": 1, "cookie": 1}
    assert not log.has_bodies


@pytest.mark.parametrize("form", ["plain", "gzip", "zstd"])
def test_the_form_is_that_of_the_content_whatever_the_name(tmp_path: Path, form: str) -> None:
    path = tmp_path / "it's a log.txt"
    content = _lines(*(_asked(at, digest=str(at % 7)) for at in range(100)))
    if form == "zstd":
        with duckdb.connect() as connection:
            connection.execute(
                "COPY (SELECT range AS time, 'digits' AS model, (range % 7)::VARCHAR AS digest FROM range(100))"
                " TO '{}' (FORMAT json, COMPRESSION zstd)".format(str(path).replace("'", "''"))
            )
    else:
        path.write_bytes(gzip.compress(content) if form == "gzip" else content)
    assert _only(path).trace.keys.tolist() == [at % 7 for at in range(100)]


def test_blank_lines_and_line_ends_of_windows_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "log"
    content = (
        b"\n"
        + _lines(_asked(1), _asked(2)).replace(b"\n", b"\r\n\r\n \t\n")
        + b'{"time":3,"model":"digits","digest":"d"}'
    )
    assert _only(path, content).trace.keys.tolist() == [0, 0, 0]
    assert read_traces(path).lines == 3


@pytest.mark.parametrize(
    "time",
    ["TIMESTAMP '2026-11-01 12:00:00.25'", "TIMESTAMPTZ '2026-11-01 13:00:00.25+01:00'",
     "TIMESTAMP_MS '2026-11-01 12:00:00.25'", "TIMESTAMP_NS '2026-11-01 12:00:00.25'", f"{_NOON}.25::DOUBLE",
     f"{_NOON}.25::DECIMAL(18, 6)", "'2026-11-01T12:00:00.25Z'"],
)  # fmt: skip
def test_parquet_times_may_be_timestamps_text_or_numbers(tmp_path: Path, time: str) -> None:
    path = tmp_path / "log"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        connection.execute(f"COPY (SELECT {time} AS time, 'm' AS model, 'd' AS digest) TO '{path}' (FORMAT parquet)")
    assert _only(path).trace.times.tolist() == [_NOON * 1_000_000 + 250_000]


def test_lines_of_kong_are_read(tmp_path: Path) -> None:
    def entry(at: int, cache: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
        line = {
            "started_at": _NOON * 1000 + at,
            "latencies": {"proxy": 20, "kong": 1},
            "response": {"size": 300},
            **more,
        }
        return line if cache is None else {**line, "prediction_cache": {"model": "digits", **cache}}

    miss = {"question": "q", "outcome": "miss", "answer_bytes": 120}
    path = tmp_path / "kong.log"
    path.write_bytes(
        _lines(
            entry(0, None),
            entry(1, miss, consumer={"username": "ann", "id": "1"}),
            entry(2, {**miss, "outcome": "hit"}, consumer={"username": "ann", "id": "1"}),
            entry(3, {"question": "q", "outcome": "miss"}, consumer={"username": None, "id": "2"}),
            entry(4, {"outcome": "bypass", "bypass": "stream"}, latencies={"proxy": -1}),
            entry(5, {"outcome": "refused"}),
            entry(6, {"question": "q", "outcome": "failed"}),
            entry(7, {"outcome": "off"}),
        )
    )
    traces = read_traces(path)
    (log,) = traces.models
    assert traces.lines == 8
    assert traces.skipped == {"no prediction_cache": 1, "refused": 1}
    assert log.trace.times.tolist() == [_NOON * 1_000_000 + at * 1000 for at in (1, 2, 3, 4, 6, 7)]
    assert log.trace.keys.tolist() == [0, 0, 1, -1, -1, -1]
    assert log.trace.durations.tolist() == [20_000, 0, 20_000, 0, 20_000, 20_000]
    assert log.trace.sizes.tolist() == [120, 120, 300, 300, 300, 300]
    assert log.bypasses == {"stream": 1, "failed": 1, "off": 1}
    assert log.callers == 3


def test_a_log_of_kong_without_a_cached_model_has_no_models(tmp_path: Path) -> None:
    path = tmp_path / "kong.log"
    path.write_bytes(_lines({"started_at": 1, "latencies": {}}))
    traces = read_traces(path)
    assert (traces.models, traces.skipped) == ((), {"no prediction_cache": 1})


def test_progress_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(_lines(_asked(1, body='{"x":1}') | {"digest": None}))
    told: list[tuple[str, float]] = []
    read_traces(path, progress=lambda step, done: told.append((step, done)))
    assert told == [("reading", 1.0), ("bodies", 1.0), ("numbering", 0.0), ("numbering", 1.0)]


def test_a_long_log_keeps_its_order(tmp_path: Path) -> None:
    path = tmp_path / "log"
    numbers = np.random.default_rng(1).integers(0, 5_000, 400_000)
    with path.open("w") as file:
        for at, number in enumerate(numbers):
            file.write(f'{{"time":{at},"model":"m","digest":"{number:064d}"}}\n')
    trace = _only(path).trace
    assert trace.times.tolist() == [at * 1_000_000 for at in range(400_000)]
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    assert np.array_equal(trace.keys, np.argsort(np.argsort(first))[inverse])
