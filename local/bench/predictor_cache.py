"""Predictions in Redis as github.com/Paulescu/ml-rest-api-caching keeps them; see local.bench.fastapi_redis."""

from __future__ import annotations

import json
import logging
import time
from typing import Any, cast

import redis
from pydantic import BaseModel
from redis.backoff import NoBackoff
from redis.retry import Retry

SECONDS_TO_INVALIDATE = 300
_log = logging.getLogger("predictions")


class Parameters(BaseModel):
    """How many decimals the probabilities shall have."""

    decimals: int = 6


class PredictRequest(BaseModel):
    """Images of 64 intensities."""

    instances: list[list[int]]
    parameters: Parameters = Parameters()


class Prediction(BaseModel):
    """An answer of the model, and when it was made."""

    timestamp_sec: int
    model_version: str
    predictions: list[dict[str, Any]]


class PredictorCache:
    """Predictions in Redis, a hash each.

    Usage:
        cache = PredictorCache("redis://127.0.0.1:6379/0", password="")
        cache.write(key, prediction); cache.read(key)
    """

    def __init__(self, url: str, password: str) -> None:
        retry = Retry(NoBackoff(), 0)
        self._client = redis.Redis.from_url(url, password=password or None, decode_responses=True, retry=retry)

    def read(self, key: str) -> Prediction | None:
        """Return a prediction that is not too old; None when it is, or when Redis fails."""
        try:
            value = cast("dict[str, Any]", self._client.hgetall(key))
            prediction = Prediction(**{**value, "predictions": json.loads(value["predictions"])})
            if time.time() - prediction.timestamp_sec > SECONDS_TO_INVALIDATE:
                return None
            _log.info("Data retrieved: %s -> %s", key, value)
            return prediction
        except redis.RedisError as error:
            _log.info("Failed to read data: %s", error)
            return None

    def write(self, key: str, prediction: Prediction) -> None:
        """Keep a prediction."""
        fields = {**prediction.model_dump(), "predictions": json.dumps(prediction.predictions)}
        try:
            self._client.hset(key, mapping=cast("dict[Any, Any]", fields))
            _log.info("Data saved: %s -> %s", key, fields)
        except redis.RedisError as error:
            _log.info("Failed to save data: %s", error)


def cache_key(request: PredictRequest) -> str:
    """Return the name of a prediction in Redis: the input itself."""
    return request.model_dump_json()
