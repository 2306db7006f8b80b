"""python -m local.redis [--bind 127.0.0.1:0] [--password-file FILE]: a Valkey server until it is told to stop.

Prints its URL and process id as one line of JSON when ready.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from local.redis.binary import NoServerError, find_server
from local.redis.server import RedisServer


def main() -> int:
    """Run until SIGTERM or SIGINT; exit with the server's own code when it ends by itself."""
    arguments = _arguments()
    try:
        program = find_server()
    except NoServerError as error:
        print(error, file=sys.stderr)
        return 1
    password = arguments.password_file.read_text().strip() if arguments.password_file else ""
    host, port = arguments.bind
    server = RedisServer(program, host, port, password)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    print(json.dumps({"url": server.url, "pid": server.pid}), flush=True)
    return server.wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.redis", description="A Valkey server for one machine.")
    parser.add_argument(
        "--bind", type=_address, default=("127.0.0.1", 6379), metavar="HOST:PORT", help="port 0 takes a free one"
    )
    parser.add_argument("--password-file", type=Path, help="default: no password, for this machine alone")
    return parser.parse_args()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not an address; write for example 127.0.0.1:6379")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main())
