"""What plugins may ask of kong.runloop.balancer."""

from __future__ import annotations

from typing import Any

from tests.kong.balancer.balanced import Balanced
from tests.kong.running import echo_upstream, running_kong, send

HEALTH = (
    "local balancer = require('kong.runloop.balancer') local upstream = balancer.get_upstream_by_name('%s') "
    "local health, err = balancer.get_balancer_health(upstream.id) "
)
CHECKED = {"passive": {"unhealthy": {"http_failures": 1}}}


def asked(world: Balanced, route: str, code: str) -> Any:
    """What this chunk returns, asked in the rewrite phase."""
    ask = f"kong.response.exit(200, {{ value = (function() {code} end)() }})"
    plugin = world.kong.create("/plugins", {"name": "pre-function", "config": {"rewrite": [ask]}})
    try:
        answer = world.get(f"/{route}")
        assert answer.status == 200, answer
        return answer.body.get("value")
    finally:
        send(world.kong.admin, "DELETE", f"/plugins/{plugin['id']}")


def test_an_unknown_upstream_is_false(world: Balanced) -> None:
    code = "return tostring(require('kong.runloop.balancer').get_upstream_by_name('no-such'))"
    assert asked(world, "any", code) == "false"
    code = "return { select(2, require('kong.runloop.balancer').get_balancer_health('%s')) }"
    assert asked(world, "any", code % "2c46a9ea-0000-4000-8000-000000000000") == ["upstream not found"]


def test_an_upstream_is_the_entity(world: Balanced) -> None:
    world.upstream("entity", world.ports[0], algorithm="least-connections")
    code = (
        "local one = require('kong.runloop.balancer').get_upstream_by_name('entity') return one.name .. one.algorithm"
    )
    assert asked(world, "entity", code) == "entityleast-connections"


def test_without_checks_the_health_is_off(world: Balanced) -> None:
    world.upstream("unchecked", world.ports[0])
    code = HEALTH % "unchecked" + "return { health.health, health.balancer_health, tostring(health.id == upstream.id) }"
    assert asked(world, "unchecked", code) == ["HEALTHCHECKS_OFF", "HEALTHY", "true"]


def test_without_a_usable_target_it_is_unhealthy(world: Balanced) -> None:
    world.upstream("empty", (world.ports[0], 0), healthchecks=CHECKED)
    assert (
        asked(world, "empty", HEALTH % "empty" + "return health.health .. health.balancer_health")
        == "UNHEALTHYUNHEALTHY"
    )


def test_what_requests_show_is_seen(world: Balanced) -> None:
    world.upstream("seen", *world.ports[:2], healthchecks=CHECKED)
    code = HEALTH % "seen" + (
        "local weight = health.details.weight return { health.health, tostring(health.details.healthy), weight.total, "
        "weight.available, weight.unavailable, #health.details.hosts, health.details.hosts[1].addresses[1].ip }"
    )
    assert asked(world, "seen", code) == ["HEALTHY", "true", 200, 200, 0, 2, "127.0.0.1"]
    assert world.get("/seen?status=500&sleep=0").status == 500
    assert asked(world, "seen", code) == ["HEALTHY", "true", 200, 100, 100, 2, "127.0.0.1"]
    assert world.get("/seen?status=500&sleep=0").status == 500
    assert asked(world, "seen", code)[:5] == ["UNHEALTHY", "false", 200, 0, 200]


def test_the_health_of_each_target(world: Balanced) -> None:
    world.upstream("each", world.ports[0], healthchecks=CHECKED)
    target = f"127.0.0.1:{world.ports[0]}"
    code = (
        "local balancer = require('kong.runloop.balancer') local one = balancer.get_upstream_by_name('each') "
        f"local found = balancer.get_upstream_health(one.id)['{target}'] "
        "return { found.host, found.port, found.nodeWeight, found.addresses[1].health }"
    )
    assert asked(world, "each", code) == ["127.0.0.1", world.ports[0], 100, "HEALTHY"]


def test_a_node_that_does_not_allow_it_refuses_to_load_it() -> None:
    with echo_upstream() as port, running_kong("--untrusted-lua-sandbox-requires", "resty.redis") as kong:
        code = "kong.response.exit(200, { select(2, pcall(require, 'kong.runloop.balancer')) })"
        kong.route(port, "/refused", pre_function={"access": [code]})
        message = "require 'kong.runloop.balancer' not allowed within sandbox"
        assert send(kong.proxy, "GET", "/refused").body[0].endswith(message)
