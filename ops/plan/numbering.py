"""Numbers for things that are equal, exactly: 128 bits are compared, never only their hash.

    keys = number(high, low)          # [7, 9, 7], [0, 0, 0] -> [0, 1, 0]

Pure NumPy; O(n log n) time, some 30 bytes a thing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def number(high: NDArray[np.integer], low: NDArray[np.integer] | None = None) -> NDArray[np.int32]:
    """For each pair its number: 0, 1, 2, ... in order of first appearance. At most 2^31 things."""
    if not len(high):
        return np.zeros(0, np.int32)
    order = np.argsort(high)
    starts = _starts(high[order])
    if low is not None:
        others = _starts(low[order])
        if np.any(others & ~starts):  # two things whose first halves are equal
            order = np.lexsort((low, high))
            starts = _starts(high[order]) | _starts(low[order])
        del others
    groups = np.cumsum(starts, dtype=np.int32) - np.int32(1)
    first = np.minimum.reduceat(order, np.flatnonzero(starts))
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    numbers = np.empty(len(high), np.int32)
    numbers[order] = rank[groups]
    return numbers


def pair(first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.int32]:
    """Numbers for pairs of numbers of up to 2^31 each."""
    return number(first.astype(np.int64) << np.int64(31) | second)


def first_of_each(numbers: NDArray[np.int32]) -> NDArray[np.int64]:
    """Where each number appears first. The numbers are those of `number`."""
    top = np.maximum.accumulate(numbers)
    return np.flatnonzero(np.diff(top, prepend=np.int32(-1)))


def count(numbers: NDArray[np.int32]) -> int:
    """How many different ones there are; -1 is none."""
    return int(numbers.max(initial=-1)) + 1


def _starts(ordered: NDArray[np.integer]) -> NDArray[np.bool_]:
    starts = np.empty(len(ordered), np.bool_)
    starts[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=starts[1:])
    return starts
