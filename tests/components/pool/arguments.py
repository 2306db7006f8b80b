"""Arguments of an InferencePool: the least, and everything."""

from __future__ import annotations

from typing import Any

FIRST, SECOND = "10.0.3.7:8080", "10.0.3.8:8080"


def pool(**changes: Any) -> Any:
    """Two targets, and some arguments changed; None takes one away."""
    args = {"name": "chat", "targets": [{"address": FIRST}, {"address": SECOND}], **changes}
    return {name: value for name, value in args.items() if value is not None}


def discovered(**changes: Any) -> Any:
    """A DNS name, and some of its arguments changed."""
    return pool(targets=None, discovery={"name": "replicas.test", "port": 8000, **changes})


def weighted(*weights: int) -> list[Any]:
    """Targets of these weights."""
    return [{"address": f"10.0.3.{place}:8080", "weight": weight} for place, weight in enumerate(weights, 7)]


def full_pool(**changes: Any) -> Any:
    """Every argument of a list of targets, none of them at its default."""
    return pool(
        **{
            "targets": [{"name": "a", "address": FIRST, "weight": 10}, {"address": SECOND, "weight": 1}],
            "protocol": "https",
            "host_header": "model.internal",
            "algorithm": "consistent-hashing",
            "affinity": {"by": "session", "messages": 3, "characters": 99, "header": "x-chat", "max_load_factor": 2},
            "health": {
                "path": "/health/ready",
                "interval_seconds": 5,
                "timeout_seconds": 3,
                "successes": 4,
                "failures": 6,
            },
            "circuit_breaker": {"connection_failures": 2, "timeouts": 7, "errors": 8, "statuses": [500, 599]},
            **changes,
        }
    )
