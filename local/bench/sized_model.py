"""python -m local.bench.sized_model [--port 0]: a model whose answer is as long as the request asks for.

POST /invocations with {"answer_bytes": 1000, ...} is answered at once with a JSON document of that many bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from aiohttp import web

_EMPTY = len(b'{"predictions": ""}')
_MAX_REQUEST_BYTES = 16 * 1024 * 1024


async def invocations(request: web.Request) -> web.Response:
    """Answer one request."""
    length = json.loads(await request.read())["answer_bytes"]
    body = json.dumps({"predictions": "x" * (length - _EMPTY)}).encode()
    return web.Response(body=body, content_type="application/json")


async def _serve(port: int) -> None:
    app = web.Application(client_max_size=_MAX_REQUEST_BYTES)
    app.router.add_post("/invocations", invocations)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        print(json.dumps({"endpoint": f"http://127.0.0.1:{runner.addresses[0][1]}/invocations"}), flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m local.bench.sized_model", description="Answers of a given length.")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    asyncio.run(_serve(parser.parse_args().port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
