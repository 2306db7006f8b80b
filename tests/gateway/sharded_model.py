"""A model whose answers are divided among the nodes of a cluster."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.gateway.cluster import Cluster, Node
from tests.gateway.deployed import DeployedModel, Reply, encoded, reply_of
from tests.gateway.model_server import ModelServer

BODY = b'{"x": 1}'


class ShardedModel:
    """A model behind all nodes of a cluster. sharded.ask(node, body)"""

    def __init__(self, cluster: Cluster, scratch: Path, model: ModelServer, **args: Any) -> None:
        self.cluster, self.store = cluster, {"cache": {"store": "memory"}, "shards": _addresses(cluster)}
        given = {"endpoint": model.url, **args}
        self.deployed = DeployedModel(cluster.admin, cluster.nodes[0].proxy, scratch, until, self.store, given)
        self.model = model
        self.settle()
        model.calls.clear()

    @property
    def url(self) -> str:
        return self.deployed.url

    @property
    def shard_path(self) -> str:
        """The way to a shard, for the nodes alone."""
        return f"/-/shards/{self.deployed.kong_name}"

    def shard_with(self, nodes: int) -> None:
        """Deploys with one more node, or as many as there shall be."""
        self.store["shards"] = _addresses(self.cluster)[:nodes]
        self.deployed.deploy()
        self.settle()

    def replicate(self) -> None:
        """Deploys without shards."""
        del self.store["shards"]
        del self.deployed.args["shards"]
        self.deployed.deploy()

    def settle(self) -> None:
        """Waits until every node that lives has the routes."""
        for node in self.cluster.nodes:
            if node.process.poll() is None:
                until(lambda: httpx.post(node.proxy + self.url).status_code != 404)  # noqa: B023
                until(lambda: httpx.post(node.proxy + self.shard_path).status_code == 403)  # noqa: B023

    def ask(self, node: Node, body: bytes = BODY, key: str | None = "web", **headers: str) -> Reply:
        """By POST."""
        given = {"host": "one.test", **{name.replace("_", "-"): value for name, value in headers.items()}}
        with httpx.Client(base_url=node.proxy, timeout=60) as client:
            return reply_of(client.post(self.url, content=body, headers=self.deployed.headers(key, given)))

    def get(self, node: Node, body: bytes = BODY) -> Reply:
        """By GET, as a shared cache does."""
        given = {"host": "one.test", "x-model-version": self.deployed.version_token}
        sent = [pair for pair in self.deployed.headers("web", given) if pair[0] != "content-type"]
        with httpx.Client(base_url=node.proxy, timeout=60) as client:
            return reply_of(client.get(f"{self.url}?input={encoded(body)}", headers=sent))

    def answers(self, replies: list[Reply], bodies: list[bytes]) -> None:
        """All of them are right."""
        assert {reply.status for reply in replies} == {200}
        assert [reply.answer for reply in replies] == [self.model.answer_to(body) for body in bodies]


def _addresses(cluster: Cluster) -> list[str]:
    return [node.address for node in cluster.nodes]


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def around(nodes: list[Node], bodies: list[bytes]) -> list[tuple[Node, bytes]]:
    """The bodies, each asked of the next node."""
    return list(zip(itertools.cycle(nodes), bodies, strict=False))
