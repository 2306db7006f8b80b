"""Starts the embedded Kong; see `python -m local.kong --help`. Prints its two URLs as one line of JSON when ready."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import re
import signal
import sys
from collections.abc import Callable
from typing import Any

from aiohttp import web

from local.kong.admin import AdminApi
from local.kong.gateway import MIB, VERSION, Gateway
from local.kong.proxy import Proxy
from local.kong.upstream import Upstream

UNITS = {"k": 1024, "m": MIB, "g": 1024 * MIB}


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)([kmg]?)", text.lower())
    if not found or int(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a size; write for example 8k or 128m")
    return int(found[1]) * UNITS.get(found[2], 1)


def _dictionary(text: str) -> tuple[str, int]:
    name, found, size = text.partition("=")
    if not found or not re.fullmatch(r"\w+", name):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a shared dictionary; write for example prediction_cache=128m"
        )
    return name, _size(size)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not an address; write for example 127.0.0.1:8001")
    return host, int(port)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.kong", description="An embedded Kong for one machine.")
    parser.add_argument(
        "--admin", type=_address, default="127.0.0.1:8001", metavar="HOST:PORT", help="Admin API; port 0: a free one"
    )
    parser.add_argument(
        "--proxy", type=_address, default="127.0.0.1:8000", metavar="HOST:PORT", help="proxy; port 0: a free one"
    )
    parser.add_argument(
        "--admin-token", metavar="TOKEN", help="required in the header Kong-Admin-Token of Admin requests"
    )
    parser.add_argument(
        "--shared-dict", type=_dictionary, action="append", metavar="NAME=SIZE", help="default prediction_cache=128m"
    )
    parser.add_argument(
        "--client-body-buffer-size", type=_size, default="1m", metavar="SIZE", help="bodies above it spill; default 1m"
    )
    return parser.parse_args()


async def _listen(handle: Callable[[Any], Any], address: tuple[str, int]) -> tuple[web.ServerRunner, str]:
    server = web.Server(
        handle,
        handler_cancellation=True,
        access_log=None,
        auto_decompress=False,
        max_headers=2000,
        max_line_size=65536,
        max_field_size=65536,
    )
    runner = web.ServerRunner(server)
    await runner.setup()
    await web.TCPSite(runner, *address, shutdown_timeout=1).start()
    host, port = runner.addresses[0][:2]
    return runner, f"{host}:{port}"


async def _serve(arguments: argparse.Namespace) -> None:
    dictionaries = dict(arguments.shared_dict or ()) or {"prediction_cache": 128 * MIB}
    gateway, upstream = Gateway(dictionaries, arguments.client_body_buffer_size), Upstream()
    api = AdminApi(gateway.store, gateway, VERSION, arguments.admin_token)
    runners: list[web.ServerRunner] = []
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    try:
        urls: list[str] = []
        for handle, address in ((api.handle, arguments.admin), (Proxy(gateway, upstream).handle, arguments.proxy)):
            try:
                runner, url = await _listen(handle, address)
            except OSError as error:
                number = error.errno or 0
                reason = os.strerror(number).lower() if number > 0 else error.strerror
                raise SystemExit(f"cannot listen on {address[0]}:{address[1]}: {reason}") from None
            runners.append(runner)
            urls.append(url)
        gateway.listening(*urls)
        print(json.dumps({"admin": f"http://{urls[0]}", "proxy": f"http://{urls[1]}"}), flush=True)
        await stop.wait()
    finally:
        for runner in runners:
            await runner.cleanup()
        await upstream.close()


def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(_serve(_arguments()))


if __name__ == "__main__":
    main()
