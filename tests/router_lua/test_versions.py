"""Which version answers a caller: a share by weight that each caller keeps, and a fallback while its pool is down."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest

from components.router.render import RoutedName, Version
from tests.router_lua.entry import SETTINGS, Entry

CALLERS = [f"key-of-caller-{i}" for i in range(4_000)]


def weighted(**weights: int) -> Entry:
    versions = tuple(Version(model, weight) for model, weight in weights.items())
    return Entry(dataclasses.replace(SETTINGS, names=(RoutedName("a", versions),)))


def answering(entry: Entry) -> dict[str, str | None]:
    """Who answers each caller."""
    return {caller: entry.ask(b'{"model":"a"}', [("apikey", caller)]).model for caller in CALLERS}


def shares(found: dict[str, str | None]) -> dict[str | None, float]:
    return {model: count / len(found) for model, count in Counter(found.values()).items()}


def test_shares_follow_the_weights():
    found = shares(answering(weighted(one=90, two=10)))
    assert found["two"] == pytest.approx(0.1, abs=0.02)
    found = shares(answering(weighted(one=1, two=2, three=5)))
    assert [found[name] for name in ("one", "two", "three")] == pytest.approx([1 / 8, 2 / 8, 5 / 8], abs=0.03)


def test_a_caller_keeps_its_version():
    assert answering(weighted(one=50, two=50)) == answering(weighted(two=50, one=50))


def test_another_weight_moves_only_the_callers_that_it_has_to():
    before, after = answering(weighted(one=90, two=10)), answering(weighted(one=80, two=20))
    moved = [caller for caller in CALLERS if before[caller] != after[caller]]
    assert {after[caller] for caller in moved} == {"two"}
    assert len(moved) / len(CALLERS) == pytest.approx(0.1, abs=0.02)


def test_a_new_version_takes_callers_and_moves_no_others():
    before, after = answering(weighted(one=50, two=50)), answering(weighted(one=50, two=50, three=50))
    moved = [caller for caller in CALLERS if before[caller] != after[caller]]
    assert {after[caller] for caller in moved} == {"three"}
    assert len(moved) / len(CALLERS) == pytest.approx(1 / 3, abs=0.03)


def test_a_weight_of_zero_gets_nobody():
    assert set(answering(weighted(one=1, two=0)).values()) == {"one"}


def test_names_draw_apart():
    versions = (Version("one", 50), Version("two", 50))
    entry = Entry(dataclasses.replace(SETTINGS, names=(RoutedName("a", versions), RoutedName("b", versions))))
    other = {caller: entry.ask(b'{"model":"b"}', [("apikey", caller)]).model for caller in CALLERS}
    same = sum(other[caller] == model for caller, model in answering(entry).items())
    assert same / len(CALLERS) == pytest.approx(0.5, abs=0.04)


def test_a_caller_is_its_key_then_its_authorization_then_its_address():
    entry = weighted(one=50, two=50)

    def models(**asked) -> list[str | None]:
        return [entry.ask(b'{"model":"a"}', **{k: v(i) for k, v in asked.items()}).model for i in range(60)]

    by_key = models(headers=lambda i: [("apikey", f"k{i}")])
    assert by_key == models(headers=lambda i: [("authorization", f"Bearer k{i}")])
    assert by_key == models(headers=lambda i: [("apikey", f"k{i}"), ("authorization", "Basic x")])
    assert by_key == models(headers=lambda i: [("apikey", f"k{i}")], address=lambda i: f"192.0.2.{i}")
    assert len(set(models(headers=lambda i: [("authorization", f"Basic {i}")]))) == 2
    assert len(set(models(address=lambda i: f"192.0.2.{i}"))) == 2
    assert len(set(models(address=lambda i: "192.0.2.1"))) == 1


FALLING_BACK = dataclasses.replace(
    SETTINGS,
    names=(RoutedName("a", (Version("one"),), Version("small", served_name="tiny")),),
    upstreams={"one": "one-pool", "small": "small-pool"},
)


@pytest.fixture
def pools() -> Entry:
    entry = Entry(FALLING_BACK)
    entry.health[b"one-pool"] = entry.health[b"small-pool"] = b"HEALTHY"
    return entry


def test_the_fallback_answers_while_the_pool_has_no_target(pools):
    assert pools.ask(b'{"model":"a"}').model == "one"
    pools.health[b"one-pool"] = b"UNHEALTHY"
    pools.wait(1)
    found = pools.ask(b'{"model":"a"}')
    assert (found.model, found.body) == ("small", b'{"model":"tiny"}')
    assert pools.counted == "inference_edge_routed_total{a,small,fallback}"
    pools.health[b"one-pool"] = b"HEALTHY"
    pools.wait(1)
    assert pools.ask(b'{"model":"a"}').model == "one"


def test_a_pool_is_not_asked_for_every_request(pools):
    for _ in range(100):
        pools.ask(b'{"model":"a"}')
    assert pools.asked == 1
    for _ in range(100):
        pools.wait(0.02)
        pools.ask(b'{"model":"a"}')
    assert 7 <= pools.asked <= 10


def test_with_both_down_the_version_is_asked(pools):
    pools.health[b"one-pool"] = pools.health[b"small-pool"] = b"UNHEALTHY"
    assert pools.ask(b'{"model":"a"}').model == "one"


@pytest.mark.parametrize("health", [b"error", None])
def test_a_pool_that_the_gateway_does_not_know_is_not_down(pools, health):
    pools.health[b"one-pool"] = health
    assert pools.ask(b'{"model":"a"}').model == "one"


def test_without_kongs_module_there_is_no_fallback():
    entry = Entry(FALLING_BACK, allows_modules=False)
    entry.health[b"one-pool"] = b"UNHEALTHY"
    assert entry.ask(b'{"model":"a"}').model == "one"


def test_a_fallback_of_several_versions_is_for_the_callers_of_the_one_that_is_down():
    names = (RoutedName("a", (Version("one", 50), Version("two", 50)), Version("small")),)
    entry = Entry(dataclasses.replace(FALLING_BACK, names=names))
    entry.health[b"one-pool"] = b"HEALTHY"
    before = answering(entry)
    entry.health[b"one-pool"] = b"UNHEALTHY"
    entry.wait(1)
    after = answering(entry)
    assert after == {caller: "small" if model == "one" else model for caller, model in before.items()}
