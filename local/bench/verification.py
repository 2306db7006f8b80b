"""What it costs the callers of cached answers that some hits are verified in the background."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from local import PROJECT_DIR
from local.bench.beside import beside
from local.bench.gateway_node import GatewayNode
from local.bench.load import LoadError
from local.bench.load_run import LoadRun, ask, warm_up
from local.demo.gateway import wait_for_route
from local.demo.row import percentile
from local.deploy import open_engine
from local.stack_file import MODELS, StackFile
from local.world import LocalWorld

# The first stands twice: how much the two differ is how much this machine is to be believed.
_MODELS: dict[str, dict[str, Any]] = {"off": {}, "off-again": {}, "on": {"verify": {"share": 0.01}}}
_STACK = "dev"
_ANSWER_BYTES = 1_000
_QUESTIONS = 20
_CONNECTIONS = 2
_ROUNDS, _RUN_SECONDS = 12, 1.0
_HEADERS = {"Content-Type": "application/json"}


def measure_verification() -> list[dict[str, Any]]:
    """Return by kind of model: milliseconds of its hits (p50, p99), each also beside those without verification.

    Three models on one gateway take turns: two without verification, one with a share of 1 %. With KONG_ADMIN_URL and
    KONG_PROXY_URL on that Kong, which must run on this machine. Raises EngineError, WorldError, LoadError and
    httpx.HTTPError.
    """
    with LocalWorld(latency_seconds=0) as world, beside("model", "local.bench.sized_model", []) as model:
        node = GatewayNode.of(world)
        config = StackFile(PROJECT_DIR, _STACK).moved(node.admin, node.proxy, model["endpoint"], "1")
        config[MODELS] = [_model(name, model["endpoint"], cache) for name, cache in _MODELS.items()]
        urls = {name: f"{node.proxy}/{name}/predict" for name in _MODELS}
        with tempfile.TemporaryDirectory(prefix="inference-edge-") as state_dir:
            engine = open_engine("embedded", _STACK, Path(state_dir), config)
            try:
                engine.up()
                return _rows(_measured(urls))
            finally:
                engine.destroy()


def _model(name: str, endpoint: str, cache: dict[str, Any]) -> dict[str, Any]:
    cache = {"ttlSeconds": 3600, **cache}
    return {"name": name, "version": "1", "endpoint": endpoint, "cache": cache, "access": {"mode": "open"}}


def _measured(urls: dict[str, str]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in urls}
    for url in urls.values():
        wait_for_route(url)
        warm_up(url, _HEADERS, _BODIES, _CONNECTIONS)
    for _ in range(_ROUNDS):
        for name, url in urls.items():
            times[name] += _asked(url).times_ms
    return times


def _asked(url: str) -> LoadRun:
    run = ask(url, _HEADERS, _BODIES, _CONNECTIONS, _RUN_SECONDS)
    strange = [seen for seen in run.answers if not (seen.status == 200 and seen.hit)]
    if strange:
        raise LoadError(f"{url}: {strange[0].status}, {strange[0].cache_status} instead of a hit")
    return run


def _rows(times: dict[str, list[float]]) -> list[dict[str, Any]]:
    found = {name: (percentile(all_of, 50) or 0.0, percentile(all_of, 99) or 0.0) for name, all_of in times.items()}
    p50, p99 = found["off"]
    return [
        {
            "verification": name,
            "hits": len(times[name]),
            "p50_ms": round(mine[0], 3),
            "p99_ms": round(mine[1], 3),
            "p50_of_off": round(mine[0] / p50, 3),
            "p99_of_off": round(mine[1] / p99, 3),
        }
        for name, mine in found.items()
    ]


_BODIES = [json.dumps({"q": number, "answer_bytes": _ANSWER_BYTES}).encode() for number in range(_QUESTIONS)]
