"""Numbers are equal for what is equal, and only for that, in order of first appearance."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ops.plan.numbering import count, first_of_each, number, pair

_PAIRS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from([0, 1, 2**64 - 1])), max_size=30)


@given(_PAIRS)
def test_both_halves_decide(pairs: list[tuple[int, int]]) -> None:
    high, low = np.array(pairs, np.uint64).reshape(-1, 2).T
    numbers = number(high, low)
    known: dict[tuple[int, int], int] = {}
    assert numbers.tolist() == [known.setdefault(each, len(known)) for each in pairs]
    assert count(numbers) == len(known)
    assert [pairs[place] for place in first_of_each(numbers)] == list(known)


@given(st.lists(st.tuples(*[st.sampled_from([0, 1, 2**31 - 1])] * 2), max_size=30))
def test_pairs_of_large_numbers_stay_apart(pairs: list[tuple[int, int]]) -> None:
    first, second = np.array(pairs, np.int32).reshape(-1, 2).T
    known: dict[tuple[int, int], int] = {}
    assert pair(first, second).tolist() == [known.setdefault(each, len(known)) for each in pairs]
