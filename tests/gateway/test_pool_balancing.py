"""Which target of a pool answers."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.gateway.deployed_pool import DeployedPool
from tests.gateway.replicas import Replica

KEYS = range(512)


def placed(pool: DeployedPool) -> dict[int, str]:
    """Key -> who answers it."""
    return {key: pool.chosen(key) for key in KEYS}


def test_round_robin_gives_every_target_the_same(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas)
    assert pool.spread(80) == dict.fromkeys(("r0", "r1", "r2", "r3"), 20)


def test_weights_are_shares(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas[:3], 100, 100, 200)
    assert pool.spread(80) == {"r0": 20, "r1": 20, "r2": 40}


def test_a_small_weight_is_a_slow_start(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, 100, 100, 100, 1)
    assert pool.spread(602)["r3"] == 2


def test_a_key_stays_at_its_target(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, affinity={})
    for key in range(8):
        assert len({pool.chosen(key) for _ in range(5)}) == 1
    shares = Counter(placed(pool).values())
    assert set(shares) == {"r0", "r1", "r2", "r3"}
    assert max(shares.values()) < 2 * len(KEYS) / 4


def test_one_more_target_takes_its_share_from_the_others_and_no_more(
    pool: DeployedPool, replicas: list[Replica], spare: Replica
) -> None:
    pool.deploy(replicas, affinity={})
    before = placed(pool)
    pool.deploy([*replicas, spare])
    after = placed(pool)
    moved = [key for key in KEYS if after[key] != before[key]]
    assert 0 < len(moved) <= (1 / len(replicas) + 0.05) * len(KEYS)
    between_old_ones = [key for key in moved if after[key] != spare.name]
    assert len(between_old_ones) <= 0.02 * len(KEYS)  # where two targets wanted one place of the ring


def test_a_drained_target_s_keys_move_alone(pool: DeployedPool, replicas: list[Replica]) -> None:
    pool.deploy(replicas, affinity={})
    before = placed(pool)
    pool.deploy(replicas, 0, 100, 100, 100)
    after = placed(pool)
    assert "r0" not in after.values()
    assert sum(before[key] not in ("r0", after[key]) for key in KEYS) <= 0.02 * len(KEYS)


@pytest.mark.parametrize("algorithm", ["round-robin", "consistent-hashing"])
def test_the_algorithm_can_be_changed(pool: DeployedPool, replicas: list[Replica], algorithm: str) -> None:
    affinity = {"affinity": {}}
    pool.deploy(replicas, **(affinity if algorithm == "round-robin" else {}))
    pool.forget("affinity")
    pool.deploy(replicas, **(affinity if algorithm == "consistent-hashing" else {}))
    assert (len({pool.chosen("one key") for _ in range(8)}) == 1) == (algorithm == "consistent-hashing")
