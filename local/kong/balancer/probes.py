"""Active health checks: asks every address of an upstream again and again."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from local.kong.balancer.health import Health
from local.kong.balancer.target import Address


class Probes:
    """The probing of one upstream, as asyncio tasks from `start` to `stop`.

    Healthy and unhealthy addresses are asked at intervals of their own. As in Kong, only addresses with a weight are,
    and `type: tcp` asks nothing: such checks are for streams.
    """

    def __init__(self, health: Health, addresses: Callable[[], Iterable[Address]]) -> None:
        self._health, self._addresses = health, addresses
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, active: Mapping[str, Any], host_header: str | None) -> None:
        """Begins anew with this configuration. Needs a running loop."""
        self.stop()
        if active["type"] == "tcp":
            return
        for name, available in (("healthy", True), ("unhealthy", False)):
            if active[name]["interval"]:
                self._tasks.append(asyncio.create_task(self._ask_again(active, host_header, name, available)))

    def stop(self) -> None:
        """Ends all probing."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    async def _ask_again(self, active: Mapping[str, Any], host_header: str | None, name: str, available: bool) -> None:
        limit = asyncio.Semaphore(active["concurrency"])

        async def ask(address: Address) -> None:
            async with limit:
                await self._ask(active, host_header, address)

        while True:
            await asyncio.sleep(active[name]["interval"])
            due = [address for address in self._addresses() if address.weight and address.available == available]
            await asyncio.gather(*(ask(address) for address in due))

    async def _ask(self, active: Mapping[str, Any], host_header: str | None, address: Address) -> None:
        host = host_header or address.hostname
        try:
            async with asyncio.timeout(active["timeout"] or None):
                status = await _status(active, host, address)
        except TimeoutError:
            self._health.report_timeout(address, "active")
        except (OSError, EOFError):
            self._health.report_tcp_failure(address, "active")
        else:
            self._health.report_status(address, status, "active")


async def _status(active: Mapping[str, Any], host: str, address: Address) -> int:
    """The status of one GET; 0 when the answer is not HTTP."""
    tls = _tls(active["https_verify_certificate"]) if active["type"] == "https" else None
    server_name = (active["https_sni"] or host) if tls else None
    reader, writer = await asyncio.open_connection(address.ip, address.port, ssl=tls, server_hostname=server_name)
    try:
        headers = active["headers"] or {}
        extra = "".join(f"{name}: {value}\r\n" for name, values in headers.items() for value in values)
        writer.write(f"GET {active['http_path']} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{extra}\r\n".encode())
        line = await reader.readuntil(b"\n")
    finally:
        writer.close()
    found = re.match(rb"HTTP/\d+\.\d+\s+(\d+)", line)
    return int(found[1]) if found else 0


def _tls(verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
