"""Where a model's answers are kept when it is not proxy-cache, as the deployed Lua needs it."""

import dataclasses
import hashlib
import re
from typing import Any, Optional

_NAME_SAFE = re.compile(rb"[A-Za-z0-9._-]")  # no glob characters, and none that end a part of an entry's name


@dataclasses.dataclass(frozen=True)
class RedisSettings:
    """A Redis or Valkey server that all nodes share, or any node of a cluster. Times in seconds."""

    host: str
    port: int
    username: Optional[str]
    password: Optional[str] = dataclasses.field(repr=False)
    database: int
    tls: bool
    key_prefix: str
    timeout_seconds: float
    retry_seconds: float

    def lua_values(self, model: str, version: str, generation: int) -> dict[str, Any]:
        """What store_redis.lua needs. A pool of connections is named after who Kong is there, by a digest."""
        who = f"{self.tls}\n{self.database}\n{self.username or ''}\n{self.password or ''}"
        return {
            "host": self.host,
            "port": self.port,
            "username": self.username,
            "password": self.password,
            "database": self.database,
            "tls": self.tls,
            "prefix": entry_prefix(self.key_prefix, model, version, generation),
            "timeout_milliseconds": max(1, round(self.timeout_seconds * 1000)),
            "retry_seconds": self.retry_seconds,
            "pool": hashlib.sha256(who.encode()).hexdigest()[:16],
        }


@dataclasses.dataclass(frozen=True)
class StoreSettings:
    """A store of our own: `redis`, or the node's memory without it. Times in seconds."""

    answer_headers: tuple[str, ...]
    stale_while_revalidate_seconds: int = 0
    stale_if_error_seconds: int = 0
    redis: Optional[RedisSettings] = None

    @property
    def kind(self) -> str:
        """redis or memory."""
        return "redis" if self.redis else "memory"

    def lua_values(self, model: str, version: str, generation: int) -> dict[str, Any]:
        """What store_*.lua and entry.lua need."""
        values = {
            "store": self.kind,
            "answer_headers": list(self.answer_headers),
            "stale_while_revalidate_seconds": self.stale_while_revalidate_seconds,
            "stale_if_error_seconds": self.stale_if_error_seconds,
            "stale_seconds": max(self.stale_while_revalidate_seconds, self.stale_if_error_seconds),
        }
        if self.redis:
            values["redis"] = self.redis.lua_values(model, version, generation)
        return values


def entry_prefix(key_prefix: str, model: str, version: str, generation: int) -> str:
    """What the names of a model's entries in Redis begin with: <key prefix>:<model>@<version>:<generation>:"""
    return f"{key_prefix}:{model}@{_safe(version)}:{generation}:"


def _safe(text: str) -> str:
    parts = (bytes([byte]) for byte in text.encode())
    return "".join(part.decode() if _NAME_SAFE.fullmatch(part) else f"%{part[0]:02X}" for part in parts)
