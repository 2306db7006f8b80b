"""Bodies get the keys that the gateway would give them, with each field and without it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.prediction_key.twin import NotCacheable
from ops.plan import bodies as bodies_module
from ops.plan.bodies import Bodies
from ops.plan.body_reader import BodyReader
from ops.plan.cache_rules import CacheRules
from ops.plan.reading import read_traces
from ops.plan.traces import ModelLog
from tests.ops.plan.plain_reader import canonical_text, columns, plain_traces
from tests.prediction_key.documents import generate, render

_VALUES = [
    "0",
    "-1.0",
    "1e0",
    '"a"',
    '"}\\""',
    '"\\\\"',
    "[1, [2], {}]",
    '{"x": {"user": "]"}, "a": 1}',
    "null",
    '"é,"',
]
_NAMES = ["a", "b", "user", "é", "x y", "", "temperature"]


def _objects() -> st.SearchStrategy[str]:
    members = st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(_VALUES), max_size=4)
    return st.builds(_spelled, members, st.randoms(use_true_random=False))


def _spelled(members: dict[str, str], rng: random.Random) -> str:
    items = [
        f'"{name}"{rng.choice(["", " "])}:{rng.choice(["", " ", chr(9)])}{value}' for name, value in members.items()
    ]
    rng.shuffle(items)
    return "{" + rng.choice([",", ", ", "\n,"]).join(items) + rng.choice(["", " "]) + "}"


def _rules() -> st.SearchStrategy[CacheRules]:
    excluded = st.sampled_from([(), ("user",), ("a", "x y")])
    return st.builds(CacheRules, st.sampled_from(["classic", "llm"]), excluded)


def _write(path: Path, records: list[dict]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def _log(path: Path, bodies: list[str], rules: CacheRules | None = None, **more: object) -> ModelLog:
    """Read a log of bodies as text, one a second."""
    records = [{"time": at, "model": "digits", "body": body, **more} for at, body in enumerate(bodies)]
    (log,) = read_traces(_write(path, records), rules={"digits": rules} if rules else None).models
    return log


@settings(max_examples=300, deadline=None)
@given(st.lists(_objects(), min_size=2, max_size=30), _rules())
def test_a_key_without_a_field_is_that_of_the_canonical_text_without_it(texts: list[str], rules: CacheRules) -> None:
    read = BodyReader(rules).read([text.encode() for text in texts], in_lines=False)
    bodies = Bodies.of([(_rows(len(texts)), read)])
    kept = [place for place, reason in enumerate(bodies.reasons) if reason < 0]
    for field in (None, *bodies.members):
        left_out = CacheRules(rules.profile, (*rules.exclude_fields, *([field] if field is not None else [])))
        numbers = bodies.numbers(without=field)
        expected = [canonical_text(texts[place].encode(), left_out) for place in kept]
        pairs = set(zip(expected, numbers[kept].tolist(), strict=True))
        assert len(pairs) == len(set(expected)) == len({number for _, number in pairs})


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_the_members_of_any_document_are_its_canonical_text(seed: int) -> None:
    rng = random.Random(seed)
    text = render(generate(rng), rng).encode()
    reader, rules = BodyReader(CacheRules()), CacheRules()
    try:
        canonical = canonical_text(text, rules)
    except NotCacheable as error:
        assert reader.read([text], in_lines=False).reasons == {0: str(error)}
        return
    assert (
        b",".join(reader._members(text)[0]) == canonical.removeprefix(b"{").removesuffix(b"}") or canonical[:1] == b"["
    )
    read = reader.read([text, canonical], in_lines=False)
    assert Bodies.of([(_rows(2), read)]).numbers().tolist() == [0, 0]


def test_spellings_of_one_body_are_one_key_and_other_numbers_are_not(tmp_path: Path) -> None:
    log = _log(tmp_path / "log", ['{"a":1,"b":2}', '{ "b": 2, "a": 1 }', '{"a":1.0,"b":2}', "[1]", "[ 1 ]", "{}"])
    assert log.trace.keys.tolist() == [0, 0, 1, 2, 2, 3]


def test_what_the_gateway_would_not_cache_bypasses_with_its_reason(tmp_path: Path) -> None:
    bodies = ['{"stream":true}', '{"a":1,"a":2}', "7", "", "x" * 101, '{"a":1}']
    log = _log(tmp_path / "log", bodies, CacheRules(max_body_bytes=100))
    assert log.trace.keys.tolist() == [-1, -1, -1, -1, -1, 0]
    assert log.bypasses == {
        "stream": 1, "duplicate-name": 1, "not-a-container": 1, "empty": 1, "size": 1
    }  # fmt: skip


def test_only_fields_whose_absence_merges_keys_are_alternatives(tmp_path: Path) -> None:
    log = _log(tmp_path / "log", ['{"x":1,"id":1,"v":0}', '{"x":1,"id":2,"v":0}', '{"x":2,"v":0,"stream":false}'])
    assert dict(log.fields) == {"v": 3, "x": 3, "id": 2}
    assert {name: keys.tolist() for name, keys in log.trace.alternatives.items()} == {"id": [0, 0, 1]}


def test_temperature_is_never_left_out_of_an_llm(tmp_path: Path) -> None:
    bodies = ['{"temperature":0,"u":1}', '{"temperature":0.0,"u":1}']
    assert set(_log(tmp_path / "log", bodies, CacheRules("llm")).trace.alternatives) == set()
    assert set(_log(tmp_path / "log", bodies).trace.alternatives) == {"temperature"}


def test_only_the_most_common_fields_are_tried(tmp_path: Path) -> None:
    shared = ",".join(f'"f{number}":0' for number in range(32))
    log = _log(tmp_path / "log", [f'{{{shared},"rare":1}}', f"{{{shared}}}", f"{{{shared}}}"])
    assert len(log.fields) == 33
    assert "rare" not in log.trace.alternatives


def test_callers_never_share_a_key(tmp_path: Path) -> None:
    records = [
        {"time": at, "model": "m", "body": f'{{"x":1,"id":{at}}}', **({"caller": caller} if caller is not None else {})}
        for at, caller in enumerate(["a", "a", "b", None, ""])
    ]
    (log,) = read_traces(_write(tmp_path / "log", records)).models
    assert log.callers == 4
    assert log.trace.keys.tolist() == [0, 1, 2, 3, 4]
    assert log.trace.alternatives["id"].tolist() == [0, 0, 1, 2, 3]


@pytest.mark.parametrize("spelling", ['"body":{}', ' "x":{"body":[1]} , "body" : {} '])
def test_a_body_that_is_a_json_value_is_taken_as_it_stands_in_the_line(tmp_path: Path, spelling: str) -> None:
    bodies = [
        '{"a": 1.0}',
        '{"a":1e0}',
        '{"a":1.0}',
        '{"a": 12345678901234567890123}',
        '[1, "}\\""]',
        "true",
        '{"a":"\\u00e9"}',
    ]
    lines = [f'{{"time":{at},"model":"m",{spelling.replace("{}", body)}}}\n' for at, body in enumerate(bodies)]
    path = tmp_path / "log"
    path.write_text("\n".join(lines), "utf-8")
    (log,) = read_traces(path).models
    assert log.trace.keys.tolist() == [0, 1, 0, 2, 3, -1, 4]
    assert log.bypasses == {"not-a-container": 1}


def test_text_value_and_digest_may_stand_in_one_log(tmp_path: Path) -> None:
    questions = [{"digest": "d"}, {"body": '{"a":1}'}, {"body": {"a": 1}}, {"digest": "e"}, {"digest": "d"}]
    path = _write(tmp_path / "log", [{"time": at, "model": "m", **asked} for at, asked in enumerate(questions)])
    (log,) = read_traces(path).models
    assert log.trace.keys.tolist() == [0, 2, 2, 1, 0]


def test_several_processes_read_what_one_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(1)
    records = [
        {"time": at, "model": rng.choice("mn"), "body": f'{{"x":{rng.randrange(40)},"id":{rng.randrange(9)}}}'}
        for at in range(500)
    ]
    path = _write(tmp_path / "log", records)
    monkeypatch.setattr(bodies_module, "_ALONE_CHUNKS", 1)
    monkeypatch.setattr("ops.plan.reading.CHUNK_BODIES", 50)
    assert columns(read_traces(path)) == plain_traces(records, CacheRules())


def _rows(number: int) -> np.ndarray:
    return np.arange(number)
