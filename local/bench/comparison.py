"""The published design, FastAPI with Redis inside the API process, and this stack's own stores, side by side."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from local.bench.deployed_stores import deployed_stores
from local.bench.fastapi_process import fastapi_process, fill
from local.bench.gateway_node import GatewayNode
from local.bench.load_run import LoadRun, ask, warm_up
from local.bench.probe import probe, summed
from local.demo.target import Target
from local.demo.ways import FASTAPI, STORES
from local.demo.workload import Prediction, Workload
from local.world import LocalWorld

CONNECTIONS = (1, 16)
# As long as one run and as often as this: every design has its turn in every round, because a machine has its moments.
_RUN_SECONDS = 1.0
_ROUNDS = 3
_AT_ONCE = 8
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class _Design:
    name: str
    target: Target
    tells_of_hits: bool


class DesignComparison:
    """Hits, a cold key, and a Redis that is gone or hangs, each asked of every design in the same run.

    Usage:
        with LocalWorld(latency_seconds=1.0, redis_port=0) as world:
            report = DesignComparison(world, GatewayNode.of(world), latency_seconds=1.0).run()
        report["hits"][0]       # {"design": "FastAPI + Redis", "connections": 1, "p50_ms": 0.9, ...}
        report["faults"][0]     # {"case": "cold, 8 at once", "design": ..., "statuses": "8 × 500", ...}

    latency_seconds: what the world's model adds to every prediction, and so the model inside the FastAPI process.
    Every answer is compared with the model's own: `wrong` counts those that differ, among the hits also what is none;
    `failed` those with another status than 200. p50_of_fastapi and per_second_of_fastapi are parts of FastAPI's. Raises
    EngineError, WorldError, LoadError and httpx.HTTPError.
    """

    def __init__(
        self,
        world: LocalWorld,
        node: GatewayNode,
        latency_seconds: float,
        step: Callable[[str], Any] = lambda _: ExitStack(),
    ) -> None:
        self._world, self._node, self._latency_seconds, self._step = world, node, latency_seconds, step
        self._workload = Workload(requests=60, distinct=20, further=_AT_ONCE)
        self._expected = self._workload.answers("1")

    def run(self) -> dict[str, Any]:
        """Measure and return the report."""
        with self._designs() as designs:
            with self._step("hits of each design, in turn"):
                hits = self._hits(designs)
            with self._step("a cold key, a Redis that is gone, and one that hangs"):
                faults = [*self._cold(designs), *self._without_redis(designs)]
        return {
            "gateway": self._node.name,
            "run_seconds": _RUN_SECONDS,
            "rounds": _ROUNDS,
            "hits": hits,
            "faults": faults,
        }

    @contextmanager
    def _designs(self) -> Iterator[list[_Design]]:
        world = self._world
        with ExitStack() as cleanup:
            api = cleanup.enter_context(fastapi_process(world, self._latency_seconds))
            stores = deployed_stores(world, self._node, world.endpoints["1"], list(STORES))
            targets = cleanup.enter_context(stores)
            fill(world, self._workload.predictions, self._expected)
            for target in targets.values():
                self._warm_up(target)
            yield [
                _Design(FASTAPI, api, tells_of_hits=False),
                *(_Design(STORES[store], target, tells_of_hits=True) for store, target in targets.items()),
            ]

    def _warm_up(self, target: Target) -> None:
        """Ask each input once as both clients do: a header that only one of them sends may be in the key."""
        probe(target, self._warm, self._latency_seconds + _PATIENCE_SECONDS)
        bodies = [prediction.body for prediction in self._warm]
        warm_up(target.url, target.headers, bodies, connections=len(bodies))

    @property
    def _warm(self) -> list[Prediction]:
        """One request for each input that is in the caches."""
        return list({prediction.index: prediction for prediction in self._workload.predictions}.values())

    def _hits(self, designs: Sequence[_Design]) -> list[dict[str, Any]]:
        runs: dict[tuple[str, int], list[LoadRun]] = {}
        wrong: dict[tuple[str, int], int] = {}
        bodies = [prediction.body for prediction in self._workload.predictions]
        for _ in range(_ROUNDS):
            for connections in CONNECTIONS:
                for design in designs:
                    run = ask(design.target.url, design.target.headers, bodies, connections, _RUN_SECONDS)
                    runs.setdefault((design.name, connections), []).append(run)
                    wrong[design.name, connections] = wrong.get((design.name, connections), 0) + self._wrong(
                        design, run
                    )
        rows = [
            {"design": name, "connections": connections, "wrong": wrong[name, connections], **_medians(measured)}
            for (name, connections), measured in runs.items()
        ]
        base = {row["connections"]: row for row in rows if row["design"] == FASTAPI}
        return [{**row, **_against(row, base[row["connections"]])} for row in rows]

    def _wrong(self, design: _Design, run: LoadRun) -> int:
        """Answers that are not the model's own or, where the design says so, no hit."""
        asked = self._workload.predictions
        return sum(
            seen.count
            for seen in run.answers
            if seen.status != 200
            or not self._is_right(asked[seen.number].index, seen.document)
            or seen.hit != design.tells_of_hits
        )

    def _is_right(self, index: int, document: Any) -> bool:
        return isinstance(document, Mapping) and all(
            document.get(name) == value for name, value in self._expected[index].items()
        )

    def _cold(self, designs: Sequence[_Design]) -> list[dict[str, Any]]:
        """One question that nobody has asked before, eight times at once, and then once more."""
        first, *_ = self._workload.further
        rows = []
        for design in designs:
            rows.append(self._fault("cold, 8 at once", design, [first] * _AT_ONCE))
            rows.append(self._fault("asked once more", design, [first]))
        return rows

    def _without_redis(self, designs: Sequence[_Design]) -> list[dict[str, Any]]:
        """Eight questions whose answers are in Redis, when that hangs, and when it is gone."""
        world, asked = self._world, self._warm[:_AT_ONCE]
        world.freeze("redis")
        try:
            rows = [self._fault("Redis hangs", design, asked) for design in designs]
        finally:
            world.thaw("redis")
        world.kill("redis")
        rows += [self._fault("Redis is gone", design, asked) for design in designs]
        world.restart("redis")
        return rows

    def _fault(self, case: str, design: _Design, asked: Sequence[Prediction]) -> dict[str, Any]:
        calls = self._world.model_calls("1")
        answers = probe(design.target, asked, self._latency_seconds + _PATIENCE_SECONDS)
        wrong = sum(answer.status == 200 and not self._is_right(answer.index, answer.document) for answer in answers)
        calls = self._world.model_calls("1") - calls
        return {
            "case": case,
            "design": design.name,
            **summed(answers),
            "model_calls": calls if design.tells_of_hits else None,
            "wrong": wrong,
            "failed": sum(answer.status != 200 for answer in answers),
        }


def _medians(runs: Sequence[LoadRun]) -> dict[str, Any]:
    shares = {f"p{share}_ms": statistics.median(run.percentile_ms(share) for run in runs) for share in (50, 95, 99)}
    per_second = statistics.median(run.per_second for run in runs)
    return {"requests": sum(len(run.times_ms) for run in runs), **shares, "per_second": round(per_second)}


def _against(row: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, float]:
    """Return the median time and the throughput as parts of the published design's."""
    return {
        "p50_of_fastapi": round(row["p50_ms"] / base["p50_ms"], 2),
        "per_second_of_fastapi": round(row["per_second"] / base["per_second"], 1),
    }
