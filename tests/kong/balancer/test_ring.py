"""The consistent-hashing ring: as a real Kong's, and few keys move when its nodes change."""

from __future__ import annotations

import logging
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.kong.balancer.algorithm import Handle
from local.kong.balancer.ring import Ring
from local.kong.balancer.xxhash32 import xxhash32
from tests.kong.balancer.addresses import picked, target

# Which of three equal targets, by port, a real Kong chose for these values.
RECORDED_WITH_1000_SLOTS = {
    18081: (
        "d0 d2 d7 d21 d24 d41 d42 d43 d47 d49 d54 d55 d56 k3 k5 k6 k14 k15 k16 k19 k22 k25 k26 k28 k29 k31 k32 k33 k38"
    ),
    18082: (
        "d3 d5 d8 d10 d11 d12 d14 d15 d16 d17 d18 d22 d25 d28 d29 d31 d35 d36 d44 d46 d53 k0 k2 k4 k7 k8 k9 "
        "k17 k20 k24 k27 k30 k34 k35 k37 k39"
    ),
    18083: (
        "d1 d4 d6 d9 d13 d19 d20 d23 d26 d27 d30 d32 d33 d34 d37 d38 d39 d40 d45 d48 d50 d51 d52 d57 d58 d59 "
        "k1 k10 k11 k12 k13 k18 k21 k23 k36"
    ),
}
RECORDED_WITH_10000_SLOTS = {
    18081: ("d0 d2 /chp/p1 /chp/p3 /chp/p15 /chp/p16 /chp/p22 /chp/p24"),
    18082: (
        "d3 /chp/p2 /chp/p6 /chp/p7 /chp/p8 /chp/p10 /chp/p11 /chp/p12 /chp/p13 /chp/p18 /chp/p20 /chp/p21 "
        "/chp/p27 /chp/p28"
    ),
    18083: ("d1 /chp/a /chp/p0 /chp/p4 /chp/p5 /chp/p9 /chp/p14 /chp/p17 /chp/p19 /chp/p23 /chp/p25 /chp/p26 /chp/p29"),
}
KEYS = [Handle(f"key-{number}") for number in range(10_000)]
NODES = st.sets(
    st.tuples(st.integers(0, 255), st.integers(1, 254), st.sampled_from((80, 8000, 8443))).map(
        lambda parts: f"10.0.{parts[0]}.{parts[1]}:{parts[2]}"
    ),
    min_size=2,
    max_size=24,
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0x02CC5D05),
        (b"a", 0x550D7456),
        (b"abc", 0x32D153FF),
        (b"Nobody inspects the spammish repetition", 0xE2293B2F),
    ],
)
def test_xxhash32_has_its_published_values(data: bytes, expected: int) -> None:
    assert xxhash32(data) == expected


@pytest.mark.parametrize(("slots", "recorded"), [(1000, RECORDED_WITH_1000_SLOTS), (10000, RECORDED_WITH_10000_SLOTS)])
def test_values_go_where_a_real_kong_sent_them(slots: int, recorded: dict[int, str]) -> None:
    ring = Ring([target(f"127.0.0.1:{port}") for port in sorted(recorded, reverse=True)], slots)
    chosen = {value: picked(ring, value) for values in recorded.values() for value in values.split()}
    assert chosen == {value: f"127.0.0.1:{port}" for port, values in recorded.items() for value in values.split()}


def test_a_ring_has_never_fewer_than_1000_slots() -> None:
    targets = [target("10.0.0.1:80"), target("10.0.0.2:80")]
    small, thousand = Ring(targets, 10), Ring(targets, 1000)
    assert all(picked(small, key.value) == picked(thousand, key.value) for key in KEYS[:200])


def test_weights_are_shares() -> None:
    ring = Ring([target("10.0.0.1:80", 100), target("10.0.0.2:80", 300), target("10.0.0.3:80", 0)], 65536)
    chosen = [picked(ring, key.value) for key in KEYS]
    assert 0.2 < chosen.count("10.0.0.1:80") / len(KEYS) < 0.3 and "10.0.0.3:80" not in chosen


def test_only_the_keys_of_an_unavailable_address_move_and_come_back() -> None:
    targets = [target(f"10.0.0.{number}:80") for number in range(1, 6)]
    ring = Ring(targets, 10000)
    before = [picked(ring, key.value) for key in KEYS]
    targets[2].addresses[0].available = False
    during = [picked(ring, key.value) for key in KEYS]
    moved = {old for old, new in zip(before, during, strict=True) if old != new}
    assert moved == {"10.0.0.3:80"} and "10.0.0.3:80" not in during
    targets[2].addresses[0].available = True
    assert [picked(ring, key.value) for key in KEYS] == before


def test_a_ring_too_small_for_its_targets_picks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    targets = [target(f"10.0.0.{number}:80") for number in range(1, 65)]
    with caplog.at_level(logging.CRITICAL):
        assert picked(Ring(targets, 10000), "any") == ""
    assert "10000 slots is too small for 64 targets: raise `slots`" in caplog.text
    assert picked(Ring(targets, 65536), "any") != ""


@settings(max_examples=30, deadline=None)
@given(NODES)
def test_a_node_more_or_less_moves_about_its_share(nodes: set[str]) -> None:
    ordered = sorted(nodes)
    changed = ordered[len(ordered) // 2]
    whole = Ring([target(node) for node in ordered], 65536)
    rest = Ring([target(node) for node in reversed(ordered) if node != changed], 65536)
    pairs = [(picked(whole, key.value), picked(rest, key.value)) for key in KEYS]
    moved = [pair for pair in pairs if pair[0] != pair[1]]
    # A node's share is that of 160 of 160 N random points: with few nodes it varies by more than 5 %.
    share = 1 / len(nodes)
    spread = 5 * math.sqrt(share * (1 - share) / (160 * len(nodes) + 1))
    assert len(moved) / len(KEYS) <= share + max(0.05, spread)
    assert sum(old != changed for old, _ in moved) / len(KEYS) <= 0.02


@settings(max_examples=20, deadline=None)
@given(NODES, st.permutations(range(24)))
def test_the_order_of_the_targets_does_not_matter(nodes: set[str], order: list[int]) -> None:
    ordered = sorted(nodes)
    shuffled = [ordered[index] for index in order if index < len(ordered)]
    one, other = Ring([target(node) for node in ordered], 10000), Ring([target(node) for node in shuffled], 10000)
    assert all(picked(one, key.value) == picked(other, key.value) for key in KEYS[:500])
