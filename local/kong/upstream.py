"""Sends a request to the upstream of a service, with Kong's retries and errors."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

LOG = logging.getLogger("local.kong")
IDEMPOTENT = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"}


@dataclass
class UpstreamError(Exception):
    """No answer: the status for the client, and Kong's own message where nginx's error page does not speak."""

    status: int
    message: str | None = None


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

    async def send(
        self, service: Mapping[str, Any], scheme: str, method: str, target: str, headers: CIMultiDict[str], body: bytes
    ) -> aiohttp.ClientResponse:
        """The upstream's answer, its body unread.

        Retries `service["retries"]` times: a refused or timed-out connection always, a broken or silent one when the
        method is idempotent. Errors: UpstreamError 502, 503 (name resolution) or 504.
        """
        url = URL(f"{scheme}://{service['host']}:{service['port']}{target}", encoded=True)
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=service["connect_timeout"] / 1000, sock_read=service["read_timeout"] / 1000
        )
        attempts = 1 + (5 if service["retries"] is None else service["retries"])
        for attempt in range(1, attempts + 1):
            try:
                return await self._session.request(
                    method,
                    url,
                    headers=headers,
                    data=body or None,
                    timeout=timeout,
                    allow_redirects=False,
                    ssl=self._tls if service["tls_verify"] else self._unverified_tls,
                )
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                failure = _failure(error)
                sent = not isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
                LOG.warning(
                    "upstream %s:%s: %s", service["host"], service["port"], failure.message or type(error).__name__
                )
                if attempt == attempts or (sent and method not in IDEMPOTENT) or failure.message:
                    raise failure from None
        raise AssertionError("unreachable")


def _failure(error: Exception) -> UpstreamError:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return UpstreamError(503, "name resolution failed")
    return UpstreamError(504 if isinstance(error, asyncio.TimeoutError) else 502)
