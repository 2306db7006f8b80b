"""How full the shared cache of a stack is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.engine.errors import EngineError
from ops.cache_server import CacheServer, CacheServerError
from ops.deployed_route import DeployedRoute
from ops.stack_config import StackConfig


@dataclass(frozen=True)
class CacheUsage:
    """The sums over the primaries of the server's cluster, or the server alone."""

    address: str
    used_bytes: int
    max_bytes: int
    """0: no limit, or none that it tells."""
    evicted_keys: int
    """Since the server's start."""

    @classmethod
    def of(cls, server: CacheServer) -> CacheUsage:
        """As the server tells it (INFO). Raises CacheServerError."""
        from redis.exceptions import RedisError

        try:
            with server.primaries() as primaries:
                told = [_info(each) for each in primaries]
            return cls(server.address, _sum(told, "used_memory"), _sum(told, "maxmemory"), _sum(told, "evicted_keys"))
        except (RedisError, ValueError, TypeError, AttributeError, OverflowError):  # it speaks otherwise
            raise CacheServerError(f"what answers at {server.address} is no Redis or Valkey") from None


def cache_server_of(config: StackConfig, project_dir: Path, state_dir: Path) -> CacheServer | None:
    """The shared cache of the stack's models: as its file says, or as it was made by the last deployment.

    Raises CacheServerError when there should be one, and nothing says where.
    """
    users = [model.name for model in config.settings.models if model.cache.enabled and model.cache.store == "redis"]
    if not users:
        return None
    if config.cache_server is not None:
        return config.cache_server
    try:
        route = DeployedRoute.find(project_dir, state_dir, config.stack, users[0])
    except EngineError as error:
        raise CacheServerError(str(error)) from error
    if route is None or route.server is None:
        raise CacheServerError(f"it is not deployed from here: make up STACK={config.stack}")
    return route.server


def _info(server: Any) -> dict[str, Any]:
    return {**server.info("memory"), **server.info("stats")}


def _sum(told: Sequence[dict[str, Any]], name: str) -> int:
    return sum(int(about.get(name) or 0) for about in told)
