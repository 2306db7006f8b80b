"""The memory that a request needs: in a real store of that size it is a hit, in one with a byte less it is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.plan import memory
from ops.plan.memory import needed_bytes
from tests.ops.plan.brute_force import Request, simulated_origins
from tests.ops.plan.traces import columns, traces


def hits(trace: list[Request], memory_bytes: int) -> list[bool]:
    return [origin != index for index, origin in enumerate(simulated_origins(trace, math.inf, memory_bytes))]


@given(traces(), st.integers(0, 6))
def test_a_store_of_any_size_has_what_fits(trace: list[Request], chunk_bits: int) -> None:
    _, keys, _, sizes = columns(trace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "_CHUNK_BITS", chunk_bits)
        needed = needed_bytes(keys, sizes)
    for memory_bytes in range(int(np.max(needed, initial=0)) + 2):
        assert ((needed >= 0) & (needed <= memory_bytes)).tolist() == hits(trace, memory_bytes)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 50, 5000, 150_000]), st.sampled_from([2, 10, 16]))
def test_a_long_trace_over_many_chunks(seed: int, distinct: int, chunk_bits: int) -> None:
    random = np.random.default_rng(seed)
    keys = np.minimum(random.zipf(1.3, 20_000), distinct) - random.integers(1, 3, 20_000)
    sizes = random.integers(0, 1000, distinct)[keys]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "_CHUNK_BITS", chunk_bits)
        needed = needed_bytes(keys, sizes)
    trace = [Request(0, key, 0, size) for key, size in zip(keys.tolist(), sizes.tolist(), strict=True)]
    for memory_bytes in np.quantile(needed[needed >= 0], [0, 0.1, 0.5, 0.9, 1]).astype(int).tolist():
        assert ((needed >= 0) & (needed <= memory_bytes)).tolist() == hits(trace, memory_bytes)


def test_a_key_counts_with_the_largest_of_its_sizes() -> None:
    keys, sizes = np.array([0, 1, 0, 1]), np.array([5, 0, 2, 7])
    assert needed_bytes(keys, sizes).tolist() == [-1, -1, 12, 12]


def test_a_bypass_needs_nothing_and_pushes_nothing_out() -> None:
    assert needed_bytes(np.array([0, -1, 0]), np.array([3, 1000, 3])).tolist() == [-1, -1, 3]


@pytest.mark.parametrize("keys", [[], [-1, -1]])
def test_a_trace_that_asks_the_cache_nothing(keys: list[int]) -> None:
    assert needed_bytes(np.array(keys, np.int64), np.zeros(len(keys), np.int64)).tolist() == keys
