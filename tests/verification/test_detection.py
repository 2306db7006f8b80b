"""The deployed log phase: how many hits it takes until a cache that is wrong is off; one that is right stays on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.verification.deployed_log import DeployedLog
from tests.verification.lua_parts import SCOPE

RUNS = 300
# Hits come a tenth of a second apart, so that the pace skips none. What is served and what the model says is drawn.
_HITS = """
local state, log, scope, served, asked = ...
local dictionary, random = state.dictionary, math.random
state.body = "{}"
state.answer = function()
  local text = asked()
  return "HTTP/1.1 200 OK\\r\\nContent-Length: " .. #text .. "\\r\\n\\r\\n" .. text
end
return function(seed, most)
  math.randomseed(seed)
  dictionary:flush_all()
  state.values = {}
  for hit = 1, most do
    state.now = state.now + 0.1
    state.ctx = { prediction = { outcome = "hit", served = served() } }
    log()
    local work = state.timers[1]
    if work then
      state.timers, state.sockets = {}, {}
      work(false)
    end
    local cause = dictionary:get(scope .. "off")
    if cause then return hit, cause end
  end
end
"""
_FIXED = "function() return 'right' end"


class Hits:
    """Hits(served="function() ... end", share=0.01).until_off(seed) -> (hits, cause), or (None, None)"""

    def __init__(self, served: str, asked: str = _FIXED, **arguments: Any) -> None:
        self._log = DeployedLog(**{"max_per_second": 1000, "share": 0.01, **arguments})
        run = self._log.parts.run
        functions = [run(f"return {text}") for text in (served, asked)]
        self._until_off = run(_HITS, self._log.state, self._log.phase, SCOPE.encode(), *functions)

    def until_off(self, seed: int, most: int) -> tuple[int | None, str | None]:
        found = self._until_off(seed, most)
        return (int(found[0]), found[1].decode()) if found else (None, None)

    def verified(self) -> int:
        """Comparisons of the last run."""
        return sum(self._log.verified().values())


def a_part_is_wrong(ratio: float) -> str:
    """Of the answers that are served, drawn hit by hit."""
    return f"function() return math.random() < {ratio} and 'wrong' or 'right' end"


def one_of(labels: int) -> str:
    """A model that draws its answer."""
    return f"function() return 'label ' .. math.random({labels}) end"


def mostly(ratio: float) -> str:
    """A model that gives another answer now and then."""
    return f"function() return math.random() < {ratio} and 'yes' or 'no' end"


def test_a_right_model_has_no_false_alarm_in_a_hundred_thousand_hits() -> None:
    hits = Hits(_FIXED)
    assert hits.until_off(1, 100_000) == (None, None)
    assert 850 <= hits.verified() <= 1150


def test_a_right_model_has_none_when_every_hit_is_verified() -> None:
    hits = Hits(_FIXED, share=1)
    assert hits.until_off(1, 100_000) == (None, None)
    assert hits.verified() == 100_000


def test_five_percent_wrong_at_a_share_of_a_fifth_are_found_within_two_thousand_hits() -> None:
    hits = Hits(a_part_is_wrong(0.05), share=0.2)
    counts = sorted(hits.until_off(seed, 2_000)[0] or 9_999 for seed in range(1_000))
    assert counts[999] <= 2_000
    assert counts[500] <= 250
    assert counts[990] <= 750


def test_five_percent_wrong_at_a_share_of_a_hundredth_are_found_once_one_is_among_the_sample() -> None:
    """One of 2,000 hits is wrong and in the sample; what comes after the first is quick, as every hit is verified."""
    hits = Hits(a_part_is_wrong(0.05))
    counts = sorted(hits.until_off(seed, 40_000)[0] or 99_999 for seed in range(RUNS))
    assert counts[RUNS // 2] <= 2_000
    assert counts[int(RUNS * 0.9)] <= 6_000
    assert counts[int(RUNS * 0.99)] <= 13_000


def test_a_model_that_was_exchanged_is_found_within_a_few_hundred_hits() -> None:
    hits = Hits("function() return 'old' end")
    found = [hits.until_off(seed, 2_000) for seed in range(RUNS)]
    assert sorted(count or 9_999 for count, _ in found)[int(RUNS * 0.99)] <= 600
    assert {cause for _, cause in found} == {"wrong"}


@pytest.mark.parametrize("share", [0.01, 1])
@pytest.mark.parametrize("ratio", [0.05, 0.3, 1.0])
def test_a_model_that_was_changed_is_never_called_nondeterministic(ratio: float, share: float) -> None:
    hits = Hits(a_part_is_wrong(ratio), share=share)
    assert {hits.until_off(seed, 40_000)[1] for seed in range(RUNS)} == {"wrong"}


@pytest.mark.parametrize(
    ("model", "least"),
    [(one_of(1_000_000), 1), (one_of(10), 1), (one_of(2), 0.99), (mostly(0.3), 0.98), (mostly(0.05), 0.95)],
    ids=["never the same", "ten labels", "two labels", "30 % flips", "5 % flips"],
)
def test_a_model_that_answers_at_random_is_called_nondeterministic(model: str, least: float) -> None:
    hits = Hits(model, model)
    causes = [hits.until_off(seed, 40_000)[1] for seed in range(RUNS)]
    assert None not in causes
    assert causes.count("nondeterministic") >= RUNS * least


def test_a_ratio_of_half_the_limit_leaves_the_cache_on() -> None:
    hits = Hits(a_part_is_wrong(0.005))
    off = [hits.until_off(seed, 100_000)[0] for seed in range(20)]
    assert sum(count is not None for count in off) <= 1
