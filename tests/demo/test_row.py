from __future__ import annotations

import pytest

from local.demo.row import percentile, time_text
from tests.demo.support import EXPECTED, answer, row


def test_counts_hits_and_misses_apart() -> None:
    answers = [answer(0, 9, hit=False), answer(0, 1), answer(0, 3)]
    summed = row("inference-edge", answers, model_calls=1).as_json()
    assert (summed["requests"], summed["hits"], summed["misses"], summed["model_calls"]) == (3, 2, 1, 1)
    assert summed["hit"] == {"requests": 2, "p50_ms": 1, "p95_ms": 3, "p99_ms": 3}
    assert summed["miss"] == {"requests": 1, "p50_ms": 9, "p95_ms": 9, "p99_ms": 9}
    assert summed["p50_ms"] == 3


def test_a_hit_that_the_gateway_held_back_has_waited() -> None:
    first = answer(0, milliseconds=100, hit=False)
    waited = answer(0, milliseconds=50, waited=True)
    at_once = answer(0, milliseconds=1)
    other = answer(1, milliseconds=10, hit=False)
    summed = row("inference-edge", [first, other, waited, at_once], model_calls=2).as_json()
    assert [each["part"] for each in summed["answers"]] == ["miss", "miss", "waited", "hit"]
    assert (summed["hits"], summed["waited"]["requests"], summed["hit"]["requests"]) == (2, 1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        answer(0, document=EXPECTED[1]),
        answer(0, document="not JSON"),
        answer(0, status=500),
        answer(0, document={**EXPECTED[0], "model_version": "2"}),
    ],
)
def test_an_answer_that_is_not_the_models_own_is_wrong(wrong: object) -> None:
    summed = row("any", [answer(0), wrong]).as_json()  # type: ignore[list-item]
    assert summed["wrong"] == 1
    assert [each["wrong"] for each in summed["answers"]] == [False, True]


def test_a_row_without_hits_has_no_times_for_them() -> None:
    summed = row("model alone", [answer(0, hit=False)]).as_json()
    assert summed["hit"] == {"requests": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None}


@pytest.mark.parametrize(("share", "expected"), [(50, 50), (95, 95), (99, 99), (100, 100), (1, 1)])
def test_percentiles_are_nearest_rank(share: int, expected: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == expected


def test_a_percentile_of_one_time_is_that_time() -> None:
    assert percentile([7.0], 99) == 7.0


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(None, "–"), (0.0, "0.0"), (1.26, "1.3"), (99.94, "99.9"), (1004.6, "1,005")]
)
def test_times_are_written_for_people(milliseconds: float | None, text: str) -> None:
    assert time_text(milliseconds) == text
