"""Addresses served until the process is told to stop: the embedded Kong and the local edge."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

Handle = Callable[[Any], Any]
Address = tuple[str, int]


def allow_many_connections() -> None:
    """Raise the soft limit of open files, 1024 or less on many machines, to the hard one, at most 20,000."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 20_000 if hard == resource.RLIM_INFINITY else min(hard, 20_000)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def serve_until_stopped(
    servers: Mapping[str, tuple[Handle, Address]],
    listening: Callable[[Mapping[str, str]], None] = lambda addresses: None,
) -> None:
    """Serve each, by name, until SIGTERM or SIGINT; port 0 takes a free one.

    When all listen, `listening` gets their `host:port` by name, and one line of JSON on stdout has their URLs. Raises
    SystemExit with a text for a person when an address cannot be listened on.
    """
    allow_many_connections()
    runners: list[web.ServerRunner] = []
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        taken = {name: await _listen(handle, address, runners) for name, (handle, address) in servers.items()}
        listening(taken)
        print(json.dumps({name: f"http://{address}" for name, address in taken.items()}), flush=True)
        await stop.wait()
    finally:
        for runner in runners:
            await runner.cleanup()


async def _listen(handle: Handle, address: Address, runners: list[web.ServerRunner]) -> str:
    """Begin to listen, note the runner, and return `host:port`."""
    server = web.Server(
        handle,
        handler_cancellation=True,
        access_log=None,
        auto_decompress=False,
        max_headers=2000,
        max_line_size=65536,
        max_field_size=65536,
    )
    runner = web.ServerRunner(server, shutdown_timeout=1)
    runners.append(runner)
    await runner.setup()
    try:
        await web.TCPSite(runner, *address).start()
    except OSError as error:
        number = error.errno or 0
        reason = os.strerror(number).lower() if number > 0 else error.strerror
        raise SystemExit(f"cannot listen on {address[0]}:{address[1]}: {reason}") from None
    host, port = runner.addresses[0][:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
