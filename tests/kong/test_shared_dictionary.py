"""The shared dictionary expires, evicts and counts as nginx's does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lupa.luajit21 import LuaRuntime

SOURCE = Path(__file__).parents[2] / "local" / "kong" / "lua" / "shdict.lua"


class Dictionary:
    """A dictionary of this many bytes with a clock that the test moves."""

    def __init__(self, size_bytes: int = 1 << 20) -> None:
        self.now = 1000.0
        options: Any = {"encoding": "latin-1"}
        lua = LuaRuntime(**options)
        load: Any = lua.eval("function(source, clock) return assert(loadstring(source))(clock) end")
        self._dict: Any = load(SOURCE.read_text(), lambda: self.now)(size_bytes)
        self.table = lua.table

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: self._dict[name](self._dict, *arguments)


def test_keeps_strings_numbers_and_booleans() -> None:
    dictionary = Dictionary()
    for value in ("text", 2.5, False):
        assert dictionary.set("key", value)[0] is True
        assert dictionary.get("key")[0] == value


def test_returns_the_flags_given_with_the_value() -> None:
    dictionary = Dictionary()
    dictionary.set("key", "value", 0, 7)
    assert dictionary.get("key") == ("value", 7)
    dictionary.set("key", "value")
    assert dictionary.get("key") == ("value", None)


def test_refuses_a_table() -> None:
    dictionary = Dictionary()
    assert dictionary.set("key", dictionary.table())[:2] == (None, "bad value type")


def test_an_entry_is_gone_when_its_time_is_over_but_may_be_had_stale() -> None:
    dictionary = Dictionary()
    dictionary.set("key", "value", 10)
    dictionary.now += 9
    assert dictionary.ttl("key") == pytest.approx(1)
    assert dictionary.get("key")[0] == "value"
    dictionary.now += 1
    assert dictionary.get_stale("key") == ("value", None, True)
    assert dictionary.get("key") is None


def test_a_look_up_clears_away_what_is_over_at_the_old_end() -> None:
    dictionary = Dictionary()
    dictionary.set("old", "value", 1)
    dictionary.set("new", "value")
    dictionary.now += 1
    assert dictionary.get("new")[0] == "value"
    assert dictionary.get_stale("old") is None


def test_add_only_where_nothing_lives_and_replace_only_where_something_does() -> None:
    dictionary = Dictionary()
    assert dictionary.replace("key", 1)[:2] == (False, "not found")
    assert dictionary.add("key", 1, 5)[0] is True
    assert dictionary.add("key", 2)[:2] == (False, "exists")
    assert dictionary.replace("key", 3, 5)[0] is True
    dictionary.now += 5
    assert dictionary.add("key", 4)[0] is True


def test_counts() -> None:
    dictionary = Dictionary()
    assert dictionary.incr("n", 1) == (None, "not found")
    assert dictionary.incr("n", 2, 10, 5)[0] == 12
    assert dictionary.incr("n", 1) == 13
    dictionary.now += 5
    assert dictionary.incr("n", 1) == (None, "not found")
    dictionary.set("text", "x")
    assert dictionary.incr("text", 1) == (None, "not a number")


def test_evicts_the_least_recently_used_when_full() -> None:
    dictionary = Dictionary()
    for number in range(60):
        dictionary.set(f"k{number}", "x" * 30000)
        dictionary.get("k0")
    kept = [number for number in range(60) if dictionary.get(f"k{number}")]
    assert kept == [0, *range(30, 60)], "a 1 MiB dictionary of a real Kong keeps 31 of these"


def test_a_value_larger_than_the_dictionary_is_refused() -> None:
    dictionary = Dictionary()
    assert dictionary.set("key", "x" * (2 << 20))[:2] == (False, "no memory")
    assert dictionary.safe_set("key", "x" * (2 << 20))[:2] == (False, "no memory")


def test_flush_all_empties_and_frees_room_with_the_next_stores() -> None:
    dictionary = Dictionary()
    dictionary.set("a", "x" * 900000)
    dictionary.flush_all()
    assert dictionary.get("a") is None
    assert dictionary.safe_set("b", "x" * 900000)[0] is True


def test_names_its_keys_and_room() -> None:
    dictionary = Dictionary()
    dictionary.set("a", 1)
    dictionary.set("b", 1, 1)
    dictionary.now += 1
    assert list(dictionary.get_keys().values()) == ["a"]
    assert dictionary.capacity() == 1 << 20
    assert 0 < dictionary.free_space() < 1 << 20
    assert dictionary.flush_expired() == 1


def test_add_and_set_never_expire_below_a_millisecond_and_expire_by_fractions_of_a_second() -> None:
    dictionary = Dictionary()
    dictionary.set("forever", 1, 0.0004)
    dictionary.add("short", 1, 0.25)
    assert dictionary.ttl("forever") == 0 and dictionary.ttl("short") == pytest.approx(0.25)
    dictionary.now += 0.249
    assert dictionary.get("short")[0] == 1
    dictionary.now += 0.001
    assert dictionary.get("short") is None and dictionary.get("forever")[0] == 1


def test_every_byte_of_keys_and_of_17_mb_values_is_kept() -> None:
    dictionary = Dictionary(64 << 20)
    value = bytes(range(256)).decode("latin-1") * 70000
    assert dictionary.set("\0\xff", value, 0, 5) == (True, None, False)
    assert dictionary.get("\0\xff") == (value, 5)
    assert dictionary.add("\0\xff", "other")[:2] == (False, "exists")
    assert dictionary.delete("\0\xff")[0] is True and dictionary.get("\0\xff") is None


def test_flags_are_whole_numbers_of_32_bits() -> None:
    dictionary = Dictionary()
    dictionary.set("key", "value", 0, 1795000000)
    assert dictionary.get("key") == ("value", 1795000000)
    dictionary.set("key", "value", 0, 2**32 + 3)
    assert dictionary.get("key") == ("value", 3)


def test_expire_sets_and_takes_away_an_end() -> None:
    dictionary = Dictionary()
    dictionary.set("key", "value", 5)
    assert dictionary.expire("key", 10) is True and dictionary.ttl("key") == pytest.approx(10)
    assert dictionary.expire("key", 0) is True and dictionary.ttl("key") == 0
    assert dictionary.expire("missing", 1) == (None, "not found") and dictionary.ttl("missing") == (None, "not found")


def test_what_is_over_but_still_there_has_a_negative_time_to_live() -> None:
    dictionary = Dictionary()
    dictionary.set("key", "value", 5)
    dictionary.now += 7
    assert dictionary.ttl("key") == pytest.approx(-2)


def test_refuses_what_is_no_key_and_takes_numbers_as_text() -> None:
    dictionary = Dictionary()
    assert dictionary.get(None) == (None, "nil key") and dictionary.set("", 1) == (None, "empty key")
    assert dictionary.delete("x" * 65536) == (None, "key too long")
    dictionary.set(5, "value")
    assert dictionary.get("5")[0] == "value"


def test_an_increment_keeps_the_end_and_counts_as_use() -> None:
    dictionary = Dictionary()
    dictionary.incr("n", 1, 0, 5)
    dictionary.now += 3
    assert dictionary.incr("n", 1, 0, 5) == (2, None, False)
    assert dictionary.ttl("n") == pytest.approx(2)
    dictionary.set("filler", "x" * 600000)
    dictionary.incr("n", 1)
    dictionary.set("more", "x" * 600000)
    assert dictionary.get("n")[0] == 3 and dictionary.get("filler") is None
