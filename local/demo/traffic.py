"""Predictions asked in the background, while something else happens."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from local.demo.background import BackgroundAnswers
from local.demo.client import Answer, PredictionClient
from local.demo.workload import Prediction


class BackgroundTraffic(BackgroundAnswers[Answer]):
    """Asks predictions round and round from a thread, for the time of a with block.

    Usage:
        with BackgroundTraffic(client, predictions) as traffic:
            traffic.wait_for(30)        # 30 more answers have come
            engine.up()
            traffic.wait_for(30)
        traffic.answers
    """

    def __init__(self, client: PredictionClient, predictions: Sequence[Prediction]) -> None:
        super().__init__("traffic")
        self._client = client
        self._predictions = predictions

    def _ask(self, note: Callable[[Answer], None], is_over: Callable[[], bool]) -> None:
        predictions = itertools.takewhile(lambda _: not is_over(), itertools.cycle(self._predictions))
        self._client.send(predictions, note)
