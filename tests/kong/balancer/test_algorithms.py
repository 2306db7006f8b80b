"""Round-robin, least-connections and latency choose as Kong does."""

from __future__ import annotations

from collections import Counter

from local.kong.balancer.algorithm import Handle
from local.kong.balancer.latency import Latency, measure
from local.kong.balancer.least_connections import LeastConnections
from local.kong.balancer.round_robin import RoundRobin
from tests.kong.balancer.addresses import picked, target

A, B, C = "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"


def test_round_robin_is_exact_by_weight() -> None:
    wheel = RoundRobin([target(A), target(B), target(C, 200)])
    assert Counter(picked(wheel) for _ in range(80)) == {A: 20, B: 20, C: 40}


def test_round_robin_gives_weight_0_and_what_is_unavailable_nothing() -> None:
    targets = [target(A), target(B, 0), target(C)]
    targets[2].addresses[0].available = False
    wheel = RoundRobin(targets)
    assert {picked(wheel) for _ in range(20)} == {A}


def test_without_an_address_nothing_is_picked() -> None:
    for algorithm in (RoundRobin([]), LeastConnections([]), Latency([]), RoundRobin([target(A, 0)])):
        assert picked(algorithm) == ""


def test_least_connections_counts_open_requests_by_weight() -> None:
    targets = [target(A, 100), target(B, 300)]
    algorithm = LeastConnections(targets)
    for _ in range(40):
        address = algorithm.pick(Handle(""))
        assert address is not None
        address.connections += 1
    assert [one.addresses[0].connections for one in targets] == [10, 30]


def test_a_retry_of_least_connections_avoids_what_failed_while_there_is_another() -> None:
    targets = [target(A), target(B)]
    algorithm, handle = LeastConnections(targets), Handle("")
    first = algorithm.pick(handle)
    assert first is not None
    handle.failed.add(first)
    second = algorithm.pick(handle)
    assert second is not None and second is not first
    handle.failed.add(second)
    assert algorithm.pick(handle) is not None


def test_latency_prefers_the_faster_address() -> None:
    targets = [target(A), target(B)]
    measure(targets[0].addresses[0], 0.5)
    measure(targets[1].addresses[0], 0.1)
    assert picked(Latency(targets)) == B


def test_a_new_address_begins_with_the_average_latency() -> None:
    targets = [target(A), target(B), target(C)]
    for one, seconds in zip(targets, (0.4, 0.2), strict=False):
        one.addresses[0].latency_seconds, one.addresses[0].measured_at = seconds, 1.0
    Latency(targets)
    assert abs(targets[2].addresses[0].latency_seconds - 0.3) < 1e-9
