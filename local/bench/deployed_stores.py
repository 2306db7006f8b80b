"""One model for each store of answers, deployed on a gateway for the time of a with block."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local import PROJECT_DIR
from local.bench.gateway_node import GatewayNode
from local.demo.gateway import wait_for_route
from local.demo.target import Target
from local.deploy import open_engine
from local.stack_file import MODELS, StackFile
from local.world import LocalWorld

STACK = "shared"
STORES = ("proxy-cache", "memory", "redis")


@contextmanager
def deployed_stores(
    world: LocalWorld,
    node: GatewayNode,
    endpoint: str,
    stores: Sequence[str],
    cache: Mapping[str, Any] | None = None,
    access: Mapping[str, Any] | None = None,
) -> Iterator[dict[str, Target]]:
    """Deploy the stack `shared` with one model for each store, and yield where to ask, by store.

    stores: among them redis, which that stack is about. cache and access: more settings of every model. Raises
    EngineError, httpx.HTTPError and TimeoutError.
    """
    config = StackFile(PROJECT_DIR, STACK).moved(
        node.admin, node.proxy, endpoint, "1", redis_url=world.redis_url, redis_password=world.redis_password
    )
    config[MODELS] = [
        {
            "name": f"digits-{store}",
            "version": "1",
            "endpoint": endpoint,
            "cache": {"store": store, **(cache or {})},
            "access": dict(access or {}),
        }
        for store in stores
    ]
    with tempfile.TemporaryDirectory(prefix="inference-edge-") as state_dir:
        engine = open_engine("embedded", STACK, Path(state_dir), config)
        try:
            engine.up()
            targets = Target.each(engine.outputs(show_secrets=True))
            for target in targets.values():
                wait_for_route(target.url)
            yield {store: targets[f"digits-{store}"] for store in stores}
        finally:
            engine.destroy()
