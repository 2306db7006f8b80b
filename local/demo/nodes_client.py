"""Asks several gateway nodes in turn, as a load balancer in front of them does."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from local.demo.client import PredictionClient
from local.demo.target import Target


class NodesClient(PredictionClient):
    """Posts predictions to the nodes of one gateway, one after the other.

    Usage as PredictionClient: NodesClient(target, world.proxies, clients=4).send(workload.predictions)
    """

    def __init__(self, target: Target, proxies: Sequence[str], clients: int = 4) -> None:
        nodes = [target.at_node(proxy) for proxy in proxies]
        super().__init__(nodes[0].url, nodes[0].headers, clients)
        self._urls = itertools.cycle(node.url for node in nodes)

    def _next_url(self) -> str:
        return next(self._urls)
