"""The Admin API of upstreams and targets, where the recorded exchanges say nothing."""

from __future__ import annotations

from typing import Any

import pytest

from local.kong.balancer.address import HostPort, parse
from tests.kong.balancer.balanced import Balanced
from tests.kong.running import send


def test_an_upstream_is_found_by_name_and_id_and_takes_its_targets_along(world: Balanced) -> None:
    made = world.kong.create("/upstreams", {"name": "whole"})
    by_target = world.kong.create("/upstreams/whole/targets", {"target": "a.test:80", "tags": ["t"]})
    assert send(world.kong.admin, "GET", f"/upstreams/{made['id']}/targets/{by_target['id']}").body == by_target
    assert send(world.kong.admin, "GET", "/targets").body["data"] == [by_target]
    assert send(world.kong.admin, "GET", f"/targets/{by_target['id']}/upstream").body["name"] == "whole"
    tagged = send(world.kong.admin, "GET", "/tags/t").body["data"]
    assert tagged == [{"entity_name": "targets", "entity_id": by_target["id"], "tag": "t"}]
    assert send(world.kong.admin, "DELETE", "/upstreams/whole").status == 204
    assert send(world.kong.admin, "GET", f"/targets/{by_target['id']}").status == 404


@pytest.mark.parametrize(
    ("given", "algorithm", "hash_on"),
    [
        ({"algorithm": "consistent-hashing"}, "round-robin", "none"),
        ({"algorithm": "round-robin", "hash_on": "ip"}, "consistent-hashing", "ip"),
        ({"algorithm": "least-connections", "hash_on": "ip"}, "least-connections", "none"),
        ({"algorithm": "latency"}, "latency", "none"),
        ({"hash_on": None}, "round-robin", "none"),
    ],
)
def test_algorithm_and_hash_on_decide_each_other(
    world: Balanced, given: dict[str, Any], algorithm: str, hash_on: str
) -> None:
    answer = send(world.kong.admin, "PUT", "/upstreams/decided", body=given)
    assert (answer.body["algorithm"], answer.body["hash_on"]) == (algorithm, hash_on)


def test_a_patch_of_hash_on_changes_the_algorithm(world: Balanced) -> None:
    send(world.kong.admin, "PUT", "/upstreams/patched", body={"algorithm": "least-connections"})
    assert send(world.kong.admin, "PATCH", "/upstreams/patched", body={"hash_on": "ip"}).body["algorithm"] == (
        "consistent-hashing"
    )
    back = send(world.kong.admin, "PATCH", "/upstreams/patched", body={"algorithm": "latency"}).body
    assert (back["algorithm"], back["hash_on"]) == ("latency", "none")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"hash_fallback": "ip"}, "hash_fallback: expected one of: none"),
        ({"hash_on": "ip", "hash_fallback": "ip"}, "hash_fallback: expected one of: none, consumer, header"),
        ({"hash_on": "query_arg"}, "hash_on_query_arg: required field missing"),
        ({"hash_on": "ip", "hash_fallback": "cookie"}, "hash_on_cookie: required field missing"),
        (
            {"hash_on": "header", "hash_on_header": "X", "hash_fallback": "header", "hash_fallback_header": "X"},
            "values of these fields must be distinct: 'hash_on_header', 'hash_fallback_header'",
        ),
        ({"hash_on": "header", "hash_on_header": "bad name"}, "hash_on_header: header name 'bad name' is invalid"),
        ({"host_header": "a b"}, "host_header: invalid hostname: a b"),
        ({"healthchecks": {"active": {"type": "ping"}}}, "expected one of: tcp, http, https, grpc, grpcs"),
        ({"healthchecks": {"active": {"concurrency": 0}}}, "value should be between 1 and 2147483648"),
        ({"healthchecks": {"active": {"https_sni": "10.0.0.1"}}}, "must not be an IP"),
    ],
)
def test_wrong_upstreams_are_refused(world: Balanced, given: dict[str, Any], message: str) -> None:
    answer = send(world.kong.admin, "PUT", "/upstreams/wrong", body=given)
    assert answer.status == 400 and message in answer.body["message"]


def test_targets_are_listed_newest_first_page_by_page(world: Balanced) -> None:
    world.kong.create("/upstreams", {"name": "many"})
    made = [world.kong.create("/upstreams/many/targets", {"target": f"10.0.0.{number}"}) for number in range(5)]
    names, path = [], "/upstreams/many/targets?size=2"
    while path:
        page = send(world.kong.admin, "GET", path).body
        names += [row["target"] for row in page["data"]]
        path = page["next"]
    newest_first = sorted(made, key=lambda row: (row["created_at"], row["id"]), reverse=True)
    assert names == [row["target"] for row in newest_first] and names[0].endswith(":8000")
    assert send(world.kong.admin, "GET", "/upstreams/many/targets?offset=x").status == 400


def test_put_of_a_target_keeps_what_it_does_not_name(world: Balanced) -> None:
    world.kong.create("/upstreams", {"name": "put"})
    made = world.kong.create("/upstreams/put/targets", {"target": "a.test:80", "weight": 7, "tags": ["t"]})
    answer = send(world.kong.admin, "PUT", "/upstreams/put/targets/a.test:80", body={"weight": 9})
    assert answer.status == 200 and answer.body == {**made, "weight": 9, "updated_at": answer.body["updated_at"]}


@pytest.mark.parametrize(
    "path", ["/upstreams/nobody/health", "/upstreams/nobody/targets", "/upstreams/nobody/targets/x/healthy"]
)
def test_below_an_unknown_upstream_there_is_nothing(world: Balanced, path: str) -> None:
    answer = send(world.kong.admin, "PUT" if path.endswith("healthy") else "GET", path)
    assert (answer.status, answer.body) == (404, {"message": "Not found"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.test", HostPort("name", "a.test", None)),
        ("a_b-c.test:81", HostPort("name", "a_b-c.test", 81)),
        ("10.0.0.1:8000", HostPort("ipv4", "10.0.0.1", 8000)),
        ("[::1]:80", HostPort("ipv6", "0000:0000:0000:0000:0000:0000:0000:0001", 80)),
        ("fe80::1", HostPort("ipv6", "fe80:0000:0000:0000:0000:0000:0000:0001", None)),
        ("10.0.0.256", None),
        ("a..test", None),
        ("a-.test", None),
        ("a.test:65536", None),
        ("a b", None),
        ("::zz", None),
        ("", None),
    ],
)
def test_addresses_are_read_as_kong_reads_them(text: str, found: HostPort | None) -> None:
    assert parse(text) == found
