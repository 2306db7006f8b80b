"""The main job, step by step, on a local world that is already running."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.demo.client import PredictionClient
from local.demo.examples import examples
from local.demo.gateway import entities, wait_for_route
from local.demo.progress import DemoProgress
from local.demo.row import Row, percentile
from local.demo.stock_cache import StockProxyCache
from local.demo.target import Target
from local.demo.traffic import BackgroundTraffic
from local.demo.workload import Prediction, Workload
from local.deploy import Engine, EngineName, Outcome, open_engine
from local.stack_file import StackFile
from local.world import LocalWorld

OLD_VERSION, NEW_VERSION = "1", "2"
_TRAFFIC_ANSWERS = 30  # asked before and again after the update, without a pause


@dataclass(frozen=True)
class JobSettings:
    """What the demo was asked to do."""

    stack_file: StackFile
    stack: str
    engine: EngineName
    requests: int
    clients: int
    latency_seconds: float


class MainJob:
    """Deploys, measures three ways to the model, rolls the model, previews again and destroys.

    Usage:
        report = MainJob(settings, world, state_dir, progress).run()

    The report is what out/demo.json holds; local.demo.verdict judges it. Raises EngineError, httpx.HTTPError,
    aiohttp.ClientError (alone or in an ExceptionGroup) and TimeoutError.
    """

    def __init__(self, settings: JobSettings, world: LocalWorld, state_dir: Path, progress: DemoProgress) -> None:
        self._settings = settings
        self._world = world
        self._state_dir = state_dir
        self._progress = progress
        self._workload = Workload(settings.requests)
        self._expected = {version: self._workload.answers(version) for version in (OLD_VERSION, NEW_VERSION)}
        self._asked = self._workload.predictions
        self._seconds: dict[str, float] = {}

    def run(self) -> dict[str, Any]:
        """Do all steps in order and return the report."""
        engine = self._engine(OLD_VERSION)
        preview = self._step("preview", engine.preview)
        up = self._step("up", engine.up)
        rows = self._rows(Target.of(engine.outputs(show_secrets=True)))
        rollout = self._rollout()
        second_preview = self._step("second preview", self._engine(NEW_VERSION).preview)
        rollback = self._rollback()
        before_destroy = entities(self._world.admin)
        destroy = self._step("destroy", engine.destroy)
        return {
            "engine": self._settings.engine,
            "stack": self._settings.stack,
            "added_latency_seconds": self._settings.latency_seconds,
            "clients": self._settings.clients,
            "distinct_inputs": len(self._workload.asked),
            "rows": [row.as_json() for row in rows],
            "examples": examples(self._workload, rows[1], rows[2]),
            "speedup_p50": _speedup(rows[0], rows[-1]),
            "preview": preview.changes,
            "up": up.changes,
            "rollout": rollout,
            "rollback": rollback,
            "second_preview": second_preview.changes,
            "destroy": destroy.changes,
            "deployed": {kind: len(names) for kind, names in before_destroy.items()},
            "left_over": entities(self._world.admin),
            "seconds": self._seconds,
        }

    def _engine(self, version: str) -> Engine:
        settings, world = self._settings, self._world
        config = settings.stack_file.moved(world.admin, world.proxy, world.endpoints[version], version)
        return open_engine(settings.engine, settings.stack, self._state_dir, config)

    def _rows(self, target: Target) -> list[Row]:
        endpoint = self._world.endpoints[OLD_VERSION]
        rows = [self._row("model alone", Target(endpoint, {}))]
        with StockProxyCache(self._world.admin, self._world.proxy, endpoint) as url:
            wait_for_route(url)
            rows.append(self._row("stock proxy-cache", Target(url, {})))
        wait_for_route(target.url)
        rows.append(self._row("inference-edge", target))
        return rows

    def _row(self, name: str, target: Target, version: str = OLD_VERSION) -> Row:
        client = self._client(target)
        calls = self._world.model_calls(version)
        with self._progress.requests(name, len(self._asked)) as advance:
            answers = client.send(self._asked, lambda _: advance())
        return Row(name, answers, self._expected[version], self._world.model_calls(version) - calls)

    def _rollout(self) -> dict[str, Any]:
        engine = self._engine(NEW_VERSION)
        client = self._client(Target.of(engine.outputs(show_secrets=True)))
        with BackgroundTraffic(client, _mixed(self._workload)) as traffic:
            traffic.wait_for(_TRAFFIC_ANSWERS)
            up = self._step("roll out version 2", engine.up)
            traffic.wait_for(_TRAFFIC_ANSWERS)
        during = {answer.index for answer in traffic.answers}
        # What was asked for the first time in the middle of the update is asked again after it, and after going back.
        self._asked = self._workload.predictions + [each for each in self._workload.further if each.index in during]
        old_calls = self._world.model_calls(OLD_VERSION)
        after = self._row("after the rollout", Target.of(engine.outputs(show_secrets=True)), NEW_VERSION)
        old, new = self._expected[OLD_VERSION], self._expected[NEW_VERSION]
        return {
            "from_version": OLD_VERSION,
            "to_version": NEW_VERSION,
            "changes": up.changes,
            "during": _shares(traffic.answers, old, new),
            "requests": len(after.answers),
            "stale": sum(answer.document == old[answer.index] for answer in after.answers),
            "wrong": after.wrong,
            "hits": after.hits,
            "model_calls": after.model_calls,
            "old_model_calls": self._world.model_calls(OLD_VERSION) - old_calls,
        }

    def _rollback(self) -> dict[str, Any]:
        """Go back while the answers of the first version are still in the cache: none may be of the second."""
        engine = self._engine(OLD_VERSION)
        up = self._step("roll back to version 1", engine.up)
        after = self._row("after rolling back", Target.of(engine.outputs(show_secrets=True)))
        return {
            "changes": up.changes,
            "requests": len(after.answers),
            "wrong": after.wrong,
            "hits": after.hits,
            "model_calls": after.model_calls,
        }

    def _client(self, target: Target) -> PredictionClient:
        return PredictionClient(target.url, target.headers, self._settings.clients)

    def _step(self, name: str, work: Callable[[], Outcome]) -> Outcome:
        started = time.perf_counter()
        with self._progress.step(name):
            outcome = work()
        self._seconds[name] = round(time.perf_counter() - started, 2)
        return outcome


def _mixed(workload: Workload) -> list[Prediction]:
    """Return the predictions with one of the further ones after every second."""
    pairs = zip(workload.predictions[::2], workload.predictions[1::2], workload.further, strict=False)
    return [prediction for three in pairs for prediction in three]


def _speedup(alone: Row, ours: Row) -> float | None:
    hit = percentile(ours.hit_times_ms, 50)
    return round(alone.p50_ms / hit, 1) if hit and alone.p50_ms else None


def _shares(answers: Sequence[Any], old: Sequence[Any], new: Sequence[Any]) -> dict[str, int]:
    from_old = sum(answer.document == old[answer.index] for answer in answers)
    from_new = sum(answer.document == new[answer.index] for answer in answers)
    return {
        "requests": len(answers),
        "old": from_old,
        "new": from_new,
        "wrong": len(answers) - from_old - from_new,
    }
