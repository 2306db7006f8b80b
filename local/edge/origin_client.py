"""Sends requests to origins, with their attempts, timeouts and errors."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Protocol
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDict
from yarl import URL

LOG = logging.getLogger("local.edge")
_ASCII = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "#")


class OriginError(Exception):
    """No answer from the origin: 502 (not reached, broken connection or answer), 504 (too slow)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Endpoint(Protocol):
    """Where an origin is and how long it is waited for; times in seconds, completion_timeout_seconds 0: no limit.

    attempts: how often a connection is tried; retries_slow_gets: also a GET or HEAD that got no answer in time.
    headers_timeout_seconds: from the start until the headers of the answer; 0: no limit of its own.
    """

    @property
    def scheme(self) -> str: ...

    @property
    def domain(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def attempts(self) -> int: ...

    @property
    def retries_slow_gets(self) -> bool: ...

    @property
    def connect_timeout_seconds(self) -> float: ...

    @property
    def headers_timeout_seconds(self) -> float: ...

    @property
    def read_timeout_seconds(self) -> float: ...

    @property
    def completion_timeout_seconds(self) -> float: ...


class OriginClient:
    """Keep-alive connections to origins; nothing is decoded, redirects are not followed.

    Usage:
        async with client.send(origin, "GET", "/p?a=1", headers, b"") as response: ...
    """

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=5),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            max_line_size=65536,
            max_field_size=65536,
        )
        self._tls = ssl.create_default_context()

    async def close(self) -> None:
        await self._session.close()

    async def send(
        self, origin: Endpoint, method: str, target: str, headers: CIMultiDict[str], body: bytes
    ) -> aiohttp.ClientResponse:
        """Return the answer, its body unread; raises OriginError."""
        url = URL(f"{origin.scheme}://{origin.domain}:{origin.port}{quote(target, safe=_ASCII)}", encoded=True)
        timeout = aiohttp.ClientTimeout(
            total=origin.completion_timeout_seconds or None,
            sock_connect=origin.connect_timeout_seconds,
            sock_read=origin.read_timeout_seconds,
        )
        for attempt in range(1, origin.attempts + 1):
            try:
                async with asyncio.timeout(origin.headers_timeout_seconds or None):
                    return await self._session.request(
                        method,
                        url,
                        headers=headers,
                        data=body or None,
                        timeout=timeout,
                        allow_redirects=False,
                        ssl=self._tls,
                    )
            except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
                failure = _failure(origin, error)
                LOG.warning("%s", failure)
                sent = not isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
                again = not sent or (origin.retries_slow_gets and method in ("GET", "HEAD"))
                if attempt == origin.attempts or not again:
                    raise failure from None
        raise AssertionError("unreachable")


def _failure(origin: Endpoint, error: Exception) -> OriginError:
    slow = isinstance(error, asyncio.TimeoutError)
    reason = "did not answer in time" if slow else f"cannot be used: {type(error).__name__}"
    return OriginError(504 if slow else 502, f"origin {origin.domain}:{origin.port} {reason}")
