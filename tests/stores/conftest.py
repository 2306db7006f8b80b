"""A real gateway, model and Valkey, with a server between them that breaks on request."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.gateway.conftest import PROPAGATION_SECONDS
from tests.gateway.deployed import DeployedModel
from tests.gateway.model_server import model_server
from tests.kong.running import running_kong
from tests.stores.support.asking import Asking
from tests.stores.support.faulty_redis import FaultyRedis, faulty_redis
from tests.stores.support.valkey import Valkey, valkey

TIMEOUT_SECONDS = 0.1
RETRY_SECONDS = 1.0
PASSWORD = "p4ssword-of-the-cache"


@dataclass(frozen=True)
class Gateway:
    """The gateway of these tests: the embedded Kong, or a real one."""

    admin: str
    proxy: str
    propagation_seconds: float


@pytest.fixture(scope="session", params=["embedded", pytest.param("real", marks=pytest.mark.kong)])
def kong(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    if request.param == "embedded":
        with running_kong("--client-body-buffer-size", "1m") as running:
            yield Gateway(running.admin, running.proxy, 0)
    elif "KONG_ADMIN_URL" in os.environ:
        yield Gateway(os.environ["KONG_ADMIN_URL"], os.environ["KONG_PROXY_URL"], PROPAGATION_SECONDS)
    else:
        pytest.skip("no real Kong: KONG_ADMIN_URL is not set")


@pytest.fixture(scope="session")
def server() -> Iterator[Valkey]:
    with valkey(f"requirepass {PASSWORD}", "maxmemory 64mb", "maxmemory-policy allkeys-lru") as running:
        yield running


@pytest.fixture(scope="session")
def faulty(server: Valkey) -> Iterator[FaultyRedis]:
    with faulty_redis(server.port) as running:
        yield running


@pytest.fixture(scope="session")
def deployed(
    kong: Gateway, faulty: FaultyRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Asking]]:
    """deployed(version="2", ...) puts a model of its own behind the gateway, which keeps its answers there."""
    with contextlib.ExitStack() as stack:

        def settle(serves: Callable[[], bool]) -> None:
            deadline = time.monotonic() + 20
            while not serves():
                assert time.monotonic() < deadline, "the deployed route is not served"
                time.sleep(0.05)
            time.sleep(kong.propagation_seconds)

        def deploy(**args: Any) -> Asking:
            model = stack.enter_context(model_server())
            redis = {
                "host": faulty.host,
                "port": faulty.port,
                "tls": False,
                "password": PASSWORD,
                "timeout_seconds": TIMEOUT_SECONDS,
                "retry_seconds": RETRY_SECONDS,
            }
            given = {"endpoint": model.url, "access": {"mode": "open"}, **args}
            store = {"cache": {"store": "redis"}, "redis": redis}
            folder = tmp_path_factory.mktemp("deployed")
            made = DeployedModel(kong.admin, kong.proxy, folder, settle, store, given)
            stack.callback(made.close)
            return Asking(made, model, folder)

        yield deploy


@pytest.fixture(scope="session")
def shared_asking(deployed: Callable[..., Asking]) -> Asking:
    return deployed()


@pytest.fixture
def asking(shared_asking: Asking, faulty: FaultyRedis, server: Valkey) -> Iterator[Asking]:
    """A model whose shared cache works at the beginning, and is healed at the end."""
    faulty.heal()
    server.client.flushall()
    shared_asking.wait_until_stored({"healed": shared_asking.next_number()})
    faulty.forget()
    yield shared_asking
    faulty.heal()
