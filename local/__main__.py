"""python -m local [--stack dev] [--latency-seconds 1]: the local world on the ports of the stack's config file."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading

import httpx
from rich.console import Console

from client.twin import twin_of
from local import PROJECT_DIR
from local.deploy import STATE_DIR
from local.stack_file import StackFile, StackFileError
from local.world import REPEATING, LocalWorld, WorldError

_CHECK_SECONDS = 1.0
# The viewers' side of the edge: no stack file names it, because callers know it by a domain name.
_EDGE_PROXY_PORT = 8003
# The second gateway node, which a stack with a shared cache has on this machine.
_SECOND_PROXY_PORT = 8004
_QUESTION = b'{"instances":[[%s]]}' % b",".join([b"0,4,16,8"] * 16)


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
    stack = StackFile(PROJECT_DIR, arguments.stack).require_local()
    console = Console(highlight=False)
    is_shared = stack.redis_port is not None
    world = LocalWorld(
        {} if stack.model_port is None else {"1": stack.model_port},
        arguments.latency_seconds,
        stack.admin_port,
        stack.proxy_port,
        edge_ports=None if stack.edge_port is None else (stack.edge_port, _EDGE_PROXY_PORT),
        node_ports=[_SECOND_PROXY_PORT] if is_shared else [],
        redis_port=stack.redis_port,
        redis_password="",  # as the committed stack file, which can hold no secret
        gateway_arguments=REPEATING if stack.repeats_lost_requests else (),
        replicas=stack.replicas,
    )
    with world:
        console.print(f"Admin API  {world.admin}\nproxy      {world.proxy}")
        for name, address in {"model": world.endpoints.get("1"), **_urls(world, stack)}.items():
            if address:
                console.print(f"{name:<10} {address}")
        if is_shared:
            name = world.proxy.removeprefix("http://")
            console.print(f"proxy 2    {world.proxies[1]}  (it shares answers under one name: -H 'Host: {name}')")
            console.print(f"Valkey     {world.redis_url}  (for this machine, without a password)")
        if world.edge_proxy:
            console.print(f"edge       {world.edge_proxy}  (its admin side: {world.edge_admin})")
        console.print(f"{_latency(world, arguments.latency_seconds)}; Ctrl-C stops all")
        if (STATE_DIR / f"{arguments.stack}.engine").exists():
            console.print(
                f"nothing of the last deployment is left here, so first: make refresh STACK={arguments.stack}"
            )
        console.print(f"deploy with: make up STACK={arguments.stack}")
        if world.edge_proxy:
            console.print("then ask the edge twice, X-Cache tells of a miss and of a hit:")
            host = f" -H 'Host: {stack.edge_host}'" if stack.edge_host else ""
            console.print(f"  curl -si{host} '{get_url(world.edge_proxy + stack.predict_path)}'", soft_wrap=True)
        if world.replicas:
            console.print(
                "then ask for a model, X-Replica and X-Prefix-Cache tell who answered, and whether it was warm:"
            )
            console.print(chat_command(world.proxy, arguments.stack, *stack.entry), markup=False, soft_wrap=True)
        while not stop.wait(_CHECK_SECONDS):
            world.check()
    console.print("stopped")


def chat_command(proxy: str, stack: str, path: str, model: str) -> str:
    """Return how to ask a stack's chat model for an answer that is kept: one without chance."""
    body = json.dumps({"model": model, "temperature": 0, "messages": [{"role": "user", "content": "Hello"}]})
    key = (
        f"KEY=$(.venv/bin/python -m local.deploy outputs --stack {stack} --show-secrets |\n"
        """    .venv/bin/python -c 'import json, sys; print(json.load(sys.stdin)["consumerKeys"]["default"])')"""
    )
    headers = """-H "Authorization: Bearer $KEY" -H 'Content-Type: application/json'"""
    return f"  {key}\n  curl -si {proxy}{path} {headers} --data '{body}'"


def _urls(world: LocalWorld, stack: StackFile) -> dict[str, str]:
    return {name: f"http://{world.replicas[name]}" for name in stack.replicas}


def _latency(world: LocalWorld, seconds: float) -> str:
    if world.replicas:
        return f"a prompt of 16,384 characters, of which none is cached, takes {seconds:g} s to read"
    return f"every prediction has {seconds:g} s of latency added"


def get_url(url: str) -> httpx.URL:
    """Return the URL that asks the digits model one question with GET, as the client transport does."""
    twin = twin_of(httpx.Request("POST", url), _QUESTION)
    assert twin is not None
    return twin.url


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local", description="The local world, until Ctrl-C.")
    parser.add_argument("--stack", default="dev", help="the stack whose config file names the ports (default dev)")
    parser.add_argument(
        "--latency-seconds",
        type=float,
        default=1.0,
        help="of the model, see --latency-seconds of local.model (default 1)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
