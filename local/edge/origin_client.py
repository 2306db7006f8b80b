"""Sends requests to origins, with CloudFront's attempts, timeouts and errors."""

from __future__ import annotations

import asyncio
import logging
import ssl
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from local.edge.origin import Origin

LOG = logging.getLogger("local.edge")
_ASCII = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "#")


class OriginError(Exception):
    """No answer from the origin: 502 (not reached, broken connection or answer), 504 (too slow)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class OriginClient:
    """Keep-alive connections to origins; nothing is decoded, redirects are not followed.

    Usage:
        async with client.send(origin, "GET", "/p?a=1", headers, b"") as response: ...

    A connection is tried connectionAttempts times; a GET or HEAD that got no answer within the response timeout too,
    other methods are sent once. Source: CloudFront Developer Guide, "Origin connection timeout and attempts", "Origin
    response timeout", "HTTP 502", "HTTP 504 status code".
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
        self, origin: Origin, method: str, target: str, headers: CIMultiDict[str], body: bytes
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
                if attempt == origin.attempts or (sent and method not in ("GET", "HEAD")):
                    raise failure from None
        raise AssertionError("unreachable")


def _failure(origin: Origin, error: Exception) -> OriginError:
    slow = isinstance(error, asyncio.TimeoutError)
    reason = "did not answer in time" if slow else f"cannot be used: {type(error).__name__}"
    return OriginError(504 if slow else 502, f"origin {origin.host} {reason}")
