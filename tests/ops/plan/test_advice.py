"""The plan of one model: equal to a simulation request by request, and never for a wrong answer."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.plan.advice import ModelPlan, Terms, advised_ttl_seconds, plan_model
from ops.plan.curves import MIB, AnswerChanges, TtlPoint, answer_changes, grid_seconds
from ops.plan.entry_size import Store, entry_bytes, usable_bytes
from ops.plan.price import Price
from ops.plan.trace import Trace
from ops.plan.traces import ModelLog
from tests.ops.plan.brute_force import Request, simulated_origins

DAY = 86_400
SECOND = 1_000_000
SIZES = (200, 30_000, 200_000, 900_000)


class Ask(NamedTuple):
    """A request of a generated log; `question` None bypasses the cache. Times in seconds, bytes in SIZES."""

    time: float
    question: str | None
    user: str = ""
    answer: int = -1
    seconds: float = 0.0


@st.composite
def logs(draw: st.DrawFn) -> list[Ask]:
    """Few questions of few users, asked again after seconds to hours; answers sometimes change, or are not known."""
    gaps = st.sampled_from([0.0, 0.25, 0.5, 1.0, 4.0, 5.0, 59.0, 290.0, 301.0, 4_000.0])
    rows = st.tuples(
        gaps, st.sampled_from(["a", "b", "c", None]), st.sampled_from("xy"), st.sampled_from([0, 0, 0, 1, -1])
    )
    taken = st.sampled_from([0.0, 0.0, 0.2, 7.0])
    time, log = 0.0, []
    for gap, question, user, answer in draw(st.lists(rows, min_size=1, max_size=50)):
        time += gap
        log.append(Ask(time, question, user, answer, draw(taken)))
    return log


def coded(names: Sequence[object]) -> np.ndarray:
    """Numbers from 0; -1 where a name is None."""
    known = {name: number for number, name in enumerate(dict.fromkeys(name for name in names if name is not None))}
    return np.array([-1 if name is None else known[name] for name in names], dtype=np.int64)


def log_of(
    asked: Sequence[Ask], *, fields: Sequence[str] = ("user",), size: Callable[[str], int] = lambda q: 0
) -> ModelLog:
    whole = [None if ask.question is None else (ask.question, ask.user) for ask in asked]
    questions = [ask.question for ask in asked]
    trace = Trace(
        "digits",
        np.array([round(ask.time * SECOND) for ask in asked], dtype=np.int64),
        coded(whole),
        np.array([round(ask.seconds * SECOND) for ask in asked], dtype=np.int64),
        np.array([size(question) if question else 0 for question in questions], dtype=np.int64),
        np.array([ask.answer for ask in asked], dtype=np.int64),
        {"user": coded(questions)} if fields else {},
    )
    bypasses = {"stream": questions.count(None)} if None in questions else {}
    return ModelLog(trace, bypasses, 1, bool(fields), dict.fromkeys(fields, len(asked)))


def served(asked: Sequence[Ask], keys: np.ndarray, ttl_seconds: float, memory: float = 1e18, sizes=None) -> list[int]:
    sizes = [1] * len(asked) if sizes is None else sizes
    rows = [
        Request(round(ask.time * SECOND), int(key), round(ask.seconds * SECOND), int(size))
        for ask, key, size in zip(asked, keys, sizes, strict=True)
    ]
    return simulated_origins(rows, ttl_seconds, memory)


def hits_and_wrong(asked: Sequence[Ask], origins: Sequence[int]) -> tuple[int, int, int]:
    got = [
        (asked[origin].answer, ask.answer)
        for i, (ask, origin) in enumerate(zip(asked, origins, strict=True))
        if origin != i
    ]
    known = [(one, other) for one, other in got if one >= 0 and other >= 0]
    return len(got), len(known), sum(one != other for one, other in known)


@given(logs())
def test_hits_and_wrong_answers_by_ttl_equal_those_of_brute_force(asked: list[Ask]) -> None:
    log = log_of(asked)
    plan = plan_model(log, Terms())
    for point in plan.ttl_curve:
        found = hits_and_wrong(asked, served(asked, log.trace.keys, point.ttl_seconds))
        assert (point.hits, point.comparable, point.wrong) == found
        assert point.hit_ratio == point.hits / len(asked)


@given(logs(), st.sampled_from(["memory", "proxy-cache", "redis"]))
def test_hits_by_memory_equal_those_of_brute_force(asked: list[Ask], store: Store) -> None:
    unknown = [ask._replace(answer=-1) for ask in asked]  # so that there is advice whenever there are hits
    log = log_of(unknown, size=lambda question: SIZES["abc".index(question) + 1])
    plan = plan_model(log, Terms(store=store))
    keys = log.trace.keys if plan.advice.exclude_field is None else log.trace.alternatives["user"]
    sizes = entry_bytes(np.where(log.trace.sizes > 0, log.trace.sizes, 1), store)
    for point in plan.memory_curve:
        room = usable_bytes(point.memory_bytes, store)
        origins = served(asked, keys, plan.fields_ttl_seconds, room, sizes)
        assert point.hits == hits_and_wrong(asked, origins)[0]
    assert bool(plan.memory_curve) == any(point.hits for point in plan.ttl_curve)
    if plan.advice.ttl_seconds is not None:
        assert plan.memory_curve[-1].hits == plan.at(plan.advice.ttl_seconds).hits


@given(logs())
def test_what_a_field_gains_and_gets_wrong_equals_brute_force(asked: list[Ask]) -> None:
    log = log_of(asked)
    plan = plan_model(log, Terms())
    (field,) = plan.fields
    keys = log.trace.keys
    with_it = served(asked, keys, plan.fields_ttl_seconds)
    without = served(asked, log.trace.alternatives["user"], plan.fields_ttl_seconds)
    assert field.hits == hits_and_wrong(asked, without)[0]
    assert field.gain == pytest.approx((field.hits - hits_and_wrong(asked, with_it)[0]) / len(asked))
    merged = [(asked[o].answer, ask.answer) for o, ask, key in zip(without, asked, keys, strict=True) if keys[o] != key]
    known = [(one, other) for one, other in merged if one >= 0 and other >= 0]
    assert (field.comparable, field.wrong) == (len(known), sum(one != other for one, other in known))


@given(logs())
def test_within_the_advised_ttl_no_recorded_answer_had_changed(asked: list[Ask]) -> None:
    log = log_of(asked)
    plan = plan_model(log, Terms())
    keys = log.trace.keys if plan.advice.exclude_field is None else log.trace.alternatives["user"]
    for i, first in enumerate(asked):
        for j in range(i + 1, len(asked)):
            later = asked[j]
            if keys[i] == keys[j] >= 0 and -1 not in (first.answer, later.answer) and first.answer != later.answer:
                gap = max(0.0, round(later.time - first.time - first.seconds, 6))
                assert plan.changes.shortest_seconds <= gap
                assert plan.advice.ttl_seconds is None or plan.advice.ttl_seconds <= gap


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=6), st.sampled_from([2.0, 90.0, 1e9]))
def test_the_advised_ttl_is_the_shortest_that_is_nearly_the_best_of_the_safe_ones(
    points: list[tuple[float, bool]], shortest: float
) -> None:
    curve = [TtlPoint(10**i, 1, ratio, 9, int(wrong)) for i, (ratio, wrong) in enumerate(points)]
    safe = {p.ttl_seconds: p.hit_ratio for p in curve if p.ttl_seconds <= shortest and not p.wrong}
    ttl = advised_ttl_seconds(curve, AnswerChanges(9, 1, 0, shortest, 0, 0))
    best = max(safe.values(), default=0.0)
    if not best:
        assert ttl is None
        return
    assert ttl is not None
    assert safe[ttl] >= best - 0.01 and safe[ttl] >= best * 0.98
    assert all(ratio < best - 0.01 or ratio < best * 0.98 for other, ratio in safe.items() if other < ttl)


def every(
    seconds: float, *, times: int, question: Callable[[int], str], user=lambda i: "x", answer=lambda i: 0
) -> list[Ask]:
    return [Ask(i * seconds, question(i), user(i), answer(i), 0.05) for i in range(times)]


def test_a_request_id_is_left_out_of_the_key() -> None:
    asked = every(1, times=2_000, question=lambda i: str(i % 50), user=str, answer=lambda i: i % 50)
    plan = plan_model(log_of(asked), Terms())
    assert [point.hits for point in plan.ttl_curve] == [0] * len(plan.ttl_curve)
    assert (plan.advice.exclude_field, plan.advice.hit_ratio) == ("user", 1_900 / 2_000)
    assert plan.advice.ttl_seconds == 1_800  # with 900 each of the questions goes to the model once more
    (field,) = plan.fields
    assert (field.wrong, field.comparable, field.recommended) == (0, 1_900, True)


def test_a_field_that_the_answer_depends_on_stays_in_the_key() -> None:
    asked = every(
        1, times=2_000, question=lambda i: str(i % 50), user=lambda i: "xy"[i % 100 // 50], answer=lambda i: i % 100
    )
    plan = plan_model(log_of(asked), Terms())
    assert plan.advice.exclude_field is None
    (field,) = plan.fields
    assert field.gain > 0 and field.wrong > 0 and not field.recommended
    assert field.reason.startswith("the answer depends on it: ")


def test_a_field_is_not_left_out_for_too_few_answers() -> None:
    known = every(1, times=2_000, question=lambda i: str(i % 50), user=str, answer=lambda i: i % 50 if i < 149 else -1)
    plan = plan_model(log_of(known), Terms())
    (field,) = plan.fields
    assert (field.comparable, field.wrong, field.recommended) == (99, 0, False)
    assert field.reason == "only 99 answers could be compared; it takes 100"
    assert plan.advice.exclude_field is None


def test_without_answers_no_field_is_left_out() -> None:
    asked = every(1, times=2_000, question=lambda i: str(i % 50), user=str, answer=lambda i: -1)
    (field,) = plan_model(log_of(asked), Terms()).fields
    assert field.gain > 0.8 and not field.recommended
    assert field.reason == "the log has no answers that could show whether they depend on it"


def test_the_ttl_ends_before_answers_change() -> None:
    bursts = [Ask(7_200.0 * burst + i, "q", "x", burst, 0.05) for burst in range(20) for i in range(100)]
    plan = plan_model(log_of(bursts, fields=()), Terms())
    assert plan.changes.shortest_seconds == pytest.approx(7_200 - 99 - 0.05)
    assert (plan.advice.ttl_seconds, plan.advice.hit_ratio) == (60, 0.98)
    # With two hours the old answer is given to one request of the second burst, to two of the third, and so on.
    assert (plan.at(3_600).wrong, plan.at(7_200).wrong) == (0, sum(range(20)))
    assert not plan.changes.is_usual


def test_where_answers_change_as_soon_as_a_question_comes_again_nothing_is_cached() -> None:
    asked = every(60, times=2_000, question=lambda i: str(i % 5), answer=lambda i: 10 * (i // 60) + i % 5)
    plan = plan_model(log_of(asked, fields=()), Terms())
    assert plan.changes.shortest_seconds == pytest.approx(5 * 60 - 0.05)
    assert plan.advice.ttl_seconds is None


def test_a_model_that_answers_differently_each_time_is_named_and_not_cached() -> None:
    asked = every(1, times=500, question=lambda i: str(i % 5), answer=lambda i: i)
    plan = plan_model(log_of(asked), Terms())
    assert (plan.advice.ttl_seconds, plan.advice.exclude_field, plan.advice.hits) == (None, None, 0)
    assert plan.changes.is_usual
    flips = [0, 1, 0, 0, 1, 0, 1, 1, 0, 0]
    asked = every(1, times=500, question=lambda i: "q", answer=lambda i: flips[i % 10])
    assert plan_model(log_of(asked), Terms()).changes.is_usual


def test_a_new_version_and_its_roll_back_are_not_taken_for_that() -> None:
    asked = every(1, times=900, question=lambda i: str(i % 5), answer=lambda i: i % 5 + (100 if 300 <= i < 600 else 0))
    trace = log_of(asked).trace
    changes = answer_changes(trace, trace.keys)
    assert (changes.changed, changes.returned, changes.is_usual) == (10, 5, False)


def test_questions_that_never_come_again_need_no_cache() -> None:
    plan = plan_model(log_of(every(1, times=100, question=str), fields=()), Terms())
    assert (plan.advice.ttl_seconds, plan.advice.memory_bytes) == (None, 0)


def test_requests_that_all_bypass_need_no_cache() -> None:
    plan = plan_model(log_of([Ask(i, None) for i in range(10)], fields=()), Terms())
    assert (plan.distinct, plan.bypasses, plan.advice.ttl_seconds) == (0, {"stream": 10}, None)


def test_one_single_request_is_a_log() -> None:
    plan = plan_model(log_of([Ask(5.0, "a")]), Terms())
    assert (plan.requests, plan.span_seconds, plan.savings, plan.advice.ttl_seconds) == (1, 0.0, None, None)


def test_memory_is_what_the_hits_need_and_no_more() -> None:
    asked = every(1, times=3_000, question=lambda i: str(i % 100))
    log = log_of(asked, fields=(), size=lambda question: 20_000)
    plan = plan_model(log, Terms(store="memory"))
    # A round of 100 entries of 5 pages, and what is kept beside each, is 2.2 MB.
    assert [(point.memory_bytes // MIB, point.hits) for point in plan.memory_curve] == [(1, 0), (2, 0), (4, 2_800)]
    assert (plan.advice.memory_bytes, plan.advice.is_memory_enough) == (4 * MIB, True)
    small = plan_model(log, Terms(store="memory", max_memory_bytes=2 * MIB))
    assert (small.advice.memory_bytes, small.advice.hits, small.advice.is_memory_enough) == (2 * MIB, 0, False)


def test_the_grid_ends_with_the_log_and_has_the_present_ttl() -> None:
    assert grid_seconds(12.0, 7, 300) == (1, 2, 5, 7, 10)
    assert grid_seconds(0.2) == (1,)
    assert grid_seconds(30.0 * DAY)[-1] == 7 * DAY


def saved(price: Price | None) -> ModelPlan:
    asked = [*every(1, times=1_000, question=lambda i: str(i % 10)), Ask(10_000.0, "end", "x", 0, 0.05)]
    return plan_model(log_of(asked, fields=()), Terms(price=price))


def test_calls_and_money_saved_are_told_by_the_day() -> None:
    plan = saved(Price("USD", datetime.date(2026, 11, 1), per_call=0.002))
    days = 10_000 / DAY
    assert plan.savings is not None and plan.advice.hits == 980
    assert plan.savings.saved_calls_per_day == pytest.approx(980 / days)
    assert plan.savings.calls_per_day == pytest.approx(21 / days)
    assert plan.savings.saved_per_day == pytest.approx(980 * 0.002 / days)
    assert plan.savings.saved_per_month == pytest.approx(30 * 980 * 0.002 / days)
    assert (plan.savings.currency, plan.savings.as_of) == ("USD", "2026-11-01")


def test_instance_hours_are_saved_by_the_time_that_calls_take() -> None:
    plan = saved(Price.per_instance_hour(3.6, 2, "EUR"))
    assert plan.savings is not None
    assert plan.savings.saved_per_day == pytest.approx(plan.savings.saved_calls_per_day * 0.05 * 0.001 / 2)


def test_without_a_price_calls_alone_are_told() -> None:
    plan = saved(None)
    assert plan.savings is not None
    assert (plan.savings.saved_per_day, plan.savings.saved_per_month, plan.savings.currency) == (None, None, None)
