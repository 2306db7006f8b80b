"""The main job, step by step, on a local world that is already running."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from components.verification.arguments import VERIFY
from local.demo import ways
from local.demo.changed_model import Change, changed_model
from local.demo.client import Answer, PredictionClient
from local.demo.edge_client import EdgeClient
from local.demo.examples import examples
from local.demo.gateway import edge_resources, entities, requests_counted, wait_for_route, wait_for_version
from local.demo.model_cache import cache_of, with_cache
from local.demo.nodes_client import NodesClient
from local.demo.outage import outage
from local.demo.paced_client import PacedClient
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
_PAUSE_SECONDS = 0.02  # of each caller while the model is changed
_CHANGED_LATENCY_SECONDS = 0.1  # of the changed model, which is asked again and again until it is sure


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
    """Deploys, measures every way to the model, rolls the model out and back, previews again and destroys.

    A stack's `cache.verify` is left out, so that every call of the model is a caller's, until the last part before
    destroy, in which the model is changed behind the cache's back.

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
        ours = next(row for row in rows if row.name in (ways.GATEWAY, ways.EDGE_GET))
        rollout = self._roll("roll out version 2", OLD_VERSION, NEW_VERSION)
        second_preview = self._step("second preview", self._engine(NEW_VERSION).preview)
        # Back while the answers of the first version are still in the caches: none may be of the second.
        rollback = self._roll("roll back to version 1", NEW_VERSION, OLD_VERSION)
        killed = self._outage(Target.of(engine.outputs(show_secrets=True))) if self._is_shared else None
        changed = self._changed_model()
        deployed = self._configured()
        destroy = self._step("destroy", engine.destroy)
        return {
            "engine": self._settings.engine,
            "stack": self._settings.stack,
            "edge": self._has_edge,
            "edge_provider": self._settings.stack_file.edge_provider,
            "added_latency_seconds": self._settings.latency_seconds,
            "clients": self._settings.clients,
            "distinct_inputs": len(self._workload.asked),
            "rows": [row.as_json() for row in rows],
            "examples": examples(self._workload, rows[1], ours),
            "speedup_p50": _speedup(rows[0], ours),
            "preview": preview.changes,
            "up": up.changes,
            "rollout": rollout,
            "rollback": rollback,
            "outage": killed,
            "changed_model": changed,
            "second_preview": second_preview.changes,
            "destroy": destroy.changes,
            "deployed": deployed,
            "left_over": self._configured(),
            "seconds": self._seconds,
        }

    @property
    def _has_edge(self) -> bool:
        return bool(self._world.edge_proxy)

    @property
    def _is_shared(self) -> bool:
        return bool(self._world.redis_url)

    def _engine(self, version: str, **cache: Any) -> Engine:
        """Return the engine for the stack with that version of the model; `cache`: settings that are not the file's."""
        settings, world = self._settings, self._world
        shared = (world.redis_url, world.redis_password) if self._is_shared else ()
        config = settings.stack_file.moved(
            world.admin, world.proxy, world.endpoints[version], version, world.edge_admin, *shared
        )
        config = with_cache(config, **{"verify": None, **cache})
        return open_engine(settings.engine, settings.stack, self._state_dir, config)

    def _rows(self, target: Target) -> list[Row]:
        endpoint, clients = self._world.endpoints[OLD_VERSION], self._settings.clients
        rows = [self._row(ways.ALONE, PredictionClient(endpoint, clients=clients))]
        with StockProxyCache(self._world.admin, self._world.proxy, endpoint) as url:
            wait_for_route(url)
            rows.append(self._row(ways.STOCK, PredictionClient(url, clients=clients)))
        wait_for_route(target.url)
        if self._has_edge:
            at_edge = target.at(self._world.edge_proxy)
            posting = PredictionClient(at_edge.url, at_edge.headers, clients)
            rows.append(self._counted_row(ways.EDGE_POST, posting))
            rows.append(self._counted_row(ways.EDGE_GET, self._client(target)))
        elif self._is_shared:
            first, other = [NodesClient(target, [proxy], clients) for proxy in self._world.proxies]
            rows.append(self._counted_row(ways.GATEWAY, first))
            wait_for_route(other.url)
            rows.append(self._row(ways.OTHER_NODE, other))
        else:
            rows.append(self._counted_row(ways.GATEWAY, self._client(target)))
        return rows

    def _row(self, name: str, client: PredictionClient, version: str = OLD_VERSION) -> Row:
        calls = self._world.model_calls(version)
        with self._progress.requests(name, len(self._asked)) as advance:
            answers = client.send(self._asked, lambda _: advance())
        return Row(name, answers, self._expected[version], self._world.model_calls(version) - calls)

    def _counted_row(self, name: str, client: PredictionClient) -> Row:
        requests = requests_counted(self._world.admin)
        row = self._row(name, client)
        return replace(row, gateway_requests=requests_counted(self._world.admin) - requests)

    def _roll(self, step: str, old: str, new: str) -> dict[str, Any]:
        """Deploy the other version under traffic, then ask everything that had been asked once more."""
        engine = self._engine(new)
        client = self._client(Target.of(engine.outputs(show_secrets=True)))
        with BackgroundTraffic(client, _mixed(self._workload)) as traffic:
            traffic.wait_for(_TRAFFIC_ANSWERS)
            up = self._step(step, engine.up)
            self._wait_for_nodes(Target.of(engine.outputs(show_secrets=True)), new)
            updated_at = time.perf_counter()
            traffic.wait_for(_TRAFFIC_ANSWERS)
        during = {answer.index for answer in traffic.answers}
        # What was asked for the first time in the middle of the update is asked again after it, and after going back.
        self._asked = self._workload.predictions + [each for each in self._workload.further if each.index in during]
        old_calls = self._world.model_calls(old)
        after = self._row(
            f"all again, by version {new}", self._client(Target.of(engine.outputs(show_secrets=True))), new
        )
        answers_of_old, answers_of_new = self._expected[old], self._expected[new]
        late = [answer for answer in traffic.answers if answer.sent_at > updated_at]
        return {
            "from_version": old,
            "to_version": new,
            "changes": up.changes,
            "during": _shares(traffic.answers, answers_of_old, answers_of_new),
            "requests": len(after.answers),
            "stale": sum(answer.document == answers_of_old[answer.index] for answer in [*late, *after.answers]),
            "wrong": after.wrong,
            "hits": after.hits,
            "edge_hits": after.edge_hits,
            "model_calls": after.model_calls,
            "old_model_calls": self._world.model_calls(old) - old_calls,
        }

    def _wait_for_nodes(self, target: Target, version: str) -> None:
        """Return when every further gateway node has learned of a change that the first one has made."""
        for proxy in self._world.proxies[1:]:
            wait_for_version(target.at_node(proxy), self._workload.predictions[0].body, version)

    def _outage(self, target: Target) -> dict[str, Any]:
        client = self._client(target)
        with self._progress.step("kill Valkey under traffic, start it again"):
            return outage(self._world, client, self._workload, self._expected[OLD_VERSION])

    def _changed_model(self) -> dict[str, Any] | None:
        """With verification in the stack file, one gateway and no edge: let it find a changed model."""
        cache = cache_of(self._settings.stack_file.config)
        verify, generation = cache.get("verify"), cache.get("generation", 1)
        if verify is None or self._has_edge or self._is_shared:
            return None
        verifying = self._engine(OLD_VERSION, verify=verify)
        up = self._step("switch verification on", verifying.up)
        target = Target.of(verifying.outputs(show_secrets=True))
        client = PacedClient(target.url, target.headers, self._settings.clients, _PAUSE_SECONDS)
        change = Change(
            endpoint=self._world.endpoints[OLD_VERSION],
            classifier=NEW_VERSION,
            latency_seconds=min(_CHANGED_LATENCY_SECONDS, self._settings.latency_seconds),
            old=self._expected[OLD_VERSION],
            new=[{**answer, "model_version": OLD_VERSION} for answer in self._expected[NEW_VERSION]],
        )
        # What `make purge` does: another generation, deployed.
        purging = self._engine(OLD_VERSION, verify=verify, generation=generation + 1)
        found = changed_model(
            self._world,
            BackgroundTraffic(client, self._workload.predictions),
            change,
            self._progress.step,
            lambda: self._step("purge", purging.up).changes,
        )
        share = verify.get("share", VERIFY["share"])
        part = {"share": share, "generation": generation + 1, "pause_seconds": _PAUSE_SECONDS, "switch_on": up.changes}
        return {**part, **found}

    def _configured(self) -> dict[str, int]:
        counts = {kind: len(names) for kind, names in entities(self._world.admin).items()}
        resources = edge_resources(self._world.edge_admin) if self._has_edge else 0
        return {**counts, "edge resources": resources} if resources else counts

    def _client(self, target: Target) -> PredictionClient:
        if self._has_edge:
            at_edge = target.at(self._world.edge_proxy)
            return EdgeClient(at_edge.url, at_edge.headers, self._settings.clients)
        if self._is_shared:
            return NodesClient(target, self._world.proxies, self._settings.clients)
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


def _shares(answers: Sequence[Answer], old: Sequence[Any], new: Sequence[Any]) -> dict[str, int]:
    from_old = sum(answer.document == old[answer.index] for answer in answers)
    from_new = sum(answer.document == new[answer.index] for answer in answers)
    return {
        "requests": len(answers),
        "old": from_old,
        "new": from_new,
        "wrong": len(answers) - from_old - from_new,
        "failed": sum(answer.status != 200 for answer in answers),
    }
