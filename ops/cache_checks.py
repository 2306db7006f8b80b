"""Whether the shared cache takes the gateway's place here, and makes room when it is full."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ops.cache_server import CacheServer, CacheServerError
from ops.findings import Finding

_SHARED_CACHE = "shared cache"


def check_cache(cache: CacheServer) -> Iterator[Finding]:
    """Reads a name as the gateway will, with the same credentials; it may be out of reach from here alone."""
    try:
        with cache.connected() as server:
            _read(server, f"{cache.key_prefix}:check")
            if _never_evicts(server):
                message = f"{cache.address} keeps what it has when it is full, so that no new answer is stored then"
                yield Finding(_SHARED_CACHE, message, "set its maxmemory-policy to allkeys-lru", "warning")
    except CacheServerError as error:
        if error.refused:
            yield Finding(_SHARED_CACHE, str(error), "correct inference-edge:sharedCache, or the user's rights there")
        else:
            fix = "if the gateway's network reaches it, all is well; else correct inference-edge:sharedCache"
            yield Finding(_SHARED_CACHE, f"from here, {error}", fix, "warning")


def _read(server: Any, name: str) -> None:
    from redis.exceptions import MovedError

    with contextlib.suppress(MovedError):  # another node of the cluster has it
        server.get(name)


def _never_evicts(server: Any) -> bool:
    from redis.exceptions import ResponseError

    with contextlib.suppress(ResponseError):  # a user who may not ask for it
        about = server.info("memory")
        return bool(about.get("maxmemory")) and about.get("maxmemory_policy") == "noeviction"
    return False
