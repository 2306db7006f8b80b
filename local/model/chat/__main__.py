"""python -m local.model.chat --bind 127.0.0.1:8080 --name large-1 [--latency-seconds 1.0] [--cache-blocks 1024]"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys

from aiohttp import web

from local.model.chat.server import ChatServer
from local.model.chat.speed import Speed
from local.model.options import add_bind, add_latency

_BATCH = 8


def main() -> int:
    """Serve until SIGTERM or SIGINT, then answer what is in flight; print one line of JSON when ready."""
    arguments = _arguments()
    try:
        asyncio.run(_serve(arguments))
    except OSError as error:
        host, port = arguments.bind
        reason = os.strerror(error.errno) if error.errno else str(error)
        print(f"chat replica: cannot listen on {host}:{port}: {reason}; choose another --bind", file=sys.stderr)
        return 1
    return 0


async def _serve(arguments: argparse.Namespace) -> None:
    server = ChatServer(arguments.name, Speed(arguments.latency_seconds), arguments.cache_blocks, _BATCH)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(server.app(), access_log=None, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, *arguments.bind)
        await site.start()
        host, port = runner.addresses[0][:2]
        print(json.dumps({"replica": f"http://{host}:{port}", "name": arguments.name}), flush=True)
        await stop.wait()
        await site.stop()
        await server.drain()
    finally:
        await runner.cleanup()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.model.chat", description="A replica of a chat model.")
    add_bind(parser)
    parser.add_argument("--name", required=True, help="what it calls itself in its answers")
    add_latency(parser, "what it takes to read a prompt of 16,384 characters, to write is slower")
    parser.add_argument("--cache-blocks", type=_blocks, default=1024, help="of 64 characters each (default 1024)")
    return parser.parse_args()


def _blocks(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of blocks")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
