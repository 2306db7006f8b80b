"""python -m local.bench.fastapi_redis --redis URL [--port 0]: predictions cached inside the API process.

The usual design to compare with, as published in github.com/Paulescu/ml-rest-api-caching at 1ebb286: FastAPI on one
uvicorn worker, a plain (not async) handler, redis-py without a pool of its own or time-outs, one hash for each
prediction, its age checked by the reader, a line in the log for each look-up. Its reader makes a prediction of what it
has found before it looks whether it has found anything, so a key that is not there yet is an error 500, and nothing is
ever written; the benchmark writes the hash itself (PredictorCache.write).

Differences, none of them to its disadvantage:
- the input is an image of a digit, so the key is the input as JSON, and the answer the model's instead of a price;
- an answer is good for 300 s instead of 5, as those of the gateway;
- the age is checked and the prediction returned without making it a second time, and the log is Python's own;
- no --reload, which watches files;
- no retries: redis-py did none when that was written, and waits for seconds in them since.
"""

from __future__ import annotations

import argparse
import json
import logging
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from local.bench.predictor_cache import Prediction, PredictorCache, PredictRequest, cache_key
from local.model.classifier import DigitsClassifier


class Predictor:
    """The model in this process; every prediction takes `latency_seconds` longer."""

    def __init__(self, version: str, latency_seconds: float) -> None:
        self._model = DigitsClassifier(version)
        self._latency_seconds = latency_seconds

    def predict(self, request: PredictRequest) -> Prediction:
        """Ask the model."""
        time.sleep(self._latency_seconds)
        return Prediction(
            timestamp_sec=int(time.time()),
            model_version=self._model.version,
            predictions=self._model.predict(request.instances, request.parameters.decimals),
        )


def application(cache: PredictorCache, predictor: Predictor, started: dict[str, str]) -> FastAPI:
    """Return the API; `started` is printed as one line of JSON when it runs."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        print(json.dumps(started), flush=True)
        yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/predict")
    def predict(request: PredictRequest):  # noqa: ANN202
        key = cache_key(request)
        prediction = cache.read(key)
        if prediction is not None:
            return prediction
        prediction = predictor.predict(request)
        cache.write(key, prediction)
        return prediction

    return app


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    arguments = _arguments()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    password = arguments.password_file.read_text().strip() if arguments.password_file else ""
    predictor = Predictor(arguments.model_version, arguments.latency_seconds)
    # Of TCP by name: only then does asyncio turn Nagle's algorithm off, as where uvicorn listens by itself. With it an
    # answer takes 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", arguments.port))
        ready = {"url": f"http://127.0.0.1:{listening.getsockname()[1]}/predict"}
        app = application(PredictorCache(arguments.redis, password), predictor, ready)
        uvicorn.Server(uvicorn.Config(app)).run(sockets=[listening])
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.bench.fastapi_redis", description="FastAPI with Redis.")
    parser.add_argument("--redis", required=True, metavar="URL", help="without the password")
    parser.add_argument("--password-file", type=Path, help="default: no password")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--model-version", default="1")
    parser.add_argument("--latency-seconds", type=float, default=1.0, help="added to every prediction (default 1)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
