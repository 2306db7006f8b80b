"""Whatever a log holds, it is read as a plain reader reads it, from JSON lines and from Parquet."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.plan.cache_rules import CacheRules
from ops.plan.reading import read_traces
from tests.ops.plan.plain_reader import columns, plain_traces
from tests.prediction_key.documents import generate, mutate, render

_START = 1_760_000_000
_TEXTS = ("model", "body", "digest", "caller", "answer", "answer_digest", "bypass")


def _document(seed: int) -> str:
    """One of few documents, in one of many spellings; some are no JSON, some stream."""
    rng = random.Random(seed)
    document = generate(random.Random(seed % 5))
    if isinstance(document, dict):
        for name in rng.sample(["user", "temperature", "stream", "id"], rng.randrange(4)):
            document[name] = rng.choice([False, False, True, None])
    text = render(document, rng)
    return mutate(text, rng) if rng.random() < 0.1 else text


def _times() -> st.SearchStrategy[Any]:
    seconds = st.integers(0, 5)
    return st.one_of(
        st.builds(lambda second, part: _START + second + part / 1_000_000, seconds, st.integers(0, 999_999)),
        st.builds("2026-11-01T12:00:0{}{}{}".format, seconds, st.sampled_from(["", ".5", ".123456"]), _zones()),
        st.builds("2026-11-01{}12:00:0{}z".format, st.sampled_from("tT "), seconds),
    )


def _zones() -> st.SearchStrategy[str]:
    return st.sampled_from(["Z", "", "+00:00", "+02:00", "-05:30"])


def _bodies() -> st.SearchStrategy[str]:
    return st.integers(0, 10_000).map(_document)


def _records() -> st.SearchStrategy[list[dict[str, Any]]]:
    text = st.text(st.characters(codec="utf-8"), max_size=3)
    common = {"time": _times(), "model": st.sampled_from(["digits"] * 5 + ["chat", "日本 'x'"])}
    optional = {
        "caller": st.sampled_from(["", "a", 'a"b', "é"]),
        "latency_ms": st.one_of(st.integers(0, 10**6), st.integers(0, 10**6).map(lambda number: number / 1000)),
        "answer": text,
        "answer_digest": st.sampled_from(["x", "y"]),
        "answer_bytes": st.integers(0, 10**9),
    }
    questions = [{"body": _bodies()}, {"digest": st.sampled_from(["", "a", "b", "\u0000"])}]
    bypass = {"bypass": st.sampled_from(["stream", "cookie"])}
    kinds = [*questions, *({**question, **bypass} for question in questions), bypass]
    return st.lists(
        st.one_of([st.fixed_dictionaries({**common, **kind}, optional=optional) for kind in kinds]),
        min_size=1,
        max_size=20,
    )


def _rules() -> st.SearchStrategy[CacheRules]:
    excluded = st.lists(st.sampled_from(["user", "a", "nothing"]), unique=True, max_size=2).map(tuple)
    profiles = st.sampled_from(["classic", "embeddings", "llm"])
    return st.builds(CacheRules, profiles, excluded, st.sampled_from([40, 65_536]))


def _read(path: Path, rules: CacheRules) -> Any:
    return columns(read_traces(path, rules={model: rules for model in ("digits", "chat", "日本 'x'")}))


@settings(max_examples=60, deadline=None)
@given(_records(), _rules(), st.booleans())
def test_json_lines_are_read_as_by_a_plain_reader(
    records: list[dict[str, Any]], rules: CacheRules, ensure_ascii: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        path.write_text("".join(json.dumps(record, ensure_ascii=ensure_ascii) + "\n" for record in records), "utf-8")
        assert _read(path, rules) == plain_traces(records, rules)


@settings(max_examples=40, deadline=None)
@given(_records(), _rules())
def test_parquet_is_read_as_json_lines_are(records: list[dict[str, Any]], rules: CacheRules) -> None:
    records = [{**record, "time": str(record["time"])} for record in records if isinstance(record["time"], str)]
    if not records:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.parquet"
        write_parquet(path, records)
        assert _read(path, rules) == plain_traces(records, rules)


def write_parquet(path: Path, records: list[dict[str, Any]], time: str = "VARCHAR") -> None:
    """The records in one row group."""
    with duckdb.connect() as connection:
        texts = ", ".join(f"{name} VARCHAR" for name in _TEXTS)
        connection.execute(f"CREATE TABLE log (time {time}, {texts}, latency_ms DOUBLE, answer_bytes BIGINT)")
        names = ["time", *_TEXTS, "latency_ms", "answer_bytes"]
        connection.executemany(
            f"INSERT INTO log VALUES ({', '.join('?' * len(names))})",
            [[record.get(name) for name in names] for record in records],
        )
        connection.execute(f"COPY log TO '{path}' (FORMAT parquet)")
