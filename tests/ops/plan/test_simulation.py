"""Which requests are hits, and whose answer they get: equal to a real store that is driven request by request."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ops.plan import simulation
from ops.plan.memory import needed_bytes
from ops.plan.simulation import Replay, origins
from tests.ops.plan.brute_force import Request, simulated_origins
from tests.ops.plan.traces import columns, traces

TTLS = st.one_of(st.sampled_from([0, 1e-6, 3e-6, 1e-5, 1e-3, math.inf]), st.integers(0, 60).map(lambda n: n * 1e-6))
MEMORIES = st.one_of(st.integers(0, 40), st.sampled_from([10**6]))


@given(traces(), TTLS)
@example([], 1)
def test_every_request_gets_the_answer_that_the_store_gives(trace: list[Request], ttl_seconds: float) -> None:
    times, keys, durations, _ = columns(trace)
    assert origins(times, keys, durations, ttl_seconds).tolist() == simulated_origins(trace, ttl_seconds, math.inf)


@given(traces(), st.lists(st.tuples(TTLS, MEMORIES), min_size=1, max_size=4))
def test_one_replay_answers_for_every_ttl_and_memory(trace: list[Request], cases: list[tuple[float, int]]) -> None:
    times, keys, durations, sizes = columns(trace)
    replay, needed = Replay(times, keys, durations), needed_bytes(keys, sizes)
    for ttl_seconds, memory_bytes in cases:
        expected = simulated_origins(trace, ttl_seconds, memory_bytes)
        evicted = needed > memory_bytes
        assert replay.origins(ttl_seconds, evicted).tolist() == expected
        assert replay.model_calls(ttl_seconds, evicted).tolist() == [
            origin == index for index, origin in enumerate(expected)
        ]


@given(traces(), TTLS)
def test_following_chains_one_by_one_finds_the_same(trace: list[Request], ttl_seconds: float) -> None:
    times, keys, durations, _ = columns(trace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "_ROUND_COST", 10**9)
        found = origins(times, keys, durations, ttl_seconds)
    assert found.tolist() == simulated_origins(trace, ttl_seconds, math.inf)


@given(traces(), TTLS)
@example([Request(0, 0, 5), Request(6, 0, 0), Request(7, 0, 0)], 0)  # the last call comes after an answer of no length
def test_following_chains_in_rounds_finds_the_same(trace: list[Request], ttl_seconds: float) -> None:
    times, keys, durations, _ = columns(trace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "_ROUND_COST", 0)
        found = origins(times, keys, durations, ttl_seconds)
    assert found.tolist() == simulated_origins(trace, ttl_seconds, math.inf)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 7, 1000, 20_000]), st.sampled_from([0.0, 1e-4, 1e-3, 0.01, 0.1]))
def test_a_long_trace_gives_what_the_store_gives(seed: int, distinct: int, ttl_seconds: float) -> None:
    random = np.random.default_rng(seed)
    requests = 20_000
    times = np.sort(random.integers(0, 10**6, requests))
    keys = np.minimum(random.zipf(1.2, requests), distinct) - 1
    durations = random.integers(0, 200, requests)
    sizes = random.integers(0, 100, distinct)[keys]
    trace = [Request(*row) for row in np.column_stack((times, keys, durations, sizes)).tolist()]
    memory_bytes = int(np.sum(np.unique(sizes)))
    found = origins(times, keys, durations, ttl_seconds, needed_bytes(keys, sizes) > memory_bytes)
    assert found.tolist() == simulated_origins(trace, ttl_seconds, memory_bytes)


@pytest.mark.parametrize(
    ("time", "hit"),
    [(99, True), (100, True), (149, True), (150, False)],
    ids=["in flight", "just answered", "the last moment of its TTL", "expired"],
)
def test_the_ttl_begins_when_the_model_has_answered(time: int, hit: bool) -> None:
    found = origins(np.array([0, time]), np.array([0, 0]), np.array([100, 100]), 50e-6)
    assert found.tolist() == [0, 0 if hit else 1]


def test_an_evicted_answer_is_asked_for_again_and_kept_anew() -> None:
    times, keys, durations = np.arange(4), np.zeros(4, np.int64), np.zeros(4, np.int64)
    evicted = np.array([False, False, True, False])
    assert origins(times, keys, durations, 60, evicted).tolist() == [0, 0, 2, 2]


@pytest.mark.parametrize("ttl_seconds", [-1, math.nan])
def test_a_ttl_below_0_is_refused(ttl_seconds: float) -> None:
    none = np.zeros(0, np.int64)
    with pytest.raises(ValueError, match="ttl_seconds is"):
        origins(none, none, none, ttl_seconds)
