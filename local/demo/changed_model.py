"""The model is changed behind the cache's back, verification finds it out, an operator purges."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx

from local.demo.client import Answer
from local.demo.gateway import samples
from local.demo.traffic import BackgroundTraffic
from local.world import LocalWorld

_ANSWERS = 40  # hits before the change, answers while the cache is off, and hits after the purge
_PATIENCE_SECONDS = 60.0
_VERIFIED, _OFF = "kong_inference_edge_verified_total", "kong_inference_edge_cache_off"
_OUTCOME = re.compile('outcome="(.*?)"')
_TOLD = "the cache of"


@dataclass(frozen=True)
class Change:
    """Another classifier at the model's endpoint.

    classifier: its version, which its answers do not tell. latency_seconds: added to each. old, new: what the model
    answers to each input before and after.
    """

    endpoint: str
    classifier: str
    latency_seconds: float
    old: Sequence[Any]
    new: Sequence[Any]

    def make(self) -> None:
        """Let the other classifier take over. Raises httpx.HTTPError."""
        wanted = {"version": self.classifier, "latency_seconds": self.latency_seconds}
        httpx.put(urljoin(self.endpoint, "/classifier"), json=wanted, timeout=10).raise_for_status()


def changed_model(
    world: LocalWorld,
    traffic: BackgroundTraffic,
    change: Change,
    step: Callable[[str], AbstractContextManager[None]],
    purge: Callable[[], Mapping[str, int]],
) -> dict[str, Any]:
    """Make the change under traffic and without any deployment, wait until the cache is off, and purge.

    Returns what was answered before, until the cache was off, while it was, and after the purge, and what the gateway
    told of it.
    """
    with traffic:
        traffic.wait_until(lambda answer: answer.hit, _ANSWERS, _PATIENCE_SECONDS)
        with step("the model is changed, callers go on"):
            compared, changing_at = _compared(world.admin), time.perf_counter()
            change.make()
            changed_at = time.perf_counter()
            traffic.wait_until(lambda answer: answer.off, _ANSWERS, _PATIENCE_SECONDS)
        compared = {outcome: count - compared.get(outcome, 0) for outcome, count in _compared(world.admin).items()}
        logged = [line[line.index(_TOLD) :] for line in world.logged("gateway", _TOLD)]
        told = {"metrics": _switched_off(world.admin), "log": logged}
        changes = purge()
        purged_at = time.perf_counter()
        traffic.wait_until(lambda answer: answer.hit, _ANSWERS, _PATIENCE_SECONDS)
    return {
        "latency_seconds": change.latency_seconds,
        **phases(traffic.answers, change, changing_at, changed_at, purged_at),
        "compared": compared,
        "told": told,
        "purge": changes,
        "off_after_purge": _switched_off(world.admin),
    }


def phases(
    answers: Sequence[Answer], change: Change, changing_at: float, changed_at: float, purged_at: float
) -> dict[str, Any]:
    """Return counts of the answers by when they were asked for; times as Answer.sent_at.

    The cache is off from the first answer on that says so, if ever. What was asked for in the moment of the change may
    be either model's, and is in none of the phases.
    """
    off_at = min((answer.came_at for answer in answers if answer.off), default=math.inf)
    is_off = off_at < math.inf
    return {
        "before": _summed(answers, change.old, 0, changing_at),
        "until_off": _summed(answers, change.new, changed_at, min(off_at, purged_at)),
        "off": _summed(answers, change.new, off_at, purged_at),
        "purged": _summed(answers, change.new, purged_at, math.inf),
        "seconds_until_off": round(off_at - changed_at, 1) if is_off else None,
    }


def _switched_off(admin: str) -> list[str]:
    """Return the metrics' samples of the caches that verification has switched off."""
    return [f"{sample} {value:g}" for sample, value in samples(admin, _OFF).items() if value]


def _compared(admin: str) -> dict[str, int]:
    found = {_OUTCOME.search(sample): int(count) for sample, count in samples(admin, _VERIFIED).items()}
    return {outcome[1]: count for outcome, count in found.items() if outcome}


def _summed(answers: Sequence[Answer], expected: Sequence[Any], start: float, end: float) -> dict[str, int]:
    part = [answer for answer in answers if start <= answer.sent_at < end]
    return {
        "requests": len(part),
        "hits": sum(answer.hit for answer in part),
        "wrong": sum(answer.status != 200 or answer.document != expected[answer.index] for answer in part),
    }
