"""What asking the shared cache itself finds: a real one, one that refuses, and none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ops.cache_checks import check_cache
from ops.cache_server import CacheServer
from ops.findings import Finding
from tests.stores.support.valkey import Valkey, free_port, valkey

SECRET = "s3cr3t-of-the-cache"


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with valkey(f"requirepass {SECRET}") as running:
        yield running


def found(server: Valkey, **others: Any) -> list[Finding]:
    options: dict[str, Any] = {"password": SECRET, "tls": False, **others}
    return list(check_cache(CacheServer(server.host, server.port, **options)))


def test_a_cache_that_lets_us_in_passes(server: Valkey) -> None:
    assert found(server) == []


def test_credentials_that_are_refused_are_an_error_without_them(server: Valkey) -> None:
    (finding,) = found(server, password="wr0ng-of-the-cache")
    assert (finding.check, finding.level) == ("shared cache", "error")
    assert finding.message.startswith(f"127.0.0.1:{server.port} refuses the default user: ")
    assert "wr0ng" not in str(finding)


def test_one_that_is_out_of_reach_is_a_warning() -> None:
    (finding,) = check_cache(CacheServer("127.0.0.1", free_port(), tls=False))
    assert finding.level == "warning"
    assert finding.message.startswith("from here, 127.0.0.1:")


def test_one_that_keeps_what_it_has_when_it_is_full_is_a_warning() -> None:
    with valkey("maxmemory 100mb", "maxmemory-policy noeviction") as full:
        (finding,) = found(full, password=None)
        assert (finding.level, finding.fix) == ("warning", "set its maxmemory-policy to allkeys-lru")
        full.client.config_set("maxmemory-policy", "volatile-lru")
        assert found(full, password=None) == []


def test_the_gateways_own_rights_are_enough_and_needed() -> None:
    rights = "resetchannels -@all +get +set +pttl +del +select"
    with valkey("maxmemory 100mb", f"user kong on >{SECRET} ~inference-edge:dev:* {rights}") as server:
        assert found(server, username="kong", key_prefix="inference-edge:dev") == []
        (finding,) = found(server, username="kong", key_prefix="inference-edge:prod")
        assert (finding.level, "permissions" in finding.message) == ("error", True)
