"""An embedded Kong for Lua, a Redis server and one whose answers a test plays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kong.lua_world import LuaWorld
from tests.kong.redis_servers import PlayedServer, played_server, running_redis
from tests.kong.running import echo_upstream, running_kong


@pytest.fixture(scope="module")
def world() -> Iterator[LuaWorld]:
    with echo_upstream() as port, running_kong("--shared-dict", "prediction_cache=8m") as kong:
        yield LuaWorld(kong, port)


@pytest.fixture(scope="module")
def redis() -> Iterator[int]:
    with running_redis() as port:
        yield port


@pytest.fixture
def played() -> Iterator[PlayedServer]:
    with played_server() as server:
        yield server
