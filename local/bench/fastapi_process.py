"""The published design as a process beside the local world, with predictions laid into its Redis."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from local.bench.beside import beside
from local.bench.predictor_cache import Prediction, PredictorCache, PredictRequest, cache_key
from local.demo.target import Target
from local.demo.workload import Prediction as Request
from local.world import LocalWorld


@contextmanager
def fastapi_process(world: LocalWorld, latency_seconds: float) -> Iterator[Target]:
    """Run local.bench.fastapi_redis on the world's Valkey, and yield where to ask it. Raises WorldError."""
    options = ["--password-file", str(world.redis_password_file), "--latency-seconds", str(latency_seconds)]
    with beside("fastapi", "local.bench.fastapi_redis", ["--redis", world.redis_url, *options]) as ready:
        yield Target(ready["url"], {})


def fill(world: LocalWorld, requests: Sequence[Request], answers: Sequence[Any]) -> None:
    """Keep the model's answer to each request as that program would, which it never comes to do by itself."""
    cache = PredictorCache(world.redis_url, world.redis_password)
    for request in requests:
        asked = PredictRequest.model_validate(json.loads(request.body))
        cache.write(cache_key(asked), Prediction(timestamp_sec=int(time.time()), **answers[request.index]))
