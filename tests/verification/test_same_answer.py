"""same_answer() agrees with Python's json module, and never calls two answers the same that are not."""

from __future__ import annotations

import functools
import json
import random
import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.verification.lua_parts import LuaParts

EXACT = 2.0**53
MAX_DEPTH = 64
PARTS = LuaParts()


@functools.lru_cache(maxsize=256)
def _function(tolerances: tuple[tuple[str, float], ...], ignored: tuple[str, ...]) -> Any:
    known = {"C": {"tolerances": dict(tolerances), "ignored": {field: True for field in ignored}}}
    return PARTS.load(known, "verification/same_answer", gives="same_answer")


def same(one: str | bytes, other: str | bytes, tolerances: dict[str, float] | None = None, *ignored: str) -> bool:
    texts = [text.encode() if isinstance(text, str) else text for text in (one, other)]
    answer = _function(tuple(sorted((tolerances or {}).items())), ignored)(*texts)
    assert isinstance(answer, bool)
    return answer


class _NotComparable(Exception):
    pass


class _Number(str):
    pass


def _read(text: str, *, is_ascii: bool) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names) or any(
            json.dumps(name, ensure_ascii=is_ascii) != f'"{name}"' or "\x7f" in name for name in names
        ):
            raise _NotComparable
        return dict(pairs)

    value = json.loads(text, object_pairs_hook=members, parse_int=_Number, parse_float=_Number)
    if _depth(value) > MAX_DEPTH:
        raise _NotComparable
    return value


def _depth(value: Any) -> int:
    if isinstance(value, dict | list):
        return 1 + max(map(_depth, value.values() if isinstance(value, dict) else value), default=0)
    return 0


def _is_near(one: str, other: str, allowed: float) -> bool:
    """Beyond 2^53 a double may stand for several whole numbers."""
    a, b = float(one), float(other)
    size = max(abs(a), abs(b))
    return one == other or abs(a - b) + (size * 2**-52 if size >= EXACT else 0) <= allowed


def _is_same(one: Any, other: Any, path: str | None, tolerances: dict[str, float], ignored: tuple[str, ...]) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {*one, *other}:
            inner = name if path is None else f"{path}.{name}"
            if inner in ignored:
                continue
            if name not in one or name not in other:
                return False
            if not _is_same(one[name], other[name], inner, tolerances, ignored):
                return False
        return True
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_is_same(a, b, path, tolerances, ignored) for a, b in pairs)
    if isinstance(one, _Number) and isinstance(other, _Number):
        return _is_near(one, other, tolerances.get(path or "", tolerances.get("*", 0)))
    return type(one) is type(other) and one == other


def expected(one: str, other: str, tolerances: dict[str, float], ignored: tuple[str, ...], *, is_ascii: bool) -> bool:
    if one == other:
        return True
    if not tolerances and not ignored:
        return False
    try:
        a, b = (_read(text, is_ascii=is_ascii) for text in (one, other))
        return _is_same(a, b, None, tolerances, ignored)
    except (ValueError, _NotComparable):
        return False


NAMES = st.sampled_from(["id", "score", "a", "b", "größe", "a b", "*", "[", 'q"', "\x7f", ""])
NUMBERS = st.sampled_from([0, 1, -1, 1.0, 1.5, 0.1, 1e-9, 1e20, 1e300, 2**53, 2**53 + 1, -(2**60)]) | st.floats(
    allow_nan=False, allow_infinity=False
)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=4)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
FIELDS = ["id", "score", "a", "b", "a.b", "a.score", "b.id", "größe", "a b.id"]
TOLERANCES = st.dictionaries(st.sampled_from([*FIELDS, "*"]), st.sampled_from([0.0, 1e-9, 0.01, 1.0, 1e18]), max_size=3)
IGNORED = st.lists(st.sampled_from(FIELDS), max_size=2, unique=True).map(tuple)


def otherwise(value: Any, draw: random.Random) -> Any:
    """The same but for its members' order and, now and then, a leaf."""
    if isinstance(value, dict):
        items = [(name, otherwise(item, draw)) for name, item in value.items() if draw.random() > 0.03]
        draw.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        return [otherwise(item, draw) for item in value if draw.random() > 0.02]
    if isinstance(value, int | float) and not isinstance(value, bool) and draw.random() < 0.3:
        return value + draw.choice([0, 1e-10, 0.005, 0.5, 1, 1e17])
    return draw.choice([None, True, "", 1]) if draw.random() < 0.05 else value


