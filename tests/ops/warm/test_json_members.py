"""Objects are read as json reads them, with the text of each value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.warm.json_members import members_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5), st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_values_and_their_texts_are_those_of_the_object(
    document: dict[str, Any], ascii_only: bool, indent: int | str | None
) -> None:
    members = members_of(json.dumps(document, ensure_ascii=ascii_only, indent=indent))
    assert {name: value for name, (value, _) in members.items()} == document
    assert {name: json.loads(text) for name, (_, text) in members.items()} == document


@given(st.text(alphabet='{}[]":,\\ \n01.eE-+xtrufalsn', max_size=12))
def test_it_takes_what_json_takes_and_no_more(text: str) -> None:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict) and text.strip(" \t\r\n") == text.strip():
        assert {name: value for name, (value, _) in members_of(text).items()} == document
    else:
        with pytest.raises(ValueError):
            members_of(text)


def test_a_number_may_have_more_digits_than_python_takes() -> None:
    digits = "7" * 5_000
    assert members_of(f'{{"a": [{digits}], "b": 1}}')["a"][1] == f"[{digits}]"
    with pytest.raises(ValueError, match="NaN is not JSON"):
        members_of(f'{{"a": [{digits}, NaN]}}')


def test_numbers_keep_their_spelling() -> None:
    members = members_of(' {"a" : 1.50, "b":-0, "c": [1e3 , 2], "a": 2.0}\n')
    assert {name: text for name, (_, text) in members.items()} == {"a": "2.0", "b": "-0", "c": "[1e3 , 2]"}
