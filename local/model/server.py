"""The classifier over HTTP, at the paths of a SageMaker container."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from local.model.classifier import VERSIONS, DigitsClassifier
from local.model.options import LONGEST_SECONDS
from local.model.request import InvalidRequestError, PredictionRequest


class ModelServer:
    """Serves one version of the classifier, each prediction delayed by an added latency.

    Usage:
        web.run_app(ModelServer(DigitsClassifier("1"), latency_seconds=1.0).app())

    POST /invocations  answers a PredictionRequest, or 400 with {"error": ...}
    GET /ping          200 when the model is ready
    GET /calls         {"calls": n}: how many requests /invocations has had
    PUT /classifier    {"version": "2", "latency_seconds": 0.2}: another classifier takes over at once, behind the
                       same address; answers go on to name the first one's version, as when somebody forgets it
    The delay sleeps, so requests at the same time overlap; refused requests are not delayed.
    """

    def __init__(self, classifier: DigitsClassifier, latency_seconds: float) -> None:
        self._classifier = classifier
        self._version = classifier.version
        self._latency_seconds = latency_seconds
        self._calls = 0

    def app(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/invocations", self._invocations)
        app.router.add_get("/ping", self._ping)
        app.router.add_get("/calls", self._count)
        app.router.add_put("/classifier", self._change)
        return app

    async def _invocations(self, request: web.Request) -> web.Response:
        self._calls += 1
        try:
            asked = PredictionRequest.parse(await request.read())
        except InvalidRequestError as error:
            return _answer({"error": str(error)}, status=400)
        predictions = self._classifier.predict(asked.instances, asked.decimals)
        await asyncio.sleep(self._latency_seconds)
        return _answer({"model_version": self._version, "predictions": predictions})

    async def _ping(self, _: web.Request) -> web.Response:
        return _answer({"status": "ready", "model_version": self._version})

    async def _count(self, _: web.Request) -> web.Response:
        return _answer({"calls": self._calls})

    async def _change(self, request: web.Request) -> web.Response:
        try:
            wanted = json.loads(await request.read())
            version, latency_seconds = wanted["version"], float(wanted["latency_seconds"])
        except (ValueError, KeyError, TypeError):
            version, latency_seconds = None, 0.0
        if version not in VERSIONS or not 0 <= latency_seconds <= LONGEST_SECONDS:
            words = f'give {{"version": "2", "latency_seconds": 0.2}}, at most {LONGEST_SECONDS} seconds'
            return _answer({"error": words}, status=400)
        # Trained in a thread: requests go on meanwhile.
        self._classifier = await asyncio.to_thread(DigitsClassifier, version)
        self._latency_seconds = latency_seconds
        return _answer({"classifier": version, "model_version": self._version})


def _answer(document: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(document).encode(), status=status, content_type="application/json")
