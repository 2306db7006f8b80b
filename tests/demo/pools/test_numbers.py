"""What the demo computes from answers: rows, phases, places, callers."""

from __future__ import annotations

from local.demo.pools.phases import ADDED, DRAINED, KILLED, START, STARTED, TAKEN_BACK, Event, phases, timeline
from local.demo.pools.probes import callers, moved
from local.demo.pools.spread import imbalance, summed
from tests.demo.pools.support import EVERYBODY, REPLICAS, answer

EVENTS = [
    Event("", START, 0.0),
    Event("large-3", KILLED, 2.0),
    Event("large-3", STARTED, 4.0),
    Event("large-2", DRAINED, 6.0),
    Event("large-2", TAKEN_BACK, 8.0),
    Event("large-5", ADDED, 9.0),
]


def test_a_row_sums_up_what_did_not_fail() -> None:
    answers = [
        answer("large-1", 1.0, is_warm=True, prompt_tokens=100, cached_tokens=90, first_byte_ms=20.0),
        answer("large-2", 0.0, prompt_tokens=100, cached_tokens=10, first_byte_ms=80.0),
        answer("large-2", 2.0, status=502),
        answer("large-2", 3.0, is_whole=False, is_warm=True),
    ]
    row = summed("affinity", answers, REPLICAS, 4.0)
    assert (row["requests"], row["failed"], row["warm"]) == (4, 2, 1)
    assert (row["warm_share"], row["cached_share"]) == (0.5, 0.5)
    assert (row["first_byte_p50_ms"], row["first_byte_p95_ms"], row["whole_p50_ms"]) == (20.0, 80.0, 100.0)
    assert row["by_replica"] == {"large-1": 1, "large-2": 1, "large-3": 0, "large-4": 0}
    assert row["imbalance"] == 2.0
    assert [each["replica"] for each in row["answers"]] == ["large-2", "large-1"]


def test_a_row_of_failures_has_no_times() -> None:
    row = summed("affinity", [answer(status=0)], REPLICAS, 1.0)
    assert (row["failed"], row["warm_share"], row["first_byte_p50_ms"], row["imbalance"]) == (1, 0.0, None, 0.0)


def test_imbalance_is_the_busiest_over_the_mean() -> None:
    assert imbalance([10, 10, 10, 10]) == 1.0
    assert imbalance([25, 5, 5, 5]) == 2.5


def test_a_phase_has_what_was_sent_in_it_and_what_failed_in_it() -> None:
    answers = [
        answer("large-1", 0.5),
        answer("large-3", 1.95),
        answer("", 1.9, status=502, ended_at=2.1),
        answer("large-4", 2.5, ended_at=5.0),
        answer("large-3", 4.0),
    ]
    start, killed, started, drained, *_ = phases(EVENTS, answers, EVERYBODY)
    assert (start["requests"], start["failed"]) == (3, 0)
    assert (killed["requests"], killed["failed"], killed["longest_ms"]) == (1, 1, 2500.0)
    assert (killed["by_replica"]["large-3"], killed["by_replica"]["large-4"]) == (0, 1)
    assert started["by_replica"]["large-3"] == 1
    assert (drained["requests"], drained["p50_ms"]) == (0, None)


def test_the_timeline_counts_answers_where_they_ended() -> None:
    answers = [answer("large-1", 0.0), answer("large-1", 4.9, ended_at=5.1), answer("large-3", 9.9, ended_at=10.0)]
    line = timeline(EVENTS, answers, EVERYBODY, slots=10)
    assert line["answers"]["large-1"] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert line["answers"]["large-3"] == [0] * 9 + [1]
    assert sum(map(sum, line["answers"].values())) == 3


def test_the_timeline_knows_when_a_replica_was_not_to_be_asked() -> None:
    line = timeline(EVENTS, [answer("large-1", 0.0), answer("large-1", 9.9, ended_at=10.0)], EVERYBODY, slots=10)
    away = {"large-2": [[6.0, 8.0]], "large-3": [[2.0, 4.0]], "large-5": [[0.0, 9.0]]}
    assert line["away"] == {"large-1": [], "large-4": [], **away}


def test_a_replica_that_never_came_back_is_away_until_the_end() -> None:
    line = timeline(EVENTS[:2], [answer("large-1", 0.0), answer("large-1", 9.9, ended_at=10.0)], REPLICAS, slots=10)
    assert line["away"]["large-3"] == [[2.0, 10.0]]


def test_prefixes_that_changed_their_replica_have_moved() -> None:
    before = ["large-1", "large-2", "large-3", "large-4", ""]
    after = ["large-1", "large-5", "large-3", "large-4", ""]
    found = moved(before, after)
    assert (found["prefixes"], found["moved"], found["share"], found["unanswered"]) == (5, 1, 0.2, 2)
    assert found["replicas"] == 4


def test_callers_are_counted_by_the_version_that_they_keep() -> None:
    answers = [
        [answer(model="chat-1"), answer(model="chat-1")],
        [answer(model="chat-2"), answer(model="chat-2")],
        [answer(model="chat-2"), answer(model="chat-1")],
        [answer(model="chat-1"), answer(model="chat-1", status=502)],
    ]
    found = callers(answers, {"chat-1": 90, "chat-2": 10}, "chat-2")
    assert found["versions"] == {"chat-1": 2, "chat-2": 1}
    assert (found["callers"], found["requests"], found["failed"], found["changed"]) == (4, 8, 1, 1)
    assert found["canary_share"] == 0.25
