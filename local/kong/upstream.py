"""Sends a request to the upstream of a service, with Kong's retries and errors."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import aiohttp
from multidict import CIMultiDict
from yarl import URL

LOG = logging.getLogger("local.kong")
IDEMPOTENT = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"}
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass
class UpstreamError(Exception):
    """No answer: the status for the client, and Kong's own message where nginx's error page does not speak."""

    status: int
    message: str | None = None


class Peer(NamedTuple):
    """Where one try goes: host or IP and port; `name` is for the Host header and TLS."""

    host: str
    port: int
    name: str

    def authority(self, scheme: str) -> str:
        """The Host header: the port only when it is not the scheme's own."""
        return self.name if DEFAULT_PORTS.get(scheme) == self.port else f"{self.name}:{self.port}"


class Tries(Protocol):
    """Chooses the peer of each try."""

    async def next(self) -> Peer: ...
    def failed(self, timed_out: bool) -> None: ...
    def finish(self, status: int | None) -> None: ...


class OneHost:
    """Every try goes to the service's own host."""

    def __init__(self, service: Mapping[str, Any]) -> None:
        self._peer = Peer(service["host"], service["port"], service["host"])

    async def next(self) -> Peer:
        return self._peer

    def failed(self, timed_out: bool) -> None: ...
    def finish(self, status: int | None) -> None: ...


@dataclass(frozen=True)
class Outgoing:
    """A request for the upstream. `host`: the Host header, None for the peer's; `body` gives the body for one try."""

    scheme: str
    method: str
    target: str
    headers: CIMultiDict[str]
    host: str | None
    body: Callable[[], Any]


class Upstream:
    """The client side of the gateway: keep-alive connections, nothing added to or decoded from what passes."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=15),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            max_line_size=65536,
            max_field_size=65536,
        )
        self._tls = ssl.create_default_context()
        self._unverified_tls = ssl.create_default_context()
        self._unverified_tls.check_hostname = False
        self._unverified_tls.verify_mode = ssl.CERT_NONE

    async def close(self) -> None:
        await self._session.close()

    async def send(self, service: Mapping[str, Any], request: Outgoing, tries: Tries) -> aiohttp.ClientResponse:
        """The upstream's answer, its body unread.

        Retries `service["retries"]` times: a refused or timed-out connection always, a broken or silent one when the
        method is idempotent. Errors: UpstreamError 502, 503 (name resolution, no peer) or 504.
        """
        attempts = 1 + (5 if service["retries"] is None else service["retries"])
        for attempt in range(1, attempts + 1):
            peer = await tries.next()
            try:
                return await self._try(service, request, peer)
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                failure = _failure(error)
                sent = not isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
                LOG.warning("upstream %s:%s: %s", peer.host, peer.port, failure.message or type(error).__name__)
                if attempt == attempts or (sent and request.method not in IDEMPOTENT) or failure.message:
                    raise failure from None
                tries.failed(failure.status == 504)
        raise AssertionError("unreachable")

    async def _try(self, service: Mapping[str, Any], request: Outgoing, peer: Peer) -> aiohttp.ClientResponse:
        host = request.host or peer.authority(request.scheme)
        headers = request.headers.copy()
        headers["Host"] = host
        location = f"[{peer.host}]" if ":" in peer.host else peer.host
        return await self._session.request(
            request.method,
            URL(f"{request.scheme}://{location}:{peer.port}{request.target}", encoded=True),
            headers=headers,
            data=request.body(),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=service["connect_timeout"] / 1000, sock_read=service["read_timeout"] / 1000
            ),
            allow_redirects=False,
            ssl=self._tls if service["tls_verify"] else self._unverified_tls,
            server_hostname=host.rpartition(":")[0] or host if request.scheme == "https" else None,
        )


def _failure(error: Exception) -> UpstreamError:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return UpstreamError(503, "name resolution failed")
    return UpstreamError(504 if isinstance(error, asyncio.TimeoutError) else 502)
