"""Changes between property bags, their paths and their lines."""

from __future__ import annotations

import pytest

from local.engine.difference import (
    change_lines,
    find_changes,
    keep_ignored,
    parse_path,
    path_covers,
    summarize,
)
from local.engine.values import UNKNOWN, Secret


def test_nested_changes_have_paths() -> None:
    old = {"a": {"b": [1, {"c": 2}]}, "same": 1, "gone": True}
    new = {"a": {"b": [1, {"c": 3}, 4]}, "same": 1, "new": None}
    changes = find_changes(old, new)
    assert change_lines(changes) == ["~ a.b[1].c: 2 => 3", "+ a.b[2]: 4", "- gone: true", "+ new: null"]
    assert summarize(changes) == "[diff: ~a-gone+new]"


def test_true_is_not_one_but_a_whole_float_is_its_integer() -> None:
    assert find_changes({"a": 1}, {"a": True}) and not find_changes({"a": 300}, {"a": 300.0})


def test_unknown_values_are_shown_as_such() -> None:
    assert change_lines(find_changes({"a": "x"}, {"a": UNKNOWN})) == ['~ a: "x" => [unknown]']


def test_a_secret_is_masked_on_both_sides() -> None:
    assert change_lines(find_changes({"a": "old"}, {"a": Secret("new")})) == ["~ a: [secret] => [secret]"]
    assert change_lines(find_changes({}, {"a": {"b": Secret("new")}})) == ["+ a: [secret]"]


def test_long_texts_are_cut_around_their_first_difference() -> None:
    [line] = change_lines(find_changes({"lua": "x" * 500 + "old" + "y" * 500}, {"lua": "x" * 500 + "new" + "y" * 500}))
    assert "xxxold" in line and "xxxnew" in line and len(line) < 300


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a", ("a",)), ("a.b[0]", ("a", "b", 0)), ('a["b.c"].d', ("a", "b.c", "d")), ("a[*].b", ("a", "*", "b"))],
)
def test_paths_are_parsed(text: str, parts: tuple[str | int, ...]) -> None:
    assert parse_path(text) == parts


def test_a_path_covers_what_is_below_it() -> None:
    assert path_covers(("a",), ("a", 0)) and path_covers(("*",), ("b",)) and path_covers(("a", "*", "b"), ("a", 1, "b"))
    assert not path_covers(("a", "b"), ("a",)) and not path_covers(("a",), ("ab",))


def test_ignored_paths_keep_their_old_values() -> None:
    old = {"a": {"x": 1, "y": 2}, "gone": 1, "list": [{"k": 1}, {"k": 2}]}
    new = {"a": {"x": 9, "y": 9}, "added": 1, "list": [{"k": 9}, {"k": 9}]}
    assert keep_ignored(new, old, ["a.x", "gone", "added", "list[1].k"]) == {
        "a": {"x": 1, "y": 9},
        "gone": 1,
        "list": [{"k": 9}, {"k": 2}],
    }
