"""Upstreams and targets of the kong provider, in the embedded Kong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pulumi
import pulumi_kong
import pytest

from local.engine import EmbeddedEngine
from local.engine.providers.kong import entities
from local.engine.providers.kong.provider import KongProvider
from tests.engine.support.failures import failure_of
from tests.engine.support.programs import TAGS
from tests.kong.running import running_kong

UPSTREAM, TARGET = "kong:index/upstream:Upstream", "kong:index/target:Target"
CHECKS = pulumi_kong.UpstreamHealthchecksArgs(
    active=pulumi_kong.UpstreamHealthchecksActiveArgs(
        http_path="/ping",
        healthy=pulumi_kong.UpstreamHealthchecksActiveHealthyArgs(interval=5, successes=1, http_statuses=[200]),
    )
)
Engine = Any


@pytest.fixture(scope="module")
def kong() -> Iterator[httpx.Client]:
    with running_kong() as running, httpx.Client(base_url=running.admin) as client:
        yield client


@pytest.fixture
def engine(project_dir: Path, kong: httpx.Client) -> Iterator[Engine]:
    def make(program: Any) -> EmbeddedEngine:
        config = {"kong:kongAdminUri": str(kong.base_url).rstrip("/")}
        return EmbeddedEngine(project_dir, "dev", project_dir / ".state", config, "pass", program)

    yield make
    make(None).destroy()
    assert kong.get("/upstreams").json()["data"] == kong.get("/targets").json()["data"] == []


def pool(nodes: dict[str, int], name: str = "nodes", **more: Any) -> Any:
    """A program: an upstream that hashes by a header, with targets and their weights."""

    def run() -> None:
        upstream = pulumi_kong.Upstream(
            "pool", name=name, hash_on="header", hash_on_header="Xpredictionkey", tags=TAGS, **more
        )
        for node, weight in nodes.items():
            options = pulumi.ResourceOptions(delete_before_replace=True)
            pulumi_kong.Target(node, target=node, weight=weight, upstream_id=upstream.id, tags=TAGS, opts=options)
        pulumi.export("id", upstream.id)

    return run


def weights(kong: httpx.Client, name: str = "nodes") -> dict[str, int]:
    return {row["target"]: row["weight"] for row in kong.get(f"/upstreams/{name}/targets").json()["data"]}


def test_a_pool_is_created_and_stays_the_same(engine: Engine, kong: httpx.Client) -> None:
    program = pool({"a.test:80": 100, "b.test:80": 50}, slots=65536, healthchecks=CHECKS, host_header="m.test")
    outputs = engine(program).up().outputs
    upstream = kong.get("/upstreams/nodes").json()
    assert upstream["id"] == outputs["id"] and upstream["algorithm"] == "consistent-hashing"
    assert (upstream["slots"], upstream["host_header"], upstream["tags"]) == (65536, "m.test", TAGS)
    assert upstream["healthchecks"]["active"]["healthy"] == {"interval": 5, "successes": 1, "http_statuses": [200]}
    assert weights(kong) == {"a.test:80": 100, "b.test:80": 50}
    assert engine(program).up().changes["same"] == 4
    assert engine(program).refresh().changes["update"] == 0
    assert engine(program).up().changes["same"] == 4


def test_a_node_comes_and_goes_and_a_weight_replaces_its_target(engine: Engine, kong: httpx.Client) -> None:
    engine(pool({"a.test:80": 100, "b.test:80": 100})).up()
    changes = engine(pool({"a.test:80": 200, "c.test:80": 100})).up().changes
    assert (changes["create"], changes["replace"], changes["delete"]) == (1, 1, 1)
    assert weights(kong) == {"a.test:80": 200, "c.test:80": 100}


def test_an_upstream_is_updated_in_place_even_its_name(engine: Engine, kong: httpx.Client) -> None:
    before = engine(pool({"a.test:80": 1}, slots=1000, healthchecks=CHECKS)).up().outputs
    result = engine(pool({"a.test:80": 1}, name="others", slots=2000, healthchecks=CHECKS)).up()
    assert (result.changes["update"], result.changes["replace"], result.outputs) == (1, 0, before)
    after = kong.get("/upstreams/others").json()
    assert (after["id"], after["slots"], weights(kong, "others")) == (before["id"], 2000, {"a.test:80": 1})


def test_what_the_program_no_longer_says_returns_to_its_default(engine: Engine, kong: httpx.Client) -> None:
    engine(pool({}, host_header="m.test", slots=1000)).up()
    engine(pool({})).up()
    upstream = kong.get("/upstreams/nodes").json()
    assert (upstream["host_header"], upstream["slots"]) == (None, 10000)


def test_left_out_health_checks_stay_as_they_are(engine: Engine, kong: httpx.Client) -> None:
    engine(pool({}, healthchecks=CHECKS)).up()
    assert engine(pool({})).up().changes["update"] == 0
    engine(pool({}, slots=1000)).up()
    assert kong.get("/upstreams/nodes").json()["healthchecks"]["active"]["healthy"]["interval"] == 5


def test_refresh_sees_drift_and_up_repairs_it(engine: Engine, kong: httpx.Client) -> None:
    program = pool({"a.test:80": 100, "b.test:80": 100}, healthchecks=CHECKS)
    engine(program).up()
    kong.patch("/upstreams/nodes", json={"slots": 1000, "healthchecks": {"active": {"healthy": {"interval": 9}}}})
    kong.patch("/upstreams/nodes/targets/a.test:80", json={"weight": 0})
    kong.delete("/upstreams/nodes/targets/b.test:80")
    result = engine(program).refresh()
    assert {step.name: step.diff for step in result.steps if step.op == "update"} == {
        "pool": ["~ healthchecks.active.healthy.interval: 5 => 9", "~ slots: 10000 => 1000"],
        "a.test:80": ["~ weight: 100 => 0"],
    }
    assert [step.name for step in result.steps if step.op == "delete"] == ["b.test:80"]
    changes = engine(program).up().changes
    assert (changes["create"], changes["update"], changes["replace"]) == (1, 1, 1)
    assert weights(kong) == {"a.test:80": 100, "b.test:80": 100}
    upstream = kong.get("/upstreams/nodes").json()
    assert (upstream["slots"], upstream["healthchecks"]["active"]["healthy"]["interval"]) == (10000, 5)


def test_targets_vanish_with_an_upstream_that_somebody_deleted(engine: Engine, kong: httpx.Client) -> None:
    program = pool({"a.test:80": 100})
    engine(program).up()
    kong.delete("/upstreams/nodes")
    assert engine(program).refresh().changes["delete"] == 2
    assert engine(program).up().changes["create"] == 2


def test_a_pool_left_by_an_interrupted_run_is_taken_over(engine: Engine, kong: httpx.Client) -> None:
    theirs = kong.post("/upstreams", json={"name": "nodes", "tags": TAGS, "slots": 100}).json()
    kong.post("/upstreams/nodes/targets", json={"target": "a.test:80", "weight": 1, "tags": TAGS})
    assert engine(pool({"a.test:80": 7})).up().outputs == {"id": theirs["id"]}
    assert weights(kong) == {"a.test:80": 7}
    assert engine(pool({"a.test:80": 7})).refresh().changes["update"] == 0


def test_kongs_refusal_of_an_upstream_is_shown(engine: Engine) -> None:
    message = failure_of(engine(pool({}, slots=9)).up)
    assert "slots: value should be between 10 and 65536" in message


def test_the_defaults_are_those_of_the_real_provider() -> None:
    provider = KongProvider(None)
    assert provider.check(UPSTREAM, "u", {"name": "u"}, {}) == {
        "name": "u",
        "hashFallback": "none",
        "hashOn": "none",
        "hashOnCookiePath": "/",
        "slots": 10000,
    }
    assert entities.ENTITIES[UPSTREAM].fields["name"].replaces is False
    for missing in ("target", "weight", "upstreamId"):
        given = {"target": "a.test:80", "weight": 1, "upstreamId": "x"}
        del given[missing]
        assert f"{missing} is required" in failure_of(lambda given=given: provider.check(TARGET, "t", given, {}))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"active": {"healthy": {"interval": 0.5}}}, "healthchecks.active.healthy.interval must be a whole number"),
        ({"passive": {"unhealthy": {"httpStatuses": [500, 1.5]}}}, "unhealthy.httpStatuses must be a whole number"),
        ({"threshold": 50}, "unknown input healthchecks.threshold; known are active, passive"),
        ({"active": {"headers": {}}}, "unknown input healthchecks.active.headers; known are concurrency, healthy"),
        ({"passive": {"healthy": {"interval": 1}}}, "unknown input healthchecks.passive.healthy.interval; known are"),
    ],
)
def test_health_checks_that_the_real_provider_refuses_are_named(value: dict[str, Any], message: str) -> None:
    given = {"name": "u", "healthchecks": value}
    assert message in failure_of(lambda: KongProvider(None).check(UPSTREAM, "u", given, {}))
