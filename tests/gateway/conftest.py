"""The gateway of these tests: the embedded Kong, or a real one at KONG_ADMIN_URL and KONG_PROXY_URL."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.redis.binary import find_server
from local.redis.server import RedisServer
from tests.gateway.cluster import Cluster, running_cluster
from tests.gateway.deployed import DeployedModel
from tests.gateway.deployed_pool import DeployedPool
from tests.gateway.model_server import ModelServer, model_server
from tests.gateway.replicas import Replica, running_replicas
from tests.gateway.sharded_model import ShardedModel
from tests.kong.running import running_kong

REDIS_PASSWORD = "of-the-gateway-tests"
PROPAGATION_SECONDS = 1.5  # of a change to the workers of a real Kong with worker_state_update_frequency 0.2


@pytest.fixture(scope="session", params=["embedded", pytest.param("real", marks=pytest.mark.kong)])
def gateway(request: pytest.FixtureRequest) -> Iterator[tuple[str, str, Callable[[Callable[[], bool]], None]]]:
    """Admin URL, proxy URL, and how to wait until a change is served."""
    if request.param == "embedded":
        with running_kong("--client-body-buffer-size", "1m") as kong:
            yield kong.admin, kong.proxy, _settle
    elif "KONG_ADMIN_URL" in os.environ:
        yield os.environ["KONG_ADMIN_URL"], os.environ["KONG_PROXY_URL"], _settle_real
    else:
        pytest.skip("no real Kong: KONG_ADMIN_URL is not set")


def _settle(serves: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not serves():
        assert time.monotonic() < deadline, "the deployed route is not served"
        time.sleep(0.05)


def _settle_real(serves: Callable[[], bool]) -> None:
    _settle(serves)
    time.sleep(PROPAGATION_SECONDS)


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer(find_server(), "127.0.0.1", port=0, password=REDIS_PASSWORD)
    yield server
    server.stop()
    server.wait()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module is about the stores in its STORES, unless a test names its own (with_store)."""
    named = any("store" in marker.args for marker in metafunc.definition.iter_markers("parametrize"))
    if "store" in metafunc.fixturenames and not named:
        kinds = getattr(metafunc.module, "STORES", ("proxy-cache", "memory"))
        metafunc.parametrize("store", kinds, indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Where the answers are kept: arguments of the route."""
    if request.param == "sharded":  # the gateway's one node asks itself
        return {"cache": {"store": "memory"}, "shards": [urlsplit(request.getfixturevalue("gateway")[1]).netloc]}
    kept: dict[str, Any] = {"cache": {"store": request.param}}
    if request.param == "redis":
        url = urlsplit(request.getfixturevalue("redis_server").url)
        kept["redis"] = {"host": url.hostname, "port": url.port, "password": REDIS_PASSWORD, "tls": False}
        kept["redis"]["timeout_seconds"] = 5  # a busy machine is no broken one
    return kept


@pytest.fixture
def deploy(
    gateway, store: dict[str, Any], model: ModelServer, tmp_path: Path
) -> Iterator[Callable[..., DeployedModel]]:
    """deploy(cache={...}, access={...}) puts the model behind the gateway."""
    admin, proxy, settle = gateway
    with contextlib.ExitStack() as stack:

        def deployed(**args: Any) -> DeployedModel:
            made = DeployedModel(admin, proxy, tmp_path, settle, store, {"endpoint": model.url, **args})
            stack.callback(made.close)
            model.calls.clear()
            return made

        yield deployed


@pytest.fixture
def replicas() -> Iterator[list[Replica]]:
    with running_replicas("r0", "r1", "r2", "r3") as running:
        yield running


@pytest.fixture
def spare() -> Iterator[Replica]:
    """One more replica."""
    with running_replicas("spare") as [running]:
        yield running


@pytest.fixture
def pool(gateway, tmp_path: Path) -> Iterator[DeployedPool]:
    """A pool whose targets the test deploys."""
    admin, proxy, settle = gateway
    made = DeployedPool(admin, proxy, tmp_path, settle)
    yield made
    made.close()


@pytest.fixture(scope="module")
def lasting_cluster() -> Iterator[Cluster]:
    with running_cluster(3) as cluster:
        yield cluster


@pytest.fixture
def sharded(lasting_cluster: Cluster, tmp_path: Path, model: ModelServer) -> Iterator[Callable[..., ShardedModel]]:
    with contextlib.ExitStack() as stack:

        def made(**args: Any) -> ShardedModel:
            one = ShardedModel(lasting_cluster, tmp_path, model, **args)
            stack.callback(one.deployed.close)
            return one

        yield made
