"""python -m local [--stack dev] [--latency-seconds 1]: the local world on the ports of the stack's config file."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from rich.console import Console

from local import PROJECT_DIR
from local.stack_file import StackFile, StackFileError
from local.world import LocalWorld, WorldError

_CHECK_SECONDS = 1.0


def main() -> int:
    """Run until Ctrl-C or SIGTERM; exit 1 when a part does not start or dies."""
    arguments = _arguments()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        _run(arguments, stop)
    except (StackFileError, WorldError) as error:
        print(f"local world: {error}", file=sys.stderr)
        return 1
    return 0


def _run(arguments: argparse.Namespace, stop: threading.Event) -> None:
    stack = StackFile(PROJECT_DIR, arguments.stack)
    console = Console(highlight=False)
    world = LocalWorld({"1": stack.model_port}, arguments.latency_seconds, stack.admin_port, stack.proxy_port)
    with world:
        console.print(f"Admin API  {world.admin}\nproxy      {world.proxy}\nmodel      {world.endpoints['1']}")
        console.print(f"every prediction has {arguments.latency_seconds:g} s of latency added; Ctrl-C stops all")
        console.print(f"deploy with: make up STACK={arguments.stack}")
        while not stop.wait(_CHECK_SECONDS):
            world.check()
    console.print("stopped")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local", description="The local world, until Ctrl-C.")
    parser.add_argument("--stack", default="dev", help="the stack whose config file names the ports (default dev)")
    parser.add_argument("--latency-seconds", type=float, default=1.0, help="added to every prediction (default 1)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
