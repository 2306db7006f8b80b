"""Targets and services with host names: several A records, SRV records, and what happens when they change."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kong.balancer.balanced import Balanced, balanced, wait_until
from tests.kong.balancer.name_server import NameServer, name_server
from tests.kong.running import ROOT, send


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with name_server() as server:
        yield server


@pytest.fixture(scope="module")
def world(names: NameServer) -> Iterator[Balanced]:
    with balanced("--dns-resolver", f"127.0.0.1:{names.port}") as running:
        yield running


def pool(world: Balanced, name: str, target: str, weight: int = 100, **more: Any) -> None:
    """An upstream with one target, which is a name."""
    world.upstream(name, **more)
    world.kong.create(f"/upstreams/{name}/targets", {"target": target, "weight": weight})


def addresses(world: Balanced, name: str) -> list[tuple[str, int, int]]:
    """IP, port and weight of all that the upstream's first target has."""
    [target] = send(world.kong.admin, "GET", f"/upstreams/{name}/health").body["data"]
    found = target.get("data", {}).get("addresses") or ()
    return [(one["ip"], one["port"], one["weight"]) for one in found]


def srv(*entries: tuple[int, int, int]) -> dict[str, list[str]]:
    """SRV records (priority, weight, port), all of the name node.test."""
    return {"SRV": [f"{priority} {weight} {port} node.test." for priority, weight, port in entries]}


def test_every_a_record_is_an_address_with_the_weight_of_the_target(world: Balanced, names: NameServer) -> None:
    names.zone["several.test"] = {"A": ["127.0.0.3", "127.0.0.2"]}
    pool(world, "several", "several.test:8000", 70)
    wait_until(lambda: addresses(world, "several") == [("127.0.0.2", 8000, 70), ("127.0.0.3", 8000, 70)])


def test_srv_records_bring_ports_and_weights(world: Balanced, names: NameServer) -> None:
    a, b, c = world.ports
    names.zone["node.test"] = {"A": ["127.0.0.1"]}
    names.zone["service.test"] = srv((1, 30, a), (1, 10, b), (2, 10, c))
    pool(world, "service", "service.test:8000")
    wait_until(lambda: len(addresses(world, "service")) == 2)
    assert world.spread("/service", 40) == Counter({a: 30, b: 10})
    answer = world.get("/service?sleep=0")
    assert answer.body["headers"]["Host"].startswith("service.test:")


def test_an_srv_weight_of_0_is_rare_and_a_port_of_0_is_the_targets(world: Balanced, names: NameServer) -> None:
    a, b, _ = world.ports
    names.zone["node.test"] = {"A": ["127.0.0.1"]}
    names.zone["rare.test"] = srv((1, 9, a), (1, 0, 0))
    pool(world, "rare", f"rare.test:{b}")
    assert world.spread("/rare", 20) == Counter({a: 18, b: 2})


def test_use_srv_name_sends_the_name_that_the_record_points_to(world: Balanced, names: NameServer) -> None:
    names.zone["node.test"] = {"A": ["127.0.0.1"]}
    names.zone["named.test"] = srv((1, 1, world.ports[0]))
    pool(world, "named", "named.test:8000", use_srv_name=True)
    assert world.get("/named?sleep=0").body["headers"]["Host"] == f"node.test:{world.ports[0]}"


def test_addresses_follow_the_records(world: Balanced, names: NameServer) -> None:
    names.zone["moving.test"] = {"A": ["127.0.0.2"]}
    pool(world, "moving", "moving.test:8000")
    wait_until(lambda: addresses(world, "moving") == [("127.0.0.2", 8000, 100)])
    names.zone["moving.test"] = {"A": ["127.0.0.3", "127.0.0.4"]}
    wait_until(lambda: [ip for ip, _, _ in addresses(world, "moving")] == ["127.0.0.3", "127.0.0.4"])
    del names.zone["moving.test"]
    wait_until(lambda: addresses(world, "moving") == [])
    assert world.get("/moving").status == 503
    names.zone["moving.test"] = {"A": ["127.0.0.5"]}
    wait_until(lambda: [ip for ip, _, _ in addresses(world, "moving")] == ["127.0.0.5"])


def test_what_is_known_holds_while_the_name_server_fails(world: Balanced, names: NameServer) -> None:
    names.zone["kept.test"] = {"A": ["127.0.0.1"]}
    pool(world, "kept", f"kept.test:{world.ports[0]}")
    assert world.chosen("/kept") == world.ports[0]
    names.fails = True
    try:
        wait_until(lambda: names.failures > 1)
        assert world.chosen("/kept") == world.ports[0]
    finally:
        names.fails = False


def test_a_service_that_no_upstream_is_named_after_has_every_address_in_turn(
    world: Balanced, names: NameServer
) -> None:
    names.zone["plain.test"] = {"A": ["127.0.0.1"]}
    names.zone["node.test"] = {"A": ["127.0.0.1"]}
    names.zone["plain-srv.test"] = srv(*((1, 1, port) for port in world.ports))
    for name, port in (("plain", world.ports[0]), ("plain-srv", 1)):
        world.kong.create("/services", {"name": name, "host": f"{name}.test", "port": port})
        world.kong.create(f"/services/{name}/routes", {"paths": [f"/{name}"]})
    assert world.chosen("/plain") == world.ports[0]
    assert set(world.spread("/plain-srv", 6)) == set(world.ports)


def test_a_name_server_that_fails_is_not_a_name_without_an_address(world: Balanced, names: NameServer) -> None:
    world.kong.create("/services", {"name": "unasked", "host": "unasked.test"})
    world.kong.create("/services/unasked/routes", {"paths": ["/unasked"]})
    answer = world.get("/unasked")
    assert (answer.status, answer.body["message"]) == (503, "name resolution failed")
    names.fails = True
    try:
        answer = world.get("/unasked")
    finally:
        names.fails = False
    assert (
        answer.status == 500 and "failed the initial dns/balancer resolve for 'unasked.test'" in answer.body["message"]
    )


def test_names_of_the_hosts_file_need_no_name_server(world: Balanced) -> None:
    pool(world, "hosts-file", f"localhost:{world.ports[0]}")
    assert world.chosen("/hosts-file") == world.ports[0]


def test_names_are_resolved_before_the_first_request(world: Balanced, names: NameServer) -> None:
    names.zone["early.test"] = {"A": ["127.0.0.1"]}
    pool(world, "early", f"early.test:{world.ports[0]}")
    code = (
        "local balancer = require('kong.runloop.balancer') local one = balancer.get_upstream_by_name('early') "
        "kong.response.exit(200, { balancer.get_balancer_health(one.id).balancer_health })"
    )
    world.upstream("asking", world.ports[0])
    world.kong.create("/routes/asking/plugins", {"name": "pre-function", "config": {"access": [code]}})
    wait_until(lambda: world.get("/asking").body == ["HEALTHY"])


@pytest.mark.parametrize("text", ["", "name.test", "10.0.0.1:x"])
def test_wrong_name_servers_are_one_line(text: str) -> None:
    command = [sys.executable, "-m", "local.kong", "--dns-resolver", text]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1].endswith(
        f"'{text}' are no name servers; write for example 10.0.0.2,127.0.0.1:5353"
    )
