"""Rows and a whole report as the demo makes them, without running it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from local.demo import ways
from local.demo.client import Answer
from local.demo.row import Row
from local.demo.ways import FASTAPI, STORES

DESIGNS = (FASTAPI, *STORES.values())
EXPECTED = [{"model_version": "1", "predictions": [{"digit": digit}]} for digit in range(3)]


def answer(
    index: int = 0,
    milliseconds: float = 2.0,
    document: Any = None,
    hit: bool = True,
    status: int = 200,
    waited: bool = False,
    at_edge: bool = False,
    sent_at: float = 0.0,
) -> Answer:
    """Return the model's own answer to input `index`, or another one."""
    given = EXPECTED[index] if document is None else document
    return Answer(index, milliseconds, status, given, hit, waited, at_edge, sent_at)


def row(name: str, answers: Sequence[Answer], model_calls: int = 1, gateway_requests: int | None = None) -> Row:
    """Return a row whose model answers EXPECTED."""
    return Row(name, answers, EXPECTED, model_calls, gateway_requests)


def report() -> dict[str, Any]:
    """Return the report of a demo in which everything holds."""
    answers = [answer(0, 1000, hit=False), answer(0, 2), answer(0, 4)]
    rows = [
        row(ways.ALONE, [answer(index, 1000, hit=False) for index in (0, 1, 0, 2)], model_calls=4),
        row(ways.STOCK, [answer(0, 1000, hit=False), answer(1, 1, EXPECTED[0])], model_calls=1),
        row(ways.GATEWAY, answers, model_calls=1, gateway_requests=3),
    ]
    changes = {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": 9}
    rollout = {
        "from_version": "1",
        "to_version": "2",
        "changes": {**changes, "update": 2, "same": 7},
        "during": {"requests": 5, "old": 3, "new": 2, "wrong": 0, "failed": 0},
        "requests": 4,
        "stale": 0,
        "wrong": 0,
        "hits": 1,
        "edge_hits": 0,
        "model_calls": 3,
        "old_model_calls": 0,
    }
    image = [0, 8, 16, 0] * 16
    return copy.deepcopy(
        {
            "engine": "embedded",
            "stack": "dev",
            "edge": False,
            "edge_provider": "none",
            "added_latency_seconds": 1.0,
            "clients": 4,
            "distinct_inputs": 3,
            "rows": [each.as_json() for each in rows],
            "examples": [{"image": image, "shows": 1, "model": 1, "stock": 0, "ours": 1}],
            "speedup_p50": 400.0,
            "preview": {**changes, "create": 9, "same": 0},
            "up": {**changes, "create": 9, "same": 0},
            "rollout": rollout,
            "outage": None,
            "changed_model": None,
            "rollback": {**copy.deepcopy(rollout), "from_version": "2", "to_version": "1"},
            "second_preview": changes,
            "destroy": {**changes, "delete": 9, "same": 0},
            "deployed": {"services": 1, "plugins": 6},
            "left_over": {},
            "versions": {"engine": "embedded", "python": "3.11"},
            "seconds": dict.fromkeys(
                ("preview", "up", "roll out version 2", "roll back to version 1", "second preview", "destroy"), 0.5
            ),
        }
    )


def changed_model_report() -> dict[str, Any]:
    """Return the report of a demo with a model that is changed behind the cache's back, in which everything holds."""
    document = report()
    changes = {**document["second_preview"], "update": 3}
    document["seconds"] |= {"switch verification on": 0.5, "purge": 0.4}
    line = "the cache of digits is off: too many of its answers are wrong"
    document["changed_model"] = {
        "share": 0.01,
        "generation": 2,
        "pause_seconds": 0.02,
        "latency_seconds": 0.1,
        "switch_on": {**changes, "create": 6},
        "purge": changes,
        "before": {"requests": 40, "hits": 40, "wrong": 0},
        "until_off": {"requests": 301, "hits": 300, "wrong": 300},
        "off": {"requests": 50, "hits": 2, "wrong": 0},
        "purged": {"requests": 47, "hits": 41, "wrong": 0},
        "seconds_until_off": 2.5,
        "compared": {"same": 1, "wrong": 4},
        "told": {"metrics": ['kong_inference_edge_cache_off{model="digits",cause="wrong"} 1'], "log": [line]},
        "off_after_purge": [],
    }
    return document


def edge_report(provider: str = "cloudfront") -> dict[str, Any]:
    """Return the report of a demo with an edge in which everything holds."""
    document = report()
    asked = [answer(0, 1000, hit=False), answer(0, 5, at_edge=True), answer(0, 6, at_edge=True)]
    by_post = row(ways.EDGE_POST, [answer(0, 1000, hit=False), answer(0, 3)], model_calls=1, gateway_requests=2)
    by_get = row(ways.EDGE_GET, asked, model_calls=1, gateway_requests=1)
    rows = [*document["rows"][:2], by_post.as_json(), by_get.as_json()]
    deployed = {**document["deployed"], "edge resources": 6}
    return {**document, "stack": "edge", "edge": True, "edge_provider": provider, "rows": rows, "deployed": deployed}


def shared_report() -> dict[str, Any]:
    """Return the report of a demo with a shared cache in which everything holds."""
    document = report()
    other = row(ways.OTHER_NODE, [answer(0, 2), answer(0, 3), answer(0, 2)], model_calls=0)
    phase = {"requests": 9, "failed": 0, "wrong": 0, "hits": 8, "longest_ms": 1001.0}
    outage = {
        "with": phase,
        "without": {**phase, "hits": 0},
        "again": dict(phase),
        "hits_again": True,
        "seconds_to_first_hit": 5.1,
        "answers": [{"ms": 2.0, "part": "hit", "wrong": False}, {"ms": 1001.0, "part": "miss", "wrong": False}],
    }
    times = {"p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 3.0, "per_second": 1000, "requests": 3000}
    hits = [
        {"design": design, "connections": connections, "wrong": 0, "p50_of_fastapi": 0.5, "per_second_of_fastapi": 2.0}
        | times
        for connections in (1, 16)
        for design in DESIGNS
    ]
    faults = [
        {
            "case": "Redis hangs",
            "design": design,
            "statuses": "8 × none" if design == FASTAPI else "8 × 200",
            "hits": 0,
            "p50_ms": 5000.0,
            "longest_ms": 5001.0,
            "model_calls": None if design == FASTAPI else 8,
            "wrong": 0,
            "failed": 8 if design == FASTAPI else 0,
        }
        for design in DESIGNS
    ]
    comparison = {"gateway": "the embedded gateway", "run_seconds": 1.0, "rounds": 3, "hits": hits, "faults": faults}
    rows = [*document["rows"], other.as_json()]
    return {**document, "stack": "shared", "rows": rows, "outage": outage, "comparison": comparison}
