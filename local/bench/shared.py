"""What the stores of answers do and cost, on the local world's Valkey."""

from __future__ import annotations

from typing import Any

from local.bench.comparison import DesignComparison
from local.bench.cost import measure_cost
from local.bench.gateway_node import GatewayNode
from local.world import LocalWorld

_LATENCY_SECONDS = 0.2


def measure_designs() -> dict[str, Any]:
    """Compare FastAPI with Redis and this stack's stores, as DesignComparison does, with a model that takes 0.2 s."""
    with LocalWorld(latency_seconds=_LATENCY_SECONDS, redis_port=0) as world:
        return DesignComparison(world, GatewayNode.of(world), _LATENCY_SECONDS).run()


def measure_costs() -> dict[str, Any]:
    """Return what was measured, `gateway`, and `rows`: CPU time of a hit and size of an entry, by store and size."""
    with LocalWorld(latency_seconds=0, redis_port=0) as world:
        node = GatewayNode.of(world)
        return {"gateway": node.name, "rows": measure_cost(world, node)}
