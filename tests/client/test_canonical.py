"""The canonical form: equal questions have one text, and the text means exactly the question."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.canonical import NotCanonical, canonical

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters='"\\'))
NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?", fullmatch=True).filter(
    str.isascii
)


class Number(str):
    """A number as text."""


VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS.map(Number) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
DOCUMENTS = st.lists(VALUES, max_size=4) | st.dictionaries(NAMES, VALUES, max_size=4)


def written(value: Any, chance: random.Random) -> str:
    """One of the many ways to write a document."""
    space = chance.choice(["", " ", "\n\t", "\r\n  "])
    if isinstance(value, Number):
        return f"{space}{value}{space}"
    if isinstance(value, list):
        return f"{space}[{','.join(written(item, chance) for item in value) or space}]{space}"
    if isinstance(value, dict):
        members = [f"{written(name, chance)}:{written(item, chance)}" for name, item in value.items()]
        chance.shuffle(members)
        return f"{space}{{{','.join(members) or space}}}{space}"
    if isinstance(value, str) and chance.random() < 0.5:
        escaped = "".join(f"\\u{unit:04x}" for unit in memoryview(value.encode("utf-16-le")).cast("H"))
        return f'{space}"{escaped}"{space}'
    return f"{space}{json.dumps(value, ensure_ascii=chance.random() < 0.5)}{space}"


def read(document: bytes) -> Any:
    return json.loads(document, parse_int=Number, parse_float=Number)


@given(DOCUMENTS, st.randoms(use_true_random=False), st.randoms(use_true_random=False))
def test_equal_questions_have_one_text(value: Any, one: random.Random, other: random.Random) -> None:
    assert canonical(written(value, one).encode()) == canonical(written(value, other).encode())


@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_the_text_is_the_question_with_every_number_as_written(value: Any, chance: random.Random) -> None:
    text = canonical(written(value, chance).encode())
    assert read(text) == value
    assert canonical(text) == text


@given(DOCUMENTS)
def test_nothing_is_in_the_text_that_need_not_be(value: Any) -> None:
    text = canonical(written(value, random.Random(0)).encode()).decode()
    outside = re.sub(r'"(\\.|[^"\\])*"', "", text)
    assert not re.search(r"\s", outside)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ('{"b": 1, "a": [1.0, 1e0, -0, 0.10]}', '{"a":[1.0,1e0,-0,0.10],"b":1}'),
        ('{"x": 12345678901234567890123, "y": 0.1000000000000000055511151231257827}', None),
        (r'{"a": "\u00e9\/\u0007\ud83d\ude00\n"}', '{"a":"é/\\u0007😀\\n"}'),
        (" [ ] ", "[]"),
        ('{"é": 1, "z": 2, "Z": 3, "": 4, "😀": 5, "￿": 6}', '{"":4,"Z":3,"z":2,"é":1,"￿":6,"😀":5}'),
    ],
)
def test_examples(document: str, text: str | None) -> None:
    assert canonical(document.encode()).decode() == (text if text is not None else document.replace(" ", ""))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"1",
        b'"text"',
        b"null",
        b"{",
        b"[1,]",
        b"[01]",
        b"[1.]",
        b"[+1]",
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b'{"a":1,"a":1}',
        b'{"a":[{"b":1,"b":2}]}',
        b'{"a":1,"\\u0061":2}',
        b'["\\ud800"]',
        b'{"\\ud800":1}',
        b'{"a\\"b":1}',
        b'{"a\\nb":1}',
        b'["\xff"]',
        b'["a\nb"]',
        b"\xef\xbb\xbf[1]",
        "[1]".encode("utf-16"),
        b"[1] [2]",
        "[\u0661]".encode(),
        "\u00a0[1]".encode(),
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_what_has_no_safe_form_is_refused(document: bytes) -> None:
    with pytest.raises(NotCanonical):
        canonical(document)


def test_sixty_four_levels_are_fine() -> None:
    document = b"[" * 64 + b"]" * 64
    assert canonical(document) == document
