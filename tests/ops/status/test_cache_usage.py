"""What a real shared cache tells of itself, and every way of it not telling."""

from __future__ import annotations

import pytest

from ops.cache_server import CacheServer, CacheServerError
from ops.status.cache_usage import CacheUsage
from tests.ops.status.hostile import hostile
from tests.stores.support.valkey import free_port, valkey

SECRET = "s3cr3t-of-the-cache"


def test_it_tells_how_full_it_is_and_what_it_gave_up() -> None:
    with valkey(f"requirepass {SECRET}", "maxmemory 4mb", "maxmemory-policy allkeys-lru") as server:
        for number in range(100):
            server.client.set(f"name-{number}", b"x" * 100_000)
        told = CacheUsage.of(CacheServer(server.host, server.port, password=SECRET, tls=False))
        assert (told.address, told.max_bytes) == (f"127.0.0.1:{server.port}", 4 * 2**20)
        assert told.evicted_keys == 100 - len(list(server.client.scan_iter()))
        assert 0 < told.evicted_keys < 100
        assert 2**20 < told.used_bytes <= 4 * 2**20


def test_one_without_a_limit_has_none() -> None:
    with valkey() as server:
        told = CacheUsage.of(CacheServer(server.host, server.port, tls=False))
        assert (told.max_bytes, told.evicted_keys) == (0, 0)


def test_one_that_is_out_of_reach_is_told() -> None:
    with pytest.raises(CacheServerError, match="cannot be reached: Connection refused"):
        CacheUsage.of(CacheServer("127.0.0.1", free_port(), tls=False))


def test_a_user_without_the_right_is_told_without_the_password() -> None:
    with valkey(f"user kong on >{SECRET} ~* -@all +get") as server, pytest.raises(CacheServerError) as raised:
        CacheUsage.of(CacheServer(server.host, server.port, username="kong", password=SECRET, tls=False))
    assert "permissions" in str(raised.value)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"+OK\r\n",
        b"*1\r\n:7\r\n",
        b"$-1\r\n",
        b"$17\r\nused_memory:many\r\n\r\n",
    ],
)
def test_what_is_no_cache_server_is_told(answer: bytes) -> None:
    with hostile(answer * 10) as uri:
        port = int(uri.rpartition(":")[2])
        with pytest.raises(CacheServerError, match=f"127.0.0.1:{port}"):
            CacheUsage.of(CacheServer("127.0.0.1", port, tls=False))
