"""Several embedded Kong nodes of one cluster, which can be added and killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from tests.gateway.deployed import DeployedModel, Reply, reply_of
from tests.kong.running import ROOT

AT_ONCE = 40


@dataclass(frozen=True)
class Node:
    """A running node."""

    proxy: str
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        """host:port, as a shard."""
        return urlsplit(self.proxy).netloc

    def kill(self) -> None:
        """At once, whatever it is doing."""
        self.process.kill()
        self.process.wait()


class Cluster:
    """The first node has the Admin API, the others follow it. cluster.nodes, cluster.add()"""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self.nodes: list[Node] = []
        self.admin = self._start("--admin", "127.0.0.1:0")["admin"]

    def add(self) -> Node:
        """One more node."""
        self._start("--follow", self.admin)
        return self.nodes[-1]

    def _start(self, *options: str) -> dict[str, str]:
        command = [sys.executable, "-m", "local.kong", *options, "--proxy", "127.0.0.1:0"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self._stack.callback(_stop, process)
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        self.nodes.append(Node(ready["proxy"], process))
        return ready


@contextlib.contextmanager
def running_cluster(count: int) -> Iterator[Cluster]:
    """`count` nodes."""
    with contextlib.ExitStack() as stack:
        cluster = Cluster(stack)
        for _ in range(count - 1):
            cluster.add()
        yield cluster


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def ask_nodes(deployed: DeployedModel, questions: Sequence[tuple[Node, bytes]]) -> list[Reply]:
    """Asks each node its question, many at once, all under one host name."""

    async def run() -> list[Reply]:
        given = deployed.headers("web", {"host": "one.test"})
        gate = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncClient(timeout=120, limits=httpx.Limits(max_connections=None)) as client:

            async def ask(node: Node, body: bytes) -> Reply:
                async with gate:
                    return reply_of(await client.post(node.proxy + deployed.url, content=body, headers=given))

            return await asyncio.gather(*(ask(node, body) for node, body in questions))

    return asyncio.run(run())
