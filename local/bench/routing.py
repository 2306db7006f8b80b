"""What it costs that the request's body chooses the model, and how that grows with the number of models."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from local import PROJECT_DIR
from local.bench.beside import beside
from local.bench.gateway_node import GatewayNode
from local.bench.load import LoadError
from local.bench.load_run import LoadRun, ask
from local.demo.gateway import wait_for_route
from local.demo.row import percentile
from local.deploy import open_engine
from local.stack_file import MODELS, StackFile
from local.world import LocalWorld

MODEL_COUNTS = (1, 100, 500)
ENTRY_PATH = "/bench/predict"
_STACK = "dev"
_ANSWER_BYTES = 1_000
_ROLES = ("system", "user", "assistant", "user", "assistant", "user", "assistant")
_CONNECTIONS = 1
_ROUNDS, _RUN_SECONDS = 9, 0.5


def measure_routing() -> list[dict[str, Any]]:
    """Return by number of models: milliseconds (p50) of a 2 KB conversation, by the model's path and the entry path.

    Nothing is cached and nobody has to show a key; the model answers at once; both ways take turns. With
    KONG_ADMIN_URL and KONG_PROXY_URL on that Kong, whose workers must run on this machine. Raises EngineError,
    WorldError, LoadError and httpx.HTTPError.
    """
    with LocalWorld(latency_seconds=0) as world, beside("model", "local.bench.sized_model", []) as model:
        node = GatewayNode.of(world)
        return [_measure(node, model["endpoint"], count) for count in MODEL_COUNTS]


def _measure(node: GatewayNode, endpoint: str, count: int) -> dict[str, Any]:
    config = StackFile(PROJECT_DIR, _STACK).moved(node.admin, node.proxy, endpoint, "1")
    names = [f"model-{number}" for number in range(count)]
    config[MODELS] = [
        {"name": name, "version": "1", "endpoint": endpoint, "cache": {"enabled": False}, "access": {"mode": "open"}}
        for name in names
    ]
    config["inference-edge:router"] = {"paths": [ENTRY_PATH]}
    body = _chat(names[-1])
    own, entry = f"{node.proxy}/{names[-1]}/predict", f"{node.proxy}{ENTRY_PATH}"
    with tempfile.TemporaryDirectory(prefix="inference-edge-") as state_dir:
        engine = open_engine("embedded", _STACK, Path(state_dir), config)
        try:
            engine.up()
            wait_for_route(own)
            times: dict[str, list[float]] = {own: [], entry: []}
            for url in times:
                _until_it_answers(url, body)
            for _ in range(_ROUNDS):
                for url, measured in times.items():
                    measured += _asked(url, body).times_ms
        finally:
            engine.destroy()
    medians = {url: percentile(measured, 50) or 0.0 for url, measured in times.items()}
    return {
        "models": count,
        "own_path_p50_ms": round(medians[own], 3),
        "entry_path_p50_ms": round(medians[entry], 3),
        "entry_of_own": round(medians[entry] / medians[own], 3),
    }


def _chat(model: str) -> bytes:
    """A conversation of about 2 KB, as chat clients send it."""
    said = [{"role": role, "content": f"{role} says: " + "what there is to say. " * 10} for role in _ROLES]
    return json.dumps({"model": model, "messages": said, "temperature": 0.7, "answer_bytes": _ANSWER_BYTES}).encode()


def _until_it_answers(url: str, body: bytes) -> None:
    """A real Kong's workers learn of new routes one after the other."""
    for _ in range(100):
        if {seen.status for seen in ask(url, _HEADERS, [body], 8, 0.2).answers} == {200}:
            return
    raise LoadError(f"{url}: does not answer")


def _asked(url: str, body: bytes) -> LoadRun:
    run = ask(url, _HEADERS, [body], _CONNECTIONS, _RUN_SECONDS)
    strange = [seen for seen in run.answers if (seen.status, len(seen.body)) != (200, _ANSWER_BYTES)]
    if strange:
        raise LoadError(f"{url}: {strange[0].status} instead of an answer")
    return run


_HEADERS = {"Content-Type": "application/json"}
