"""Health checks: what is counted, what it does to requests, and that it heals."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from local.kong.balancer.entities import UPSTREAMS
from local.kong.balancer.health import Health
from local.kong.schema import fill_defaults, merge
from tests.kong.balancer.addresses import target
from tests.kong.balancer.balanced import Balanced, wait_until
from tests.kong.running import ROOT, free_port, send

ACTIVE: dict[str, Any] = {
    "http_path": "/ping",
    "healthy": {"interval": 0.05, "successes": 1},
    "unhealthy": {"interval": 0.05, "tcp_failures": 1, "http_failures": 1, "timeouts": 1},
}
PASSIVE = {"healthy": {"successes": 1}, "unhealthy": {"http_failures": 2, "tcp_failures": 1, "timeouts": 1}}


def healthchecks(**checks: Any) -> dict[str, Any]:
    fields = UPSTREAMS.fields["healthchecks"].fields
    assert fields is not None
    return merge(fields, fill_defaults(fields, {}), checks)


def active_with_statuses(**statuses: int) -> dict[str, Any]:
    return {**ACTIVE, **{name: {**ACTIVE[name], "http_statuses": [status]} for name, status in statuses.items()}}


@contextlib.contextmanager
def echo(port: int) -> Iterator[None]:
    command = [sys.executable, str(ROOT / "tests/kong/echo_upstream.py"), str(port), f"u{port}"]
    with subprocess.Popen(command) as process:
        yield
        process.terminate()


def test_failures_in_a_row_make_an_address_unhealthy_and_a_success_forgets_them() -> None:
    checked, [address] = Health("u", healthchecks(passive=PASSIVE)), target("10.0.0.1:80").addresses
    checked.report_status(address, 500)
    checked.report_status(address, 200)
    checked.report_status(address, 503)
    assert address.available
    checked.report_status(address, 500)
    assert not address.available
    checked.report_status(address, 404)
    assert not address.available
    checked.report_status(address, 200)
    assert address.available


def test_each_kind_of_failure_has_a_threshold_of_its_own() -> None:
    checked = Health("u", healthchecks(passive={"unhealthy": {"tcp_failures": 2, "timeouts": 1}}))
    one, two, three = (target(f"10.0.0.{number}:80").addresses[0] for number in (1, 2, 3))
    checked.report_tcp_failure(one)
    checked.report_timeout(two)
    for _ in range(9):
        checked.report_status(three, 500)
    assert [one.available, two.available, three.available] == [True, False, True]
    checked.report_tcp_failure(one)
    assert not one.available


def test_nothing_is_counted_when_checks_are_off() -> None:
    off, [address] = Health("u", healthchecks()), target("10.0.0.1:80").addresses
    off.report_tcp_failure(address)
    off.report_timeout(address)
    off.report_status(address, 500)
    assert address.available and not off.is_on


def test_switching_checks_off_makes_every_address_available() -> None:
    checked, [address] = Health("u", healthchecks(passive=PASSIVE)), target("10.0.0.1:80").addresses
    checked.report_tcp_failure(address)
    assert not address.available
    checked.configure(healthchecks())
    assert address.available


def test_active_checks_take_a_dead_target_out_and_back_in(world: Balanced) -> None:
    port = free_port()
    world.upstream("active", world.ports[0], port, service={"retries": 0}, healthchecks={"active": ACTIVE})
    wait_until(lambda: world.health("active") == {world.ports[0]: "HEALTHY", port: "UNHEALTHY"})
    assert world.spread("/active", 6) == {world.ports[0]: 6}
    with echo(port):
        wait_until(lambda: world.health("active")[port] == "HEALTHY")
        assert world.spread("/active", 6) == {world.ports[0]: 3, port: 3}
    wait_until(lambda: world.health("active")[port] == "UNHEALTHY")


def test_active_checks_begin_and_end_without_a_request(world: Balanced) -> None:
    port = free_port()
    world.upstream("later", port)
    assert world.health("later") == {port: "HEALTHCHECKS_OFF"}
    send(world.kong.admin, "PATCH", "/upstreams/later", body={"healthchecks": {"active": ACTIVE}})
    wait_until(lambda: world.health("later") == {port: "UNHEALTHY"})
    off = {"healthy": {"interval": 0}, "unhealthy": {"interval": 0}}
    send(world.kong.admin, "PATCH", "/upstreams/later", body={"healthchecks": {"active": off}})
    assert world.health("later") == {port: "HEALTHCHECKS_OFF"}


def test_a_wrong_status_fails_an_active_check(world: Balanced) -> None:
    checks = active_with_statuses(healthy=302, unhealthy=200)
    world.upstream("status", world.ports[0], healthchecks={"active": checks})
    wait_until(lambda: world.health("status") == {world.ports[0]: "UNHEALTHY"})
    assert world.get("/status").status == 503


def test_an_active_check_times_out(world: Balanced) -> None:
    checks = {**ACTIVE, "http_path": "/after-200-milliseconds", "timeout": 0.05}
    world.upstream("silent", world.ports[0], healthchecks={"active": checks})
    wait_until(lambda: world.health("silent") == {world.ports[0]: "UNHEALTHY"})


def test_an_https_check_of_a_plain_port_fails(world: Balanced) -> None:
    world.upstream("tls", world.ports[0], healthchecks={"active": {**ACTIVE, "type": "https"}})
    wait_until(lambda: world.health("tls") == {world.ports[0]: "UNHEALTHY"})


def test_failing_requests_take_a_target_out_until_somebody_says_otherwise(world: Balanced) -> None:
    a, b, _ = world.ports
    world.upstream("passive", a, b, healthchecks={"passive": PASSIVE})
    for _ in range(4):
        assert world.get("/passive?status=500&sleep=0").status == 500
    assert world.health("passive") == {a: "UNHEALTHY", b: "UNHEALTHY"}
    answer = world.get("/passive?sleep=0")
    assert (answer.status, answer.body["message"]) == (503, "failure to get a peer from the ring-balancer")
    assert send(world.kong.admin, "PUT", f"/upstreams/passive/targets/127.0.0.1:{a}/healthy").status == 204
    assert world.spread("/passive", 4) == {a: 4}
    assert send(world.kong.admin, "PUT", f"/upstreams/passive/targets/127.0.0.1:{a}/unhealthy").status == 204
    assert world.get("/passive").status == 503


def test_active_checks_bring_back_what_requests_took_out(world: Balanced) -> None:
    port = world.ports[0]
    active = {**ACTIVE, "unhealthy": {**ACTIVE["unhealthy"], "interval": 1}}
    passive = {"unhealthy": {"http_failures": 1}}
    world.upstream("back", port, healthchecks={"active": active, "passive": passive})
    assert world.get("/back?status=500&sleep=0").status == 500
    assert world.get("/back?sleep=0").status == 503
    wait_until(lambda: world.health("back") == {port: "HEALTHY"})
    assert world.get("/back?sleep=0").status == 200


def test_a_refused_connection_counts_and_the_ring_sends_the_keys_elsewhere(world: Balanced) -> None:
    dead = free_port()
    hashed = {"hash_on": "header", "hash_on_header": "X-Digest", "healthchecks": {"passive": PASSIVE}}
    world.upstream("ring", world.ports[0], world.ports[1], dead, **hashed)
    answers = {key: world.chosen("/ring", {"X-Digest": f"key-{key}"}) for key in range(30)}
    assert set(answers.values()) == set(world.ports[:2]) and world.health("ring")[dead] == "UNHEALTHY"


def test_a_hashed_request_meets_its_dead_target_four_times(world: Balanced) -> None:
    hashed: dict[str, Any] = {"hash_on": "header", "hash_on_header": "X-Digest", "healthchecks": {"passive": PASSIVE}}
    for retries in (3, 4):
        name = f"four-times-{retries}"
        world.upstream(name, world.ports[0], free_port(), service={"retries": retries}, **hashed)
        answers = [world.get(f"/{name}?sleep=0", {"X-Digest": f"key-{key}"}).status for key in range(30)]
        assert Counter(answers) == ({200: 29, 502: 1} if retries == 3 else {200: 30})


def test_without_checks_the_ring_keeps_asking_a_dead_target(world: Balanced) -> None:
    dead = free_port()
    world.upstream(
        "stubborn", world.ports[0], dead, hash_on="header", hash_on_header="X-Digest", service={"retries": 2}
    )
    statuses = {world.get("/stubborn?sleep=0", {"X-Digest": f"key-{key}"}).status for key in range(30)}
    assert statuses == {200, 502}


def test_health_survives_a_change_of_other_targets(world: Balanced) -> None:
    a, b, c = world.ports
    world.upstream("kept", a, b, healthchecks={"passive": PASSIVE})
    send(world.kong.admin, "PUT", f"/upstreams/kept/targets/127.0.0.1:{a}/unhealthy")
    world.add("kept", c)
    assert world.health("kept") == {a: "UNHEALTHY", b: "HEALTHY", c: "HEALTHY"}
    send(world.kong.admin, "DELETE", f"/upstreams/kept/targets/127.0.0.1:{a}")
    world.add("kept", a)
    assert world.health("kept")[a] == "HEALTHY"


@pytest.mark.parametrize(("threshold", "status"), [(49, 200), (50, 503)])
def test_a_balancer_below_its_threshold_answers_nobody(world: Balanced, threshold: int, status: int) -> None:
    name = f"threshold-{threshold}"
    a, b, _ = world.ports
    world.upstream(name, a, b, healthchecks={"threshold": threshold, "passive": PASSIVE})
    send(world.kong.admin, "PUT", f"/upstreams/{name}/targets/127.0.0.1:{a}/unhealthy")
    assert world.get(f"/{name}?sleep=0").status == status
    found = send(world.kong.admin, "GET", f"/upstreams/{name}/health?balancer_health=1").body["data"]
    assert found["balancer_health"] == ("HEALTHY" if status == 200 else "UNHEALTHY")
    assert found["details"]["weight"] == {"total": 200, "available": 100, "unavailable": 100}


def test_a_name_without_an_address_is_a_dns_error(world: Balanced) -> None:
    world.upstream("nameless")
    world.kong.create("/upstreams/nameless/targets", {"target": "no-such-host.invalid:80"})
    [row] = send(world.kong.admin, "GET", "/upstreams/nameless/health").body["data"]
    assert (row["health"], row["data"]["dns"]) == ("DNS_ERROR", "dns server error: 3 name error")
    assert world.get("/nameless").status == 503


def test_marking_needs_health_checks(world: Balanced) -> None:
    world.upstream("unchecked", world.ports[0])
    answer = send(world.kong.admin, "PUT", f"/upstreams/unchecked/targets/127.0.0.1:{world.ports[0]}/unhealthy")
    assert (answer.status, answer.body["message"]) == (400, "no healthchecker found for unchecked")
