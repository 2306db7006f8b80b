"""Changes of a pool under load cost no request."""

from __future__ import annotations

from tests.gateway.deployed_pool import DeployedPool, until
from tests.gateway.replicas import Replica


def test_a_drained_target_answers_what_it_has_and_gets_nothing_more(
    pool: DeployedPool, replicas: list[Replica]
) -> None:
    pool.deploy(replicas)
    replicas[0].hold_next()
    with pool.load() as load:
        until(lambda: replicas[0].holds)
        pool.deploy(replicas, 0, 100, 100, 100)
        until(lambda: pool.leaves_out(replicas[0]))
        replicas[0].release()
        load.goes_on()
    assert load.failed == []


def test_a_drained_target_comes_back_with_its_weight(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, 0, 100, 100, 100)
    with pool.load() as load:
        pool.deploy(replicas, 100, 100, 100, 100)
        until(lambda: replicas[0].calls > 0)
        load.goes_on()
    assert load.failed == []


def test_all_weights_can_be_changed_at_once(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, 100, 100, 100, 100)
    with pool.load() as load:
        pool.deploy(replicas, 1, 1, 1, 3)
        load.goes_on()
    assert load.failed == []
    assert pool.spread(60) == {"r0": 10, "r1": 10, "r2": 10, "r3": 30}


def test_targets_come_and_go(pool: DeployedPool, replicas: list[Replica], spare: Replica) -> None:
    pool.deploy(replicas)
    with pool.load() as load:
        pool.deploy([*replicas[1:], spare])
        until(lambda: pool.leaves_out(replicas[0]) and spare.calls > 0)
        load.goes_on()
    assert load.failed == []
