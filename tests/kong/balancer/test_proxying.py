"""Requests to a service whose host is an upstream's name."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import closing
from typing import Any

import pytest

from tests.kong.balancer.balanced import Balanced
from tests.kong.event_stream import Client, event_server
from tests.kong.running import free_port, send

KEYS = [f"key-{number}" for number in range(40)]


def test_round_robin_follows_the_weights(world: Balanced) -> None:
    a, b, c = world.ports
    world.upstream("weights", a, b, (c, 200))
    assert world.spread("/weights", 80) == {a: 20, b: 20, c: 40}


def test_weight_0_drains_and_a_new_target_is_used_at_once(world: Balanced) -> None:
    a, b, c = world.ports
    world.upstream("drain", a, b)
    send(world.kong.admin, "PATCH", f"/upstreams/drain/targets/127.0.0.1:{a}", body={"weight": 0})
    assert world.spread("/drain", 10) == {b: 10}
    world.add("drain", c)
    assert world.spread("/drain", 10) == {b: 5, c: 5}
    send(world.kong.admin, "DELETE", f"/upstreams/drain/targets/127.0.0.1:{b}")
    assert world.spread("/drain", 10) == {c: 10}


def test_without_a_usable_target_kong_answers_503(world: Balanced) -> None:
    world.upstream("none")
    world.upstream("zero", (world.ports[0], 0))
    for path in ("/none", "/zero"):
        answer = world.get(path)
        assert answer.status == 503
        assert answer.body["message"] == "failure to get a peer from the ring-balancer"


def test_an_upstream_that_is_deleted_leaves_the_service_a_plain_host(world: Balanced) -> None:
    world.upstream("gone.invalid", world.ports[0])
    assert world.chosen("/gone.invalid") == world.ports[0]
    send(world.kong.admin, "DELETE", "/upstreams/gone.invalid")
    answer = world.get("/gone.invalid")
    assert (answer.status, answer.body["message"]) == (503, "name resolution failed")


def test_names_are_resolved(world: Balanced) -> None:
    world.upstream("names", host_header=None)
    world.kong.create("/upstreams/names/targets", {"target": f"localhost:{world.ports[0]}"})
    answer = world.get("/names?sleep=0")
    assert answer.body["headers"]["Host"] == f"localhost:{world.ports[0]}"
    world.kong.create("/upstreams/names/targets", {"target": f"localhost:{world.ports[1]}"})
    assert world.spread("/names", 4) == {world.ports[0]: 2, world.ports[1]: 2}


def test_the_host_header_is_the_upstreams_else_the_targets(world: Balanced) -> None:
    port = world.ports[0]
    world.upstream("plain", port)
    world.upstream("hosted", port, host_header="models.test")
    assert world.get("/plain?sleep=0").body["headers"]["Host"] == f"127.0.0.1:{port}"
    assert world.get("/hosted?sleep=0").body["headers"]["Host"] == f"models.test:{port}"
    send(world.kong.admin, "PATCH", "/routes/hosted", body={"preserve_host": True})
    assert world.get("/hosted?sleep=0", {"Host": "client.test"}).body["headers"]["Host"] == "client.test"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_is_retried_at_another_target(world: Balanced, method: str) -> None:
    name = f"retry-{method.lower()}"
    world.upstream(name, world.ports[0], free_port(), service={"retries": 5})
    answers = [world.get(f"/{name}?sleep=0", method=method) for _ in range(8)]
    assert {answer.status for answer in answers} == {200}


def test_a_broken_answer_to_a_post_is_not_retried_and_to_a_get_is(world: Balanced) -> None:
    def requests() -> int:
        return sum(send(f"http://127.0.0.1:{port}", "GET", "/?sleep=0").body["n"] for port in world.ports)

    world.upstream("broken", *world.ports, service={"retries": 2})
    before = requests()
    assert world.get("/broken?close=1&sleep=0", method="POST").status == 502
    after_post = requests()
    assert world.get("/broken?close=1&sleep=0").status == 502
    assert after_post - before == 1 + len(world.ports)
    # A try over a kept connection that breaks is repeated over a new one.
    assert requests() - after_post >= 3 + len(world.ports)


def test_a_header_of_the_client_decides(world: Balanced) -> None:
    world.upstream("header", *world.ports, hash_on="header", hash_on_header="X-Digest")
    first = {key: world.chosen("/header", {"X-Digest": key}) for key in KEYS}
    assert set(first.values()) == set(world.ports)
    assert {key: world.chosen("/header", {"x-digest": key}) for key in KEYS} == first


def test_without_the_header_all_go_to_one(world: Balanced) -> None:
    world.upstream("absent", *world.ports, hash_on="header", hash_on_header="X-Digest")
    assert len(world.spread("/absent", 12)) == 1


def test_a_header_that_a_plugin_sets_decides(world: Balanced) -> None:
    world.upstream("computed", *world.ports, hash_on="header", hash_on_header="Xpredictionkey")
    code = 'kong.service.request.set_header("Xpredictionkey", kong.request.get_query_arg("key"))'
    world.kong.create("/routes/computed/plugins", {"name": "post-function", "config": {"access": [code]}})
    world.upstream("given", *world.ports, hash_on="header", hash_on_header="Xpredictionkey")
    for key in KEYS:
        expected = world.chosen("/given", {"Xpredictionkey": key})
        assert world.chosen(f"/computed?key={key}", {"Xpredictionkey": "spoofed"}) == expected


def test_path_query_and_fallback_decide(world: Balanced) -> None:
    world.upstream("by-path", *world.ports, hash_on="path")
    assert len({world.chosen(f"/by-path/{key}") for key in KEYS}) == 3
    assert world.chosen("/by-path/a%20b") == world.chosen("/by-path//a%20b")
    world.upstream(
        "by-query", *world.ports, hash_on="query_arg", hash_on_query_arg="k", hash_fallback="header",
        hash_fallback_header="X-Digest",
    )  # fmt: skip
    by_query = {key: world.chosen(f"/by-query?k={key}") for key in KEYS}
    assert len(set(by_query.values())) == 3
    assert {key: world.chosen("/by-query", {"X-Digest": key}) for key in KEYS} == by_query
    assert world.chosen("/by-query?k=b&k=a") == world.chosen("/by-query?k=a&k=b")


def test_a_group_of_the_routes_path_decides(world: Balanced) -> None:
    world.upstream("by-group", *world.ports, hash_on="uri_capture", hash_on_uri_capture="user")
    send(world.kong.admin, "PATCH", "/routes/by-group", body={"paths": [r"~/by-group/(?<user>\w+)/"]})
    chosen = {key: world.chosen(f"/by-group/{key.replace('-', '_')}/one") for key in KEYS}
    assert len(set(chosen.values())) == 3
    assert {key: world.chosen(f"/by-group/{key.replace('-', '_')}/other") for key in KEYS} == chosen


def test_the_clients_address_decides(world: Balanced) -> None:
    world.upstream("by-ip", *world.ports, hash_on="ip")
    assert len(world.spread("/by-ip", 9)) == 1


def test_the_consumer_decides(world: Balanced) -> None:
    world.upstream("by-consumer", *world.ports, hash_on="consumer", hash_fallback="ip")
    world.kong.create("/routes/by-consumer/plugins", {"name": "key-auth"})
    chosen: dict[str, set[int]] = {}
    for key in KEYS[:20]:
        world.kong.create("/consumers", {"username": key})
        world.kong.create(f"/consumers/{key}/key-auth", {"key": key})
        spoofed = {"apikey": key, "X-Consumer-ID": "spoofed"}
        chosen[key] = {world.chosen("/by-consumer", {"apikey": key}), world.chosen("/by-consumer", spoofed)}
    assert all(len(ports) == 1 for ports in chosen.values()) and len(set.union(*chosen.values())) == 3


def test_a_client_without_the_cookie_gets_one_that_brings_it_back(world: Balanced) -> None:
    world.upstream("by-cookie", *world.ports, hash_on="cookie", hash_on_cookie="sid", hash_on_cookie_path="/p")
    answer = world.get("/by-cookie?sleep=0")
    cookie = answer.header("Set-Cookie") or ""
    assert cookie.startswith("sid=") and cookie.endswith("; Path=/p; Same-Site=Lax; HttpOnly")
    back = world.get("/by-cookie?sleep=0", {"Cookie": f"a=b; {cookie.partition(';')[0]}"})
    assert back.body["by"] == answer.body["by"] and back.header("Set-Cookie") is None


def test_least_connections_avoids_the_busy_target(world: Balanced) -> None:
    a, b, _ = world.ports
    world.upstream("busy", a, b, algorithm="least-connections")
    answered: list[Any] = []
    slow = threading.Thread(target=lambda: answered.append(world.get("/busy?sleep=1500")))
    slow.start()
    free = Counter[int]()
    while slow.is_alive() and len(free) < 2 and sum(free.values()) < 20:
        free[world.chosen("/busy")] += 1
    slow.join()
    busy = int(answered[0].body["by"][1:])
    assert free[busy] <= 1 and sum(free.values()) >= 2


def test_metrics_show_the_health_of_targets_when_the_plugin_says_so(world: Balanced) -> None:
    a = world.ports[0]
    world.upstream("shown", a)
    assert "kong_upstream_target_health" not in str(send(world.kong.admin, "GET", "/metrics").body)
    world.kong.create("/plugins", {"name": "prometheus", "config": {"upstream_health_metrics": True}})
    labels = f'upstream="shown",target="127.0.0.1:{a}",address="127.0.0.1:{a}"'
    text = send(world.kong.admin, "GET", "/metrics").body
    assert f'kong_upstream_target_health{{{labels},state="healthchecks_off",subsystem="http"}} 1\n' in text
    assert f'kong_upstream_target_health{{{labels},state="healthy",subsystem="http"}} 0\n' in text


def test_a_name_that_does_not_resolve_does_not_stop_the_others(world: Balanced) -> None:
    world.upstream("half-named", world.ports[0])
    world.kong.create("/upstreams/half-named/targets", {"target": "no-such-host.invalid:80"})
    assert world.spread("/half-named", 5) == {world.ports[0]: 5}


def test_least_connections_counts_a_stream_until_it_ends(world: Balanced) -> None:
    with event_server() as server:
        world.upstream("streams", (server.port, 3), (world.ports[0], 2), algorithm="least-connections")
        client = Client.of(world.kong.proxy, "/streams")
        conversation = server.accept()
        with closing(client.connection), closing(conversation.connection):
            conversation.begin(b"X-Accel-Buffering: no")
            conversation.event("first")
            assert "200 OK" in client.head() and client.chunk() == "data: first\n\n"
            assert world.spread("/streams", 4) == {world.ports[0]: 4}
            conversation.end()
            assert client.chunk() == ""
        again = Client.of(world.kong.proxy, "/streams")
        with closing(again.connection), closing(server.accept().connection):
            pass


def test_without_the_header_the_fallback_spreads(world: Balanced) -> None:
    fallback: dict[str, Any] = {"hash_fallback": "query_arg", "hash_fallback_query_arg": "k"}
    world.upstream("spread", *world.ports, hash_on="header", hash_on_header="X-Digest", **fallback)
    assert len({world.chosen(f"/spread?k={key}") for key in KEYS}) == 3
    assert len({world.chosen(f"/spread?k={key}", {"X-Digest": "one"}) for key in KEYS}) == 1
