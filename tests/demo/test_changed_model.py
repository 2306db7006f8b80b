from __future__ import annotations

from typing import Any

from local.demo.changed_model import Change, phases
from local.demo.client import Answer
from tests.demo.support import EXPECTED

NEW: list[dict[str, Any]] = [{"model_version": "1", "predictions": [{"digit": 9 - digit}]} for digit in range(3)]
CHANGE = Change("http://127.0.0.1:8080/invocations", "2", 0.1, EXPECTED, NEW)


def asked(sent_at: float, document: Any, hit: bool = True, off: bool = False, seconds: float = 0.0) -> Answer:
    return Answer(1, seconds * 1000, 200, document, hit, sent_at=sent_at, off=off)


def test_counts_what_was_wrong_in_each_phase() -> None:
    old, new = EXPECTED[1], NEW[1]
    answers = [
        asked(1, old),
        asked(11, old),
        asked(12, old),
        asked(13, new, hit=False, off=True),
        asked(21, new, hit=False),
        asked(22, new),
    ]
    assert phases(answers, CHANGE, changing_at=9, changed_at=10, purged_at=20) == {
        "before": {"requests": 1, "hits": 1, "wrong": 0},
        "until_off": {"requests": 2, "hits": 2, "wrong": 2},
        "off": {"requests": 1, "hits": 0, "wrong": 0},
        "purged": {"requests": 2, "hits": 1, "wrong": 0},
        "seconds_until_off": 3.0,
    }


def test_an_answer_of_the_other_model_is_wrong_before_and_after() -> None:
    answers = [asked(1, NEW[1]), asked(13, NEW[1], off=True), asked(14, EXPECTED[1]), asked(21, EXPECTED[1])]
    counted = phases(answers, CHANGE, changing_at=9, changed_at=10, purged_at=20)
    assert [counted[name]["wrong"] for name in ("before", "until_off", "off", "purged")] == [1, 0, 1, 1]


def test_what_was_asked_in_the_moment_of_the_change_is_in_no_phase() -> None:
    counted = phases([asked(9.5, EXPECTED[1]), asked(9.6, NEW[1])], CHANGE, 9, 10, 20)
    assert [counted[name]["requests"] for name in ("before", "until_off", "off", "purged")] == [0, 0, 0, 0]


def test_the_cache_is_off_once_an_answer_that_says_so_has_come() -> None:
    answers = [asked(12, NEW[1], hit=False, off=True, seconds=2), asked(13, EXPECTED[1]), asked(15, NEW[1], hit=False)]
    counted = phases(answers, CHANGE, 9, 10, 20)
    assert (counted["seconds_until_off"], counted["until_off"]["wrong"], counted["off"]["requests"]) == (4.0, 1, 1)


def test_a_cache_that_never_goes_off_has_wrong_hits_until_the_purge() -> None:
    counted = phases([asked(12, EXPECTED[1]), asked(21, NEW[1])], CHANGE, 9, 10, 20)
    assert counted["seconds_until_off"] is None
    assert counted["until_off"] == {"requests": 1, "hits": 1, "wrong": 1}
    assert (counted["off"]["requests"], counted["purged"]["requests"]) == (0, 1)
