"""The judge: silent while answers are right, quick when they are wrong, whatever it has seen before."""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from tests.verification.lua_parts import SCOPE, LuaParts

RUNS = 300
_MANY = """
local judge, in_doubt, dictionary, scope = ...
-- The number of comparisons until the judge has a cause, and the cause; nothing after `most`. Outcomes are drawn.
return function(seed, right_before, ratio, unstable, most)
  math.randomseed(seed)
  for _, name in ipairs({ "s", "k", "u" }) do dictionary:delete(scope .. name) end
  for _ = 1, right_before do if judge("same") then error("a false alarm") end end
  for n = 1, most do
    local is_wrong = math.random() < ratio
    local outcome = is_wrong and (math.random() < unstable and "nondeterministic" or "wrong") or "same"
    local cause = judge(outcome)
    if cause then return n, cause end
  end
end
"""


class Judge:
    """Judge().until_off(seed=1, ratio=0.05)"""

    def __init__(self, limit: float = 0.01) -> None:
        self.parts = LuaParts()
        self.judge, self.in_doubt = self.worker(limit)
        scope = SCOPE.encode()
        self._until_off = self.parts.run(_MANY, self.judge, self.in_doubt, self.parts.dictionary, scope)

    def worker(self, limit: float) -> Any:
        """judge and in_doubt as another worker has them, of the same dictionary."""
        known = {"C": {"dictionary": "prediction_cache", "verification": SCOPE, "max_mismatch_ratio": limit}}
        return self.parts.load(known, "verification/judge", gives="judge, in_doubt")

    def until_off(
        self, seed: int, ratio: float, *, before: int = 0, unstable: float = 0, most: int = 10_000
    ) -> tuple[int | None, str | None]:
        """How many comparisons it took, and the cause."""
        found = self._until_off(seed, before, ratio, unstable, most)
        return (int(found[0]), found[1].decode()) if found else (None, None)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


def test_a_right_model_is_never_switched_off(judge: Judge) -> None:
    assert judge.until_off(1, ratio=0, most=100_000) == (None, None)
    assert not judge.in_doubt()


@pytest.mark.parametrize("before", [0, 100, 10_000])
def test_five_percent_of_wrong_answers_are_found_however_many_right_ones_came_before(judge: Judge, before: int) -> None:
    found = [judge.until_off(seed, 0.05, before=before) for seed in range(RUNS)]
    counts = sorted(count for count, _ in found if count is not None)
    assert len(counts) == RUNS
    assert {cause for _, cause in found} == {"wrong"}
    assert statistics.median(counts) <= 160
    assert counts[int(RUNS * 0.99)] <= 500
    assert counts[-1] <= 700


def test_a_model_that_was_exchanged_is_found_at_once(judge: Judge) -> None:
    assert {judge.until_off(seed, 1, before=300) for seed in range(10)} == {(5, "wrong")}


@pytest.mark.parametrize(("ratio", "most_runs"), [(0.002, 0), (0.005, 3), (0.008, 60)])
def test_a_ratio_below_the_limit_hardly_ever_switches_off(judge: Judge, ratio: float, most_runs: int) -> None:
    """In 300 runs of 10,000 comparisons, whatever the doubts on the way: a fifth, half and four fifths of the limit."""
    off = [judge.until_off(seed, ratio)[0] for seed in range(RUNS)]
    assert sum(count is not None for count in off) <= most_runs


def test_the_limit_is_the_arguments() -> None:
    patient = Judge(limit=0.5)
    assert {patient.until_off(seed, 0.2)[0] for seed in range(20)} == {None}
    assert None not in {patient.until_off(seed, 0.9)[0] for seed in range(20)}
    strict = Judge(limit=0.0001)
    assert None not in {strict.until_off(seed, 0.02)[0] for seed in range(20)}


def test_four_mismatches_alone_prove_nothing() -> None:
    fresh = Judge(limit=0.0001)
    assert [fresh.judge(b"wrong") for _ in range(5)] == [None] * 4 + [b"wrong"]


@pytest.mark.parametrize(
    ("outcomes", "cause"),
    [
        (["wrong"] * 5, "wrong"),
        (["nondeterministic"] * 5, "nondeterministic"),
        (["wrong"] * 4 + ["nondeterministic"], "nondeterministic"),
        (["nondeterministic"] + ["wrong"] * 4, "nondeterministic"),
    ],
)
def test_a_model_that_once_contradicted_itself_is_nondeterministic(outcomes: list[str], cause: str) -> None:
    fresh = Judge()
    assert [fresh.judge(outcome.encode()) for outcome in outcomes][-1] == cause.encode()


def test_a_mismatch_is_a_doubt_until_it_is_settled() -> None:
    fresh = Judge()
    fresh.judge(b"same")
    assert not fresh.in_doubt()
    fresh.judge(b"wrong")
    assert fresh.in_doubt()
    for _ in range(54):
        fresh.judge(b"same")
    assert fresh.in_doubt()
    fresh.judge(b"same")
    assert not fresh.in_doubt()


def test_right_answers_after_a_doubt_hide_nothing_that_comes_later() -> None:
    fresh = Judge()
    fresh.judge(b"wrong")
    for _ in range(10_000):
        fresh.judge(b"same")
    assert [fresh.judge(b"wrong") for _ in range(5)] == [None] * 4 + [b"wrong"]


def test_all_workers_keep_one_count() -> None:
    fresh = Judge()
    first, _ = fresh.worker(0.01)
    second, in_doubt = fresh.worker(0.01)
    for _ in range(2):
        first(b"wrong")
        second(b"wrong")
    assert in_doubt()
    assert first(b"wrong") == b"wrong"


def test_what_the_dictionary_loses_is_counted_anew() -> None:
    fresh = Judge()
    for _ in range(4):
        fresh.judge(b"wrong")
    for name in ("s", "k", "u"):
        fresh.parts.put(name, None)
    assert not fresh.in_doubt()
    assert [fresh.judge(b"wrong") for _ in range(5)][-1] == b"wrong"


@pytest.mark.parametrize("lost", ["s", "k", "u"])
def test_losing_a_part_of_the_count_switches_nothing_off(lost: str) -> None:
    fresh = Judge()
    fresh.judge(b"wrong")
    fresh.parts.put(lost, None)
    assert {fresh.judge(b"same") for _ in range(2_000)} == {None}


def test_a_verdict_begins_a_new_count() -> None:
    fresh = Judge()
    for _ in range(5):
        fresh.judge(b"wrong")
    assert not fresh.in_doubt()
    assert fresh.parts.get("s") == 0
