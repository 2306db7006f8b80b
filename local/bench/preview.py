"""How the time of a preview grows with the number of models."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from local import PROJECT_DIR
from local.engine import EmbeddedEngine

MODEL_COUNTS = (1, 10, 100, 500)
_REPEATS = 3


def measure_previews(stack: str) -> list[dict[str, float]]:
    """Return for 1, 10, 100 and 500 models: resources, seconds of a preview (median of 3) and seconds per model."""
    return [_measure(stack, count) for count in MODEL_COUNTS]


def _measure(stack: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="inference-edge-") as state_dir:
        engine = EmbeddedEngine(PROJECT_DIR, stack, Path(state_dir), {"inference-edge:models": _models(count)}, "bench")
        resources = engine.preview().changes["create"]
        seconds = [_seconds(engine) for _ in range(_REPEATS)]
    median = statistics.median(seconds)
    return {
        "models": count,
        "resources": resources,
        "seconds": round(median, 3),
        "seconds_per_model": round(median / count, 4),
    }


def _seconds(engine: EmbeddedEngine) -> float:
    started = time.perf_counter()
    engine.preview()
    return time.perf_counter() - started


def _models(count: int) -> list[dict[str, Any]]:
    return [
        {"name": f"model-{number}", "version": "1", "endpoint": f"http://model-{number}.internal:8080/invocations"}
        for number in range(count)
    ]
