"""The shared cache of a stack as its operator reaches it: a Redis or Valkey server, or a cluster of them.

Usage::

    cache = CacheServer.of_inputs(redis)                   # the gateway's own `redis` inputs, from the stack's state
    with cache.connected() as server: server.get("name")   # raises CacheServerError
    with cache.primaries() as servers: ...                 # that server alone, or every primary of its cluster
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from components.gateway import arguments as defaults

if TYPE_CHECKING:
    from redis import Redis

_TIMEOUT_SECONDS = 2.0


class CacheServerError(Exception):
    """The shared cache cannot be used; the text is for a person and holds no secret.

    `refused`: it was reached, and does not take what is asked (credentials, rights, database).
    """

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


@dataclass(frozen=True)
class CacheServer:
    """Where it is and who we are there; `tls` verifies the certificate."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: int = 0
    tls: bool = True
    ca_certificates: tuple[str, ...] = field(default=(), repr=False)
    """PEM texts of authorities that are trusted beside the usual ones."""
    key_prefix: str = str(defaults.REDIS["key_prefix"])

    @classmethod
    def of_inputs(cls, redis: Mapping[str, Any], ca_certificates: Sequence[str] = ()) -> CacheServer:
        """From the `redis` inputs of a KongCachedRoute, names in camelCase, secrets in clear."""
        return cls(
            host=redis["host"],
            port=int(redis["port"]),
            username=redis.get("username") or None,
            password=redis.get("password") or None,
            database=int(redis.get("database") or 0),
            tls=redis.get("tls", True) is not False,
            ca_certificates=tuple(ca_certificates),
            key_prefix=redis.get("keyPrefix") or cls.key_prefix,
        )

    @classmethod
    def of_url(cls, url: str, username: str | None, password: str | None, key_prefix: str) -> CacheServer:
        """From a `redis://` or `rediss://` URL without credentials; the path is the database."""
        parts = urlsplit(url)
        return cls(
            host=parts.hostname or "",
            port=parts.port or 6379,
            username=username,
            password=password,
            database=int(unquote(parts.path).strip("/") or 0),
            tls=parts.scheme == "rediss",
            key_prefix=key_prefix,
        )

    @property
    def address(self) -> str:
        """``host:port``, for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @contextlib.contextmanager
    def connected(self) -> Iterator[Redis]:
        """A connection to the server. Raises CacheServerError, also in the block."""
        with self._in_words(), self._client(self.host, self.port, self.database) as client:
            yield client

    @contextlib.contextmanager
    def primaries(self) -> Iterator[list[Redis]]:
        """A connection to every primary of its cluster, or to the server alone. Raises as `connected`."""
        with contextlib.ExitStack() as opened:
            first = opened.enter_context(self.connected())
            others = _primaries(first)
            clients = [opened.enter_context(self._client(host or self.host, port)) for host, port in others]
            yield clients or [first]

    def _client(self, host: str, port: int, database: int = 0) -> Redis:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        return Redis(
            host,
            port,
            database,
            username=self.username,
            password=self.password,
            ssl=self.tls,
            ssl_ca_data="\n".join(self.ca_certificates) or None,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        from redis import exceptions

        try:
            yield
        except exceptions.TimeoutError:
            language = "TLS" if self.tls else "plain text"
            raise CacheServerError(f"{self.address} answers no {language} within {_TIMEOUT_SECONDS:g} s") from None
        except exceptions.AuthenticationError as error:  # also of a server that wants a password
            who = self.username or "the default user"
            raise CacheServerError(f"{self.address} refuses {who}: {_words(error)}", refused=True) from None
        except exceptions.ConnectionError as error:
            reason = _words(error).rpartition(". ")[2]  # before that it says where, once more
            raise CacheServerError(f"{self.address} cannot be reached: {reason}") from None
        except exceptions.ResponseError as error:
            raise CacheServerError(f"{self.address} answers: {_words(error)}", refused=True) from None


def _primaries(server: Redis) -> list[tuple[str, int]]:
    """Each primary of its cluster once, with an empty host where that is the server's own; none when it has no cluster.

    Source: redis.io/docs/latest/commands/cluster-slots.
    """
    from redis.exceptions import ResponseError

    try:
        slots: Any = server.execute_command("CLUSTER SLOTS")
    except ResponseError as error:
        if "cluster support disabled" in str(error):
            return []
        raise
    return sorted({(bytes(primary[0] or b"").decode(), int(primary[1])) for _, _, primary, *_ in slots})


def _words(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text.removesuffix(".")
