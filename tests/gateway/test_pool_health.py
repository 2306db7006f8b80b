"""Targets of a pool that are ill or gone, and how they come back."""

from __future__ import annotations

from typing import Any

from tests.gateway.deployed_pool import DeployedPool, until
from tests.gateway.replicas import Replica

SELDOM: Any = {"interval_seconds": 3600}  # no active check within a test
OFTEN: Any = {"interval_seconds": 1, "failures": 1}


def test_a_dead_target_costs_no_request(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, health=SELDOM)
    replicas[1].stop()
    with pool.load() as load:
        load.goes_on(80)
    assert load.failed == []
    until(lambda: pool.health()[replicas[1].address] == "UNHEALTHY")


def test_a_dead_target_costs_no_request_with_affinity(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, health=SELDOM, affinity={})
    homes = {key: pool.chosen(key) for key in range(32)}
    replicas[1].stop()
    after = {key: pool.chosen(key) for key in range(32)}
    assert all(after[key] == home for key, home in homes.items() if home != "r1")
    assert "r1" in homes.values() and "r1" not in after.values()


def test_a_target_that_comes_back_is_taken_back(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, health=OFTEN)
    replicas[1].stop()
    until(lambda: pool.health()[replicas[1].address] == "UNHEALTHY")
    replicas[1].start()
    with pool.load() as load:
        calls = replicas[1].calls
        until(lambda: replicas[1].calls > calls)
    assert load.failed == []


def test_a_target_whose_check_fails_is_left_out_until_it_succeeds(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, health=OFTEN)
    with pool.load() as load:
        replicas[2].ping_status = 503
        until(lambda: pool.health()[replicas[2].address] == "UNHEALTHY")
        until(lambda: pool.leaves_out(replicas[2]))
        replicas[2].ping_status = 200
        calls = replicas[2].calls
        until(lambda: replicas[2].calls > calls)
    assert load.failed == []


def test_errors_open_the_circuit_and_a_check_closes_it(pool: DeployedPool, replicas: list[Replica]) -> None:
    never_by_checks: Any = {**OFTEN, "failures": 254}
    pool.deploy(replicas, health=never_by_checks, circuit_breaker={"errors": 3})
    replicas[0].status = replicas[0].ping_status = 500
    with pool.load() as load:
        until(lambda: pool.health()[replicas[0].address] == "UNHEALTHY")
        until(lambda: pool.leaves_out(replicas[0]))
    assert set(load.failed) == {500}  # of the model: no answer is asked for twice
    assert pool.spread(20).keys() == {"r1", "r2", "r3"}
    replicas[0].status = replicas[0].ping_status = 200
    until(lambda: pool.chosen() == "r0")


def test_errors_open_nothing_by_default(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, health=SELDOM)
    replicas[0].status = 500
    assert [pool.ask().status_code for _ in range(40)].count(500) == 10
    assert set(pool.health().values()) == {"HEALTHY"}


def test_connection_failures_open_nothing_when_that_is_off(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, health=SELDOM, circuit_breaker={"connection_failures": 0})
    replicas[0].stop()
    assert {pool.ask().status_code for _ in range(20)} == {200}  # of another target, each time
    assert set(pool.health().values()) == {"HEALTHY"}


def test_without_any_target_the_answer_is_503(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, health=OFTEN)
    for replica in replicas:
        replica.stop()
    until(lambda: set(pool.health().values()) == {"UNHEALTHY"})
    until(lambda: pool.ask().status_code == 503)
    replicas[3].start()
    until(lambda: pool.ask().status_code == 200)
    assert pool.chosen() == "r3"


def test_what_a_target_has_read_is_not_sent_again(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, health=SELDOM)
    for replica in replicas:
        replica.breaks = True
    calls = sum(replica.calls for replica in replicas)
    assert pool.ask().status_code == 502
    assert sum(replica.calls for replica in replicas) == calls + 1