def written(value: Any, draw: random.Random, *, is_ascii: bool) -> str:
    """As JSON, with some of the numbers in another way."""

    def respelled(found: re.Match[str]) -> str:
        text = found[0]
        if draw.random() > 0.3 or text.startswith('"'):
            return text
        whole = re.fullmatch(r"-?\d{1,15}", text)
        return draw.choice([f"{text}.0", f"{text}e0", f"{text}0E-1", f"{text}.00e+00"]) if whole else text

    text = json.dumps(value, ensure_ascii=is_ascii, indent=draw.choice([None, 1]))
    return re.sub(r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*', respelled, text)


@settings(max_examples=1500, deadline=None)
@given(VALUES, st.none() | VALUES, TOLERANCES, IGNORED, st.booleans(), st.randoms(use_true_random=False))
def test_it_agrees_with_python(
    value: Any, other: Any, tolerances: dict[str, float], ignored: tuple[str, ...], is_ascii: bool, draw: random.Random
) -> None:
    one = written(value, draw, is_ascii=is_ascii)
    two = written(otherwise(value, draw) if other is None else other, draw, is_ascii=is_ascii)
    wanted = expected(one, two, tolerances, ignored, is_ascii=is_ascii)
    assert same(one, two, tolerances, *ignored) is wanted
    assert same(two, one, tolerances, *ignored) is wanted


DIGITS = st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)


@settings(max_examples=1500, deadline=None)
@given(DIGITS, DIGITS | st.none(), st.sampled_from([0.0, 0.001, 1.0, 1e18]), st.integers(0, 30))
@example("9007199254740993", "9007199254740992", 0.0, 0)
@example("9007199254740993", "9007199254740992", 0.001, 0)
@example("1e999", "2e999", 1e18, 0)
@example("9007199254740992", "9007199254740993", 1.0, 0)
def test_numbers_that_are_the_same_are_no_further_apart_than_the_tolerance(
    one: str, other: str | None, tolerance: float, place: int
) -> None:
    if other is None:
        place %= len(one)
        other = one[:place] + ("7" if one[place].isdigit() else one[place]) + one[place + 1 :]
    found = same(f"[{one}]", f"[{other}]", {"*": tolerance})
    a, b = Fraction(one), Fraction(other)
    rounding = max(abs(a), abs(b)) * Fraction(2) ** -52 if max(abs(a), abs(b)) < EXACT else 0
    if found and one != other:
        assert abs(a - b) <= Fraction(tolerance) + rounding + Fraction(2) ** -1074
    if a == b and abs(a) < EXACT:
        assert found


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ('{"a":1,"b":2}', '{ "b" : 2.0 , "a" : 1e0 }', True),
        ('{"a":1}', '{"a":"1"}', False),
        ('{"a":null}', "{}", False),
        ('{"a":true}', '{"a":1}', False),
        ("[1,2]", "[2,1]", False),
        ("[]", "{}", False),
        ("[1,2]", "[1]", False),
        ('{"a":-0}', '{"a":0}', True),
        ('{"a":"\\u0041"}', '{"a":"A"}', False),
        ('{"a":1,"a":1}', '{"a":1.0,"a":1}', False),
        ('{"a":1}', '{"a":1.0,"a":2}', False),
        ('{"\\u0061":1}', '{"\\u0061":1.0}', False),
        ("{'a':1}", "{'a':1.0}", False),
        ('{"a":1,}', '{"a":1.0,}', False),
        ("[1 2]", "[1.0 2]", False),
        ("[1]]", "[1.0]]", False),
        ("[1", "[1.0", False),
        ("", " ", False),
        ("[0x10]", "[16]", False),
        ("[00E-1]", "[0.0]", False),
        ("[1.]", "[1]", False),
        ("[1.e1]", "[10]", False),
        ("[-01]", "[-1]", False),
        ("[1.5e+1]", "[15]", True),
        ("[NaN]", "[NaN ]", True),
        ("[NaN]", "[1]", False),
        ("[Infinity]", "[1e999]", False),
        ("[inf]", "[Infinity]", False),
        ('{"a":"x\\"y"}', '{ "a":"x\\"y"}', True),
        ('["\\\\"]', '["\\\\" ]', True),
        ('["a]', '["a] ', False),
        ('{"größe":1}', '{"größe":1.0}', True),
        ("[9007199254740993]", "[9007199254740992]", False),
        ("[1e999]", "[2e999]", False),
    ],
)
def test_by_value_where_a_rule_asks_for_it(one: str, other: str, wanted: bool) -> None:
    assert same(one, other, None, "not there") is wanted
    assert same(one, other) is False


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"score": 0.01}, False),
        ({"predictions.score": 0.01}, True),
        ({"predictions.score": 0.001}, False),
        ({"*": 0.01}, True),
        ({"*": 0.01, "predictions.score": 0}, False),
        ({"*": 0, "predictions.score": 0.01}, True),
        ({"predictions": 0.01}, False),
    ],
)
def test_a_tolerance_is_of_its_field(fields: dict[str, float], wanted: bool) -> None:
    one, other = '{"predictions":[{"score":0.5}]}', '{"predictions":[{"score":0.505}]}'
    assert same(one, other, fields) is wanted


