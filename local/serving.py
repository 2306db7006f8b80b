"""An admin and a proxy address, served until the process is told to stop: the embedded Kong and the local edge."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable
from typing import Any

from aiohttp import web

Handle = Callable[[Any], Any]
Address = tuple[str, int]


async def serve_until_stopped(
    handles: tuple[Handle, Handle],
    addresses: tuple[Address, Address],
    listening: Callable[[str, str], None] = lambda admin, proxy: None,
) -> None:
    """Serve admin and proxy, in this order, until SIGTERM or SIGINT; port 0 takes a free one.

    When both listen, `listening` gets their `host:port`, and one line of JSON on stdout has their URLs. Raises
    SystemExit with a text for a person when an address cannot be listened on.
    """
    runners: list[web.ServerRunner] = []
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    try:
        admin, proxy = [
            await _listen(handle, address, runners) for handle, address in zip(handles, addresses, strict=True)
        ]
        listening(admin, proxy)
        print(json.dumps({"admin": f"http://{admin}", "proxy": f"http://{proxy}"}), flush=True)
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
