from __future__ import annotations

import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from local.world import REPEATING, LocalWorld, WorldError
from tests.world.support import eventually, is_gone


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_starts_the_gateway_and_a_model_for_each_version_and_stops_them() -> None:
    with LocalWorld({"1": 0, "2": 0}, latency_seconds=0) as world:
        pids = world.pids
        for url in (f"{world.admin}/status", *(url.replace("invocations", "ping") for url in world.endpoints.values())):
            with urllib.request.urlopen(url, timeout=10) as response:
                assert response.status == 200
        assert world.model_calls("1") == 0
        world.check()
    assert sorted(pids) == ["gateway", "model-1", "model-2"]
    assert all(is_gone(pid) for pid in pids.values())
    assert world.pids == {}


def test_starts_the_edge_when_it_is_asked_for() -> None:
    with LocalWorld(latency_seconds=0, edge_ports=(0, 0)) as world:
        pids = world.pids
        with urllib.request.urlopen(f"{world.edge_admin}/status", timeout=10) as response:
            assert response.status == 200
        with pytest.raises(urllib.error.HTTPError, match="403") as caught:  # it has no distribution yet
            urllib.request.urlopen(world.edge_proxy, timeout=10)
        caught.value.close()
    assert sorted(pids) == ["edge", "gateway", "model-1"]
    assert all(is_gone(pid) for pid in pids.values())


def test_further_gateway_nodes_follow_the_configuration_of_the_first() -> None:
    with LocalWorld(latency_seconds=0, node_ports=(0, 0)) as world:
        pids = world.pids
        assert world.proxies[0] == world.proxy
        assert len(set(world.proxies)) == 3
        service = {"name": "model", "url": world.endpoints["1"].replace("invocations", "ping")}
        httpx.post(f"{world.admin}/services", json=service).raise_for_status()
        httpx.post(f"{world.admin}/services/model/routes", json={"paths": ["/model"]}).raise_for_status()
        for proxy in world.proxies:
            assert eventually(lambda proxy=proxy: httpx.get(f"{proxy}/model").status_code == 200)
    assert sorted(pids) == ["gateway", "model-1", "node-2", "node-3"]
    assert all(is_gone(pid) for pid in pids.values())


def test_a_node_that_was_killed_comes_back_where_it_was() -> None:
    with LocalWorld(latency_seconds=0, node_ports=(0,)) as world:
        proxies = world.proxies
        world.kill("node-2")
        with pytest.raises(httpx.ConnectError):
            httpx.get(proxies[1])
        httpx.get(proxies[0])
        world.check()
        world.restart("node-2")
        assert world.proxies == proxies
        assert httpx.get(proxies[1]).status_code == 404


def test_chat_replicas_can_be_killed_and_terminated_and_come_back_where_they_were() -> None:
    with LocalWorld({}, latency_seconds=0, replicas={"large-1": 0, "large-2": 0}) as world:
        pids, addresses = world.pids, dict(world.replicas)
        assert sorted(pids) == ["gateway", "large-1", "large-2"]
        for name, address in addresses.items():
            assert httpx.get(f"http://{address}/ping").json() == {"status": "ready", "name": name}
        world.kill("large-1")
        world.terminate("large-2")
        for address in addresses.values():
            with pytest.raises(httpx.ConnectError):
                httpx.get(f"http://{address}/ping")
        world.check()
        world.restart("large-1", "large-2")
        assert world.replicas == addresses
        assert all(httpx.get(f"http://{address}/ping").status_code == 200 for address in addresses.values())
        pids |= world.pids
    assert all(is_gone(pid) for pid in pids.values())


def test_a_replica_that_is_terminated_answers_what_it_has() -> None:
    with LocalWorld({}, latency_seconds=0.5, replicas={"large-1": 0}) as world, ThreadPoolExecutor() as threads:
        url = f"http://{world.replicas['large-1']}"
        asked = {"model": "m", "prompt": "word " * 800, "max_tokens": 20}
        answer = threads.submit(httpx.post, f"{url}/v1/completions", json=asked, timeout=30)
        eventually(lambda: httpx.get(f"{url}/stats").json()["in_flight"])
        world.terminate("large-1")
        assert answer.result().status_code == 200


def test_a_gateway_can_be_one_that_repeats_lost_requests() -> None:
    with LocalWorld(latency_seconds=0, gateway_arguments=REPEATING) as world:
        assert httpx.get(f"{world.admin}/status").status_code == 200


def test_stops_everything_when_the_work_fails() -> None:
    pids: dict[str, int] = {}
    with pytest.raises(KeyboardInterrupt), LocalWorld(latency_seconds=0) as world:
        pids.update(world.pids)
        raise KeyboardInterrupt
    assert pids
    assert all(is_gone(pid) for pid in pids.values())


@pytest.mark.parametrize("part", ["model", "admin", "proxy", "edge admin", "edge proxy"])
def test_a_port_in_use_is_one_line_that_names_it_and_leaves_nothing_behind(part: str, taken_port: int) -> None:
    ports = dict.fromkeys(("model", "admin", "proxy", "edge admin", "edge proxy"), 0) | {part: taken_port}
    edge_ports = (ports["edge admin"], ports["edge proxy"])
    world = LocalWorld({"1": ports["model"]}, 0, ports["admin"], ports["proxy"], edge_ports=edge_ports)
    with pytest.raises(WorldError) as caught, world:
        pass
    assert str(taken_port) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert world.pids == {}


def test_a_gateway_that_dies_is_named() -> None:
    with LocalWorld(latency_seconds=0) as world:
        os.kill(world.pids["gateway"], signal.SIGKILL)
        eventually(lambda: is_gone(world.pids["gateway"]))
        with pytest.raises(WorldError, match="gateway was ended by SIGKILL"):
            world.check()
