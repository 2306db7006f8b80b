"""The design that is compared with behaves as the published program does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.bench.fastapi_process import fastapi_process, fill
from local.bench.probe import Probed, probe, summed
from local.demo.target import Target
from local.demo.workload import Workload
from local.world import LocalWorld

WORKLOAD = Workload(requests=12, distinct=4, further=2)
ANSWERS = WORKLOAD.answers("1")


@pytest.fixture(scope="module")
def world() -> Iterator[LocalWorld]:
    with LocalWorld(latency_seconds=0, redis_port=0) as running:
        yield running


@pytest.fixture(scope="module")
def target(world: LocalWorld) -> Iterator[Target]:
    with fastapi_process(world, latency_seconds=0) as target:
        yield target


def is_right(answer: Probed) -> bool:
    return all(answer.document[name] == value for name, value in ANSWERS[answer.index].items())


def test_answers_every_spelling_of_what_is_in_redis_with_the_models_answer(world: LocalWorld, target: Target) -> None:
    fill(world, WORKLOAD.predictions[:8], ANSWERS)
    answers = probe(target, WORKLOAD.predictions[:8], patience_seconds=10)
    assert [answer.status for answer in answers] == [200] * 8
    assert all(map(is_right, answers))


def test_a_key_that_is_not_there_is_an_error_again_and_again(target: Target) -> None:
    for _ in range(2):
        assert [answer.status for answer in probe(target, WORKLOAD.further[:1], patience_seconds=10)] == [500]


def test_without_redis_it_asks_the_model(world: LocalWorld, target: Target) -> None:
    world.kill("redis")
    try:
        answers = probe(target, WORKLOAD.further, patience_seconds=10)
    finally:
        world.restart("redis")
    assert [answer.status for answer in answers] == [200, 200]
    assert all(map(is_right, answers))


def test_with_a_redis_that_hangs_nobody_gets_an_answer(world: LocalWorld, target: Target) -> None:
    world.freeze("redis")
    try:
        answers = probe(target, WORKLOAD.further[:1], patience_seconds=0.5)
    finally:
        world.thaw("redis")
    assert summed(answers)["statuses"] == "1 × none"


def test_statuses_are_counted() -> None:
    answers = [Probed(0, 200, 1.0, True, {}), Probed(1, 200, 3.0, False, {}), Probed(2, 0, 9.0, False, None)]
    assert summed(answers) == {"statuses": "2 × 200, 1 × none", "hits": 1, "p50_ms": 3.0, "longest_ms": 9.0}