@pytest.mark.parametrize(
    ("one", "other", "ignored", "wanted"),
    [
        ('{"id":1,"a":1}', '{"id":"x","a":1}', "id", True),
        ('{"id":1,"a":1}', '{"a":1}', "id", True),
        ('{"a":1}', '{"a":1,"id":{"b":[]}}', "id", True),
        ('{"id":1,"a":1}', '{"id":1,"a":2}', "id", False),
        ('{"a":{"id":1}}', '{"a":{"id":2}}', "id", False),
        ('{"a":{"id":1}}', '{"a":{"id":2}}', "a.id", True),
        ('[[{"a":[{"id":1}]}]]', '[[{"a":[{"id":2}]}]]', "a.id", True),
        ('{"":{"id":1}}', '{"":{"id":2}}', "id", False),
        ('{"id":[1}', '{"id":2}', "id", False),
    ],
)
def test_an_ignored_field_is_left_out_where_it_stands(one: str, other: str, ignored: str, wanted: bool) -> None:
    assert same(one, other, None, ignored) is wanted


@pytest.mark.parametrize(("depth", "wanted"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False), (100_000, False)])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_what_is_nested_too_deep_is_not_comparable(opening: str, closing: str, depth: int, wanted: bool) -> None:
    one, other = (opening * depth + number + closing * depth for number in ("1", "1.0"))
    assert same(one, other, {"*": 1}) is wanted
    assert same(one, one, {"*": 1})


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\w+.-]+|\S', re.DOTALL)


def _tokens(text: str) -> list[str]:
    def plain(token: str) -> str:
        if re.fullmatch(r"-?\d+\.?\d*([eE][+-]?\d+)?", token):
            return str(float(token) + 0)
        return token

    return sorted(plain(token) for token in _TOKEN.findall(text))


@settings(max_examples=1500, deadline=None)
@given(VALUES, st.randoms(use_true_random=False), st.text(alphabet='{}[]",:\\ 01eE.+-x\x00\n', min_size=1, max_size=2))
def test_damaged_answers_are_the_same_only_token_by_token(value: Any, draw: random.Random, damage: str) -> None:
    texts = []
    for _ in range(2):
        text = written(value, draw, is_ascii=False)
        place = draw.randrange(len(text) + 1)
        texts.append(text[:place] + damage + text[place + draw.randrange(2) :])
    if same(texts[0], texts[1], None, "not there"):
        assert _tokens(texts[0]) == _tokens(texts[1])


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=40), st.binary(max_size=40))
def test_whatever_the_bytes_are_nothing_is_raised(one: bytes, other: bytes) -> None:
    assert same(one, one, {"*": 1})
    if same(b"[" + one + b"]", b"[" + other + b"]", {"*": 0}):
        texts = (text.decode("latin-1") for text in (one, other))
        assert len({tuple(_tokens(text)) for text in texts}) == 1


def test_a_large_answer_is_compared_in_a_moment() -> None:
    rows = [{"id": number, "score": number / 7, "label": "x" * 20} for number in range(15_000)]
    one, other = json.dumps(rows), json.dumps([{**row, "id": 0} for row in rows])
    assert len(one) > 1_000_000
    before = PARTS.state[b"pauses"] or 0
    assert same(one, other, None, "id")
    assert PARTS.state[b"pauses"] - before >= 100  # the worker has callers
