"""Answers and a whole report of the pools' demo, without running it."""

from __future__ import annotations

import copy
from typing import Any

from local.demo.pools.chat_client import ChatAnswer
from local.demo.pools.phases import ADDED, DRAINED, KILLED, START, STARTED, TAKEN_BACK

REPLICAS = ("large-1", "large-2", "large-3", "large-4")
EVERYBODY = (*REPLICAS, "large-5")


def answer(replica: str = "large-1", sent_at: float = 0.0, **more: Any) -> ChatAnswer:
    """Return an answer that came after 0.1 s, as a whole."""
    given = {"status": 200, "is_whole": True, "ended_at": sent_at + 0.1, "model": "chat-1", "first_byte_ms": 50.0}
    return ChatAnswer(sent_at=sent_at, replica=replica, **{**given, **more})


def spread(name: str, warm_share: float, first_byte_ms: float, imbalance: float) -> dict[str, Any]:
    """Return the row of one way to spread 100 requests."""
    return {
        "name": name,
        "requests": 100,
        "failed": 0,
        "seconds": 5.0,
        "warm": int(100 * warm_share),
        "warm_share": warm_share,
        "cached_share": warm_share,
        "first_byte_p50_ms": first_byte_ms,
        "first_byte_p95_ms": 2 * first_byte_ms,
        "whole_p50_ms": first_byte_ms + 50,
        "whole_p95_ms": 2 * first_byte_ms + 50,
        "by_replica": dict.fromkeys(REPLICAS, 25),
        "imbalance": imbalance,
        "answers": [
            {"first_byte_ms": first_byte_ms, "warm": True, "replica": "large-1"},
            {"first_byte_ms": 3 * first_byte_ms, "warm": False, "replica": "large-2"},
        ],
    }


def phase(replica: str, what: str, **answers: int) -> dict[str, Any]:
    """Return what happened after an event; answers: of replicas by their number, 20 for each other one."""
    by_replica = {name: answers.get(f"of_{name[-1]}", 20) for name in EVERYBODY}
    return {
        "replica": replica,
        "what": what,
        "requests": sum(by_replica.values()),
        "failed": 0,
        "by_replica": by_replica,
        "p50_ms": 110.0,
        "longest_ms": 500.0,
    }


def report() -> dict[str, Any]:
    """Return the report of a demo in which everything holds."""
    changes = {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": 66}
    return copy.deepcopy(
        {
            "engine": "embedded",
            "stack": "pools",
            "latency_seconds": 1.0,
            "conversations": 20,
            "at_once": 24,
            "name": "chat",
            "rows": [spread("round-robin", 0.25, 140.0, 1.0), spread("affinity", 0.75, 60.0, 1.2)],
            "stream": {"reads": 20, "first_byte_ms": 25.0, "whole_ms": 400.0, "failed": False},
            "callers": {
                "callers": 300,
                "requests": 600,
                "failed": 0,
                "versions": {"chat-1": 272, "chat-2": 28},
                "weights": {"chat-1": 90, "chat-2": 10},
                "canary": "chat-2",
                "canary_share": 0.0933,
                "changed": 0,
            },
            "load": {
                "requests": 600,
                "failed": 0,
                "lost": 5,
                "phases": [
                    phase("", START, of_5=0),
                    phase("large-3", KILLED, of_3=0, of_5=0),
                    phase("large-3", STARTED, of_5=0),
                    phase("large-2", DRAINED, of_2=0, of_5=0),
                    phase("large-2", TAKEN_BACK, of_5=0),
                    phase("large-5", ADDED),
                ],
                "timeline": {
                    "seconds": 10.0,
                    "slots": 4,
                    "answers": {name: [3, 0, 5, 2] for name in EVERYBODY},
                    "away": {name: [[0.0, 1.5]] if name == "large-5" else [] for name in EVERYBODY},
                },
            },
            "moved": {"prefixes": 100, "moved": 21, "share": 0.21, "replicas": 4, "unanswered": 0},
            "fallback": {
                "requests": 40,
                "failed": 0,
                "by_fallback": 40,
                "noticed_seconds": 0.6,
                "back_seconds": 1.1,
            },
            "preview": {**changes, "create": 66, "same": 0},
            "up": {**changes, "create": 66, "same": 0},
            "second_preview": changes,
            "destroy": {**changes, "delete": 67, "same": 0},
            "deployed": {"services": 4, "plugins": 30},
            "left_over": {},
            "versions": {"engine": "embedded", "python": "3.11"},
            "seconds": dict.fromkeys(("preview", "up, with round-robin", "second preview", "destroy"), 0.5),
        }
    )
