"""Hits and misses per second through the local gateway."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from local import PROJECT_DIR
from local.demo.client import Answer, PredictionClient
from local.demo.gateway import wait_for_route
from local.demo.stock_cache import StockProxyCache
from local.demo.target import Target
from local.demo.workload import Prediction, Workload
from local.deploy import open_engine
from local.stack_file import StackFile
from local.world import LocalWorld

_CLIENTS = 8
_HITS = 2000
_MISSES = 400


def measure_traffic(stack: str) -> list[dict[str, float | str]]:
    """Return requests per second, and the share of stock proxy-cache's hits per second in the same run.

    The model adds no latency here and runs on the same machine as the client and the gateway: only the ratios mean
    something elsewhere. Raises RuntimeError when an answer is not what the measurement is about.
    """
    with LocalWorld({"1": 0}, latency_seconds=0) as world, tempfile.TemporaryDirectory() as state_dir:
        endpoint = world.endpoints["1"]
        config = StackFile(PROJECT_DIR, stack).moved(world.admin, world.proxy, endpoint, "1")
        engine = open_engine("embedded", stack, Path(state_dir), config)
        engine.up()
        target = Target.of(engine.outputs(show_secrets=True))
        wait_for_route(target.url)
        ours = PredictionClient(target.url, target.headers, _CLIENTS)
        hits, distinct = _hits(), _distinct()
        with StockProxyCache(world.admin, world.proxy, endpoint) as url:
            wait_for_route(url)
            stock = PredictionClient(url, clients=_CLIENTS)
            stock.send(hits[:50])
            rates = {"stock proxy-cache, hits": _rate(stock, hits, hit=True)}
        rates["inference-edge, misses"] = _rate(ours, distinct, hit=False)
        ours.send(hits[:50])
        rates["inference-edge, hits, each written anew"] = _rate(ours, hits, hit=True)
        rates["inference-edge, hits, same bytes"] = _rate(ours, hits[:50] * (_HITS // 50), hit=True)
        rates["model alone"] = _rate(PredictionClient(endpoint, clients=_CLIENTS), distinct, hit=False)
    base = rates["stock proxy-cache, hits"]
    return [
        {"what": what, "per_second": round(rate), "of_stock_hits": round(rate / base, 3)}
        for what, rate in rates.items()
    ]


def _hits() -> list[Prediction]:
    return Workload(_HITS, distinct=1, further=0, seed=1).predictions


def _distinct() -> list[Prediction]:
    return Workload(0, distinct=1, further=_MISSES, seed=2).further


def _rate(client: PredictionClient, predictions: list[Prediction], hit: bool) -> float:
    started = time.perf_counter()
    answers: list[Answer] = client.send(predictions)
    seconds = time.perf_counter() - started
    strange = [answer for answer in answers if answer.status != 200 or answer.hit != hit]
    if strange:
        raise RuntimeError(f"{client.url}: {len(strange)} of {len(answers)} answers were no {'hit' if hit else 'miss'}")
    return len(answers) / seconds
