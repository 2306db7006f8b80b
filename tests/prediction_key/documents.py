"""JSON documents for the key's tests: as hypothesis strategies, rendered in several ways, and mutated."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import strategies as st

_NUMBERS = [
    "0",
    "-0",
    "0.0",
    "1",
    "1.0",
    "1e0",
    "1E+2",
    "9007199254740992",
    "9007199254740993",
    "0.1",
    "-12.5e-3",
    "1e999",
]
_TEXTS = ["", "a", "b", "ab", "é", "\u00e9", "\\u00e9", '\\"', "\\\\", "x:y", ",", "{}", "日本", "\\n", "a b"]
_NAMES = ["", "a", "b", "c", "ab", "a b", "é", "x", "X", "10", "9", "stream_", "日"]


class Number(str):
    """A number as written."""


def generate(rng: random.Random, depth: int = 0) -> Any:
    """A random document: a dict or list of dict, list, text, Number, True, False and None."""
    kind = rng.randrange(0 if depth else 5, 8 if depth < 4 else 5)
    if kind == 0:
        return Number(rng.choice(_NUMBERS))
    if kind == 1:
        return Number(repr(round(rng.uniform(-9, 9), rng.randrange(6))))
    if kind == 2:
        return rng.choice(_TEXTS)
    if kind == 3:
        return rng.choice([True, False, None])
    if kind == 4:
        return Number(str(rng.randrange(-20, 300)))
    if kind == 5:
        return [generate(rng, depth + 1) for _ in range(rng.randrange(5))]
    names = rng.sample(_NAMES, rng.randrange(6))
    return {name: generate(rng, depth + 1) for name in names}


def render(value: Any, rng: random.Random) -> str:
    """The document with members in random order and random white space; strings and numbers as written."""

    def space() -> str:
        return rng.choice(["", "", "", " ", "  ", "\n", "\t", "\r\n "])

    if isinstance(value, dict):
        members = list(value.items())
        rng.shuffle(members)
        inner = ",".join(f'{space()}"{name}"{space()}:{space()}{render(item, rng)}{space()}' for name, item in members)
        return "{" + (inner or space()) + "}"
    if isinstance(value, list):
        return "[" + (",".join(f"{space()}{render(item, rng)}{space()}" for item in value) or space()) + "]"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"'
    return {True: "true", False: "false", None: "null"}[value]


def mutate(text: str, rng: random.Random) -> str:
    """The text with a few characters dropped, doubled, replaced or swapped."""
    chars = list(text)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(chars) + 1)
        act = rng.randrange(5)
        if act == 0 and at < len(chars):
            del chars[at]
        elif act == 1:
            chars.insert(at, rng.choice('{}[]",:\\0123456789.eE+-truefalsn \n\x00\x0bé'))
        elif act == 2 and at < len(chars):
            chars[at] = rng.choice('{}[]",:\\0123456789.eE+-truefalsn \n\x7f\x1f')
        elif act == 3 and len(chars) > 1:
            other = rng.randrange(len(chars))
            at = min(at, len(chars) - 1)
            chars[at], chars[other] = chars[other], chars[at]
        elif chars:
            piece = "".join(chars[at : at + rng.randrange(6)])
            chars[at:at] = list(piece)
    return "".join(chars)


def meaning(text: str) -> Any:
    """What a strict parser reads, numbers and strings as written, so that equal means equal. Raises ValueError."""
    strict_json = json.JSONDecoder(
        parse_int=lambda number: ("number", number),
        parse_float=lambda number: ("number", number),
        parse_constant=_refuse,
        object_pairs_hook=_no_duplicates,
    )
    return _frozen(strict_json.decode(text.strip(" \t\r\n")))


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate name")
    return members


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return ("object", frozenset((name, _frozen(item)) for name, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(_frozen(item) for item in value))
    return (type(value).__name__, value)


_numbers = st.from_regex(r"\A-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,3})?\Z").map(Number)
_texts = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='"\\'), max_size=12)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), _numbers, _texts),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(_texts, inner, max_size=5)),
    max_leaves=20,
)
containers: st.SearchStrategy[Any] = st.one_of(
    st.lists(values, max_size=5), st.dictionaries(_texts, values, max_size=6)
)
