"""python -m local.model --bind 127.0.0.1:8080 [--latency-seconds 1.0] [--model-version 1]"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys

from aiohttp import web

from local.model.classifier import VERSIONS, DigitsClassifier
from local.model.options import add_bind, add_latency
from local.model.server import ModelServer


def main() -> int:
    """Serve until SIGTERM or SIGINT; print one line of JSON when ready."""
    arguments = _arguments()
    try:
        asyncio.run(_serve(arguments))
    except OSError as error:
        host, port = arguments.bind
        reason = os.strerror(error.errno) if error.errno else str(error)
        print(f"model: cannot listen on {host}:{port}: {reason}; choose another --bind", file=sys.stderr)
        return 1
    return 0


async def _serve(arguments: argparse.Namespace) -> None:
    server = ModelServer(DigitsClassifier(arguments.model_version), arguments.latency_seconds)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    host, port = arguments.bind
    try:
        await web.TCPSite(runner, host, port).start()
        print(json.dumps(_ready(runner.addresses[0], arguments)), flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()


def _ready(address: tuple[str, int], arguments: argparse.Namespace) -> dict[str, object]:
    return {
        "endpoint": f"http://{address[0]}:{address[1]}/invocations",
        "model_version": arguments.model_version,
        "added_latency_seconds": arguments.latency_seconds,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.model", description="The digits classifier over HTTP.")
    add_bind(parser)
    add_latency(parser, "added to every prediction")
    parser.add_argument("--model-version", choices=VERSIONS, default="1")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
