"""Sends a request to the upstream of a service, with Kong's retries and errors."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from local.kong.attempts import Attempt, Attempts
from local.kong.balancer.address import parse
from local.kong.balancer.resolver import ResolveError, Resolver

LOG = logging.getLogger("local.kong")
# nginx's $request_method of a request that must not be sent twice.
NON_IDEMPOTENT = {"POST", "LOCK", "PATCH"}
NEXT_UPSTREAM = frozenset({"error", "timeout", "non_idempotent"})
DEFAULT_NEXT_UPSTREAM = "error timeout"
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
    """Every try goes to the service's own host, to one of its addresses after the other."""

    def __init__(self, resolver: Resolver, host: str, port: int) -> None:
        self._resolver, self._host, self._port = resolver, host, port

    async def next(self) -> Peer:
        """Raises UpstreamError 503 when the host has no address, 500 when no name server says so."""
        found = parse(self._host)
        if found is None or found.kind != "name":
            return Peer(found.host if found else self._host, self._port, self._host)
        try:
            ip, port = await self._resolver.pick(self._host, self._port)
        except ResolveError as error:
            LOG.warning("%s: %s", self._host, error.message)
            if error.is_final:
                raise UpstreamError(503, "name resolution failed") from None
            problem = f"failed the initial dns/balancer resolve for '{self._host}' with: {error.message}"
            raise UpstreamError(500, problem) from None
        return Peer(ip, port, self._host)

    def failed(self, timed_out: bool) -> None: ...
    def finish(self, status: int | None) -> None: ...


@dataclass(frozen=True)
class Outgoing:
    """A request for the upstream. `host`: the Host header, None for the peer's; `body` gives the body for one try.

    `retries`: tries after the first one.
    """

    scheme: str
    method: str
    target: str
    headers: CIMultiDict[str]
    host: str | None
    body: Callable[[], Any]
    retries: int
    connect_seconds: float
    read_seconds: float
    verifies_tls: bool


class Upstream:
    """The client side of the gateway: keep-alive connections, nothing added to or decoded from what passes.

    `next_upstream`: nginx's proxy_next_upstream, some of NEXT_UPSTREAM or off.
    """

    def __init__(self, next_upstream: str = DEFAULT_NEXT_UPSTREAM) -> None:
        self._next_upstream = frozenset(next_upstream.split())
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_is_reused)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=15),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            max_line_size=65536,
            max_field_size=65536,
            trace_configs=[trace],
        )
        # aiohttp's own repeat is of the same peer and is not limited by `retries`.
        self._session._retry_connection = False
        self._tls = ssl.create_default_context()
        self._unverified_tls = ssl.create_default_context()
        self._unverified_tls.check_hostname = False
        self._unverified_tls.verify_mode = ssl.CERT_NONE

    async def close(self) -> None:
        await self._session.close()

    async def send(self, request: Outgoing, tries: Tries, attempts: Attempts) -> aiohttp.ClientResponse:
        """The upstream's answer, its body unread; `attempts` gets every try.

        A try that failed is repeated as nginx does: if `next_upstream` has the failure (error, timeout), and
        non_idempotent too when a POST had been sent. One over a kept connection that broke counts for nothing.
        Errors: UpstreamError 502, 503 (name resolution, no peer) or 504.
        """
        left = request.retries
        while True:
            peer = await tries.next()
            attempt = attempts.begin(peer.host, peer.port, peer.name)
            try:
                answer = await self._try(request, peer, attempt)
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                failure = _failure(error)
                attempt.has_failed(failure.status)
                LOG.warning("upstream %s:%s: %s", peer.host, peer.port, type(error).__name__)
                kinds = _kinds(error, request.method)
                left -= not (attempt.is_reused and "error" in kinds)
                if left < 0 or not kinds <= self._next_upstream:
                    raise failure from None
                tries.failed(failure.status == 504)
            else:
                attempt.answered(answer.status)
                return answer

    async def _try(self, request: Outgoing, peer: Peer, attempt: Attempt) -> aiohttp.ClientResponse:
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
                total=None, sock_connect=request.connect_seconds, sock_read=request.read_seconds
            ),
            allow_redirects=False,
            trace_request_ctx=attempt,
            ssl=self._tls if request.verifies_tls else self._unverified_tls,
            server_hostname=host.rpartition(":")[0] or host if request.scheme == "https" else None,
        )


async def _is_reused(session: aiohttp.ClientSession, context: Any, parameters: object) -> None:
    context.trace_request_ctx.is_reused = True


def _kinds(error: Exception, method: str) -> set[str]:
    """What proxy_next_upstream must have for this failure to be repeated."""
    if isinstance(error, aiohttp.ClientResponseError):
        return {"invalid_header"}
    kinds = {"timeout" if isinstance(error, asyncio.TimeoutError) else "error"}
    sent = not isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
    return kinds | ({"non_idempotent"} if sent and method in NON_IDEMPOTENT else set())


def _failure(error: Exception) -> UpstreamError:
    return UpstreamError(504 if isinstance(error, asyncio.TimeoutError) else 502)
