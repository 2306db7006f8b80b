"""The shared cache is killed under traffic and comes back, empty."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from local.demo.client import Answer, PredictionClient
from local.demo.row import percentile
from local.demo.traffic import BackgroundTraffic
from local.demo.workload import Workload
from local.world import LocalWorld

_ANSWERS = 30
_HITS = 30
# The nodes leave a server that failed alone for some seconds; then the model is asked everything once more.
_PATIENCE_SECONDS = 60.0


def outage(world: LocalWorld, client: PredictionClient, workload: Workload, expected: Sequence[Any]) -> dict[str, Any]:
    """Ask without a pause, kill Valkey, start it again, and return what was answered before, without and with it.

    expected: the model's own answer to each input of the workload.
    """
    with BackgroundTraffic(client, workload.predictions) as traffic:
        traffic.wait_until(lambda answer: answer.hit, _HITS, _PATIENCE_SECONDS)
        world.kill("redis")
        killed_at = time.perf_counter()
        traffic.wait_for(_ANSWERS)
        restarted_at = time.perf_counter()
        world.restart("redis")
        has_hits = traffic.wait_until(lambda answer: answer.hit, _HITS, _PATIENCE_SECONDS)
    before = [answer for answer in traffic.answers if answer.sent_at < killed_at]
    without = [answer for answer in traffic.answers if killed_at <= answer.sent_at < restarted_at]
    again = [answer for answer in traffic.answers if restarted_at <= answer.sent_at]
    hit = next((answer for answer in again if answer.hit), None)
    return {
        "with": _summed(before, expected),
        "without": _summed(without, expected),
        "again": _summed(again, expected),
        "hits_again": has_hits,
        "seconds_to_first_hit": round(hit.sent_at - restarted_at, 1) if hit else None,
        "answers": [
            {
                "ms": round(answer.milliseconds, 3),
                "part": "hit" if answer.hit else "miss",
                "wrong": _is_wrong(answer, expected),
            }
            for answer in traffic.answers
        ],
    }


def _summed(answers: Sequence[Answer], expected: Sequence[Any]) -> dict[str, Any]:
    return {
        "requests": len(answers),
        "failed": sum(answer.status != 200 for answer in answers),
        "wrong": sum(_is_wrong(answer, expected) for answer in answers),
        "hits": sum(answer.hit for answer in answers),
        "longest_ms": percentile([answer.milliseconds for answer in answers], 100),
    }


def _is_wrong(answer: Answer, expected: Sequence[Any]) -> bool:
    return answer.status != 200 or answer.document != expected[answer.index]
