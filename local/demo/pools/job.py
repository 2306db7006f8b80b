"""The demo of the pools, step by step, on a local world that is already running."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.demo.gateway import entities, wait_for_route
from local.demo.pools.background import BackgroundConversations
from local.demo.pools.caller_keys import CallerKeys
from local.demo.pools.changes import ReplicaChanges, targets
from local.demo.pools.phases import phases, timeline
from local.demo.pools.probes import Probes, callers, moved
from local.demo.pools.replay import Replay
from local.demo.pools.roles import Roles
from local.demo.pools.spread import summed
from local.demo.pools.trace import ConversationTrace
from local.demo.progress import DemoProgress
from local.deploy import Engine, EngineName, Outcome, open_engine
from local.stack_file import StackFile
from local.world import LocalWorld

ROUND_ROBIN, AFFINITY = "round-robin", "affinity"
_CALLERS, _ASKED = 300, 2
_PREFIXES_PER_CONVERSATION = 6
_STREAM_TOKENS = 320
_QUESTIONS = 40
_SLOTS = 60
_PATIENCE_SECONDS, _POLL_SECONDS = 30.0, 0.1


@dataclass(frozen=True)
class PoolsSettings:
    """What the demo was asked to do. conversations: how many there are in the trace; at_once: so many at a time."""

    stack_file: StackFile
    stack: str
    engine: EngineName
    conversations: int
    latency_seconds: float
    at_once: int = 24


class PoolsJob:
    """Deploys, spreads the same conversations in two ways, changes replicas under load, and destroys.

    Usage:
        report = PoolsJob(settings, roles, world, state_dir, progress).run()

    The report is what out/demo.json holds; local.demo.pools.verdict judges it. Raises EngineError, httpx.HTTPError and
    TimeoutError.
    """

    def __init__(
        self, settings: PoolsSettings, roles: Roles, world: LocalWorld, state_dir: Path, progress: DemoProgress
    ) -> None:
        self._settings, self._roles, self._world = settings, roles, world
        self._state_dir, self._progress = state_dir, progress
        self._conversations = ConversationTrace(settings.conversations).conversations
        self._seconds: dict[str, float] = {}
        self._url, self._key = "", ""

    def run(self) -> dict[str, Any]:
        """Do all steps in order and return the report."""
        roles = self._roles
        stock = {"algorithm": ROUND_ROBIN, "affinity": None}
        preview = self._step("preview", self._engine(stock).preview)
        up = self._step("up, with round-robin", self._engine(stock).up)
        self._find_entry()
        rows = [self._row(ROUND_ROBIN)]
        self._step("switch to affinity", self._engine().up)
        rows.append(self._row(AFFINITY))
        second_preview = self._step("second preview", self._engine().preview)
        probes = Probes(self._url, self._key, roles.name)
        with self._progress.step("one long answer as a stream"):
            stream = probes.stream(_STREAM_TOKENS)
        versions = self._versions(probes)
        placed = self._places(probes, "before")
        load = self._changes()
        placed_after = self._places(probes, "after")
        fallback = self._fallback(probes)
        deployed = self._configured()
        destroy = self._step("destroy", self._engine().destroy)
        return {
            "engine": self._settings.engine,
            "stack": self._settings.stack,
            "latency_seconds": self._settings.latency_seconds,
            "conversations": self._settings.conversations,
            "at_once": self._settings.at_once,
            "name": roles.name,
            "rows": rows,
            "stream": {
                "reads": stream.reads,
                "first_byte_ms": round(stream.first_byte_ms, 1),
                "whole_ms": round(stream.milliseconds, 1),
                "failed": stream.has_failed,
            },
            "callers": versions,
            "load": load,
            "moved": moved(placed, placed_after),
            "fallback": fallback,
            "preview": preview.changes,
            "up": up.changes,
            "second_preview": second_preview.changes,
            "destroy": destroy.changes,
            "deployed": deployed,
            "left_over": self._configured(),
            "seconds": self._seconds,
        }

    def _engine(self, pool: Mapping[str, Any] | None = None) -> Engine:
        """The engine for the stack in this world; pool: settings of the compared pool, by default those of the file."""
        settings, world, roles = self._settings, self._world, self._roles
        changed = {
            roles.pool: {"targets": targets(world, roles.replicas), **(pool or {})},
            roles.fallback_pool: {"targets": targets(world, [roles.fallback_replica])},
        }
        config = settings.stack_file.with_pools(world.admin, world.proxy, changed)
        return open_engine(settings.engine, settings.stack, self._state_dir, config)

    def _find_entry(self) -> None:
        outputs = self._engine().outputs(show_secrets=True)
        self._url = outputs["routerUrls"][0]
        self._key = next(iter(outputs["consumerKeys"].values()))
        wait_for_route(self._url)

    def _row(self, name: str) -> dict[str, Any]:
        for address in self._world.replicas.values():
            httpx.post(f"http://{address}/reset_prefix_cache", timeout=10).raise_for_status()
        replay = self._replay(is_streamed=True)
        turns = sum(len(conversation.turns) for conversation in self._conversations)
        started = time.perf_counter()
        with self._progress.requests(name, turns) as advance:
            answers = replay.run(self._conversations, lambda _: advance())
        return summed(name, answers, self._roles.replicas, time.perf_counter() - started)

    def _versions(self, probes: Probes) -> dict[str, Any]:
        with (
            self._progress.step(f"{_CALLERS} callers and their versions"),
            CallerKeys(self._world.admin, _CALLERS) as keys,
        ):
            return callers(probes.versions(keys, _ASKED), self._roles.versions, self._roles.canary)

    def _places(self, probes: Probes, when: str) -> list[str]:
        prefixes = _PREFIXES_PER_CONVERSATION * self._settings.conversations
        with self._progress.step(f"where {prefixes} prefixes go, {when} {self._roles.further} is added"):
            return probes.places(prefixes)

    def _changes(self) -> dict[str, Any]:
        # Whole answers: of a stream that has begun, nobody can send the rest when its replica is killed.
        replay, everybody = self._replay(is_streamed=False), [*self._roles.replicas, self._roles.further]

        def deploy(step: str, wanted: Sequence[Mapping[str, Any]]) -> Outcome:
            return self._step(step, self._engine({"targets": wanted}).up)

        with BackgroundConversations(replay, self._conversations) as load:
            changes = ReplicaChanges(self._world, self._roles, deploy, load, self._progress)
            changes.run()
        return {
            "requests": len(load.answers),
            "failed": sum(answer.has_failed for answer in load.answers),
            "lost": changes.lost,
            "phases": phases(changes.events, load.answers, everybody),
            "timeline": timeline(changes.events, load.answers, everybody, _SLOTS),
        }

    def _fallback(self, probes: Probes) -> dict[str, Any]:
        everybody = [*self._roles.replicas, self._roles.further]
        with self._progress.step(f"{self._roles.pool} goes away and comes back"):
            for replica in everybody:
                self._world.terminate(replica)
            noticed = _seconds_until(lambda: probes.questions(1, 1)[0].replica == self._roles.fallback_replica)
            away = probes.questions(_QUESTIONS, at_once=8)
            self._world.restart(*everybody)
            back = _seconds_until(lambda: probes.questions(1, 1)[0].replica in everybody)
        return {
            "requests": len(away),
            "failed": sum(answer.has_failed for answer in away),
            "by_fallback": sum(answer.model == self._roles.fallback for answer in away),
            "noticed_seconds": noticed,
            "back_seconds": back,
        }

    def _replay(self, is_streamed: bool) -> Replay:
        return Replay(self._url, self._key, self._roles.name, self._settings.at_once, is_streamed)

    def _configured(self) -> dict[str, int]:
        return {kind: len(names) for kind, names in entities(self._world.admin).items()}

    def _step(self, name: str, work: Callable[[], Outcome]) -> Outcome:
        started = time.perf_counter()
        with self._progress.step(name):
            outcome = work()
        self._seconds[name] = round(time.perf_counter() - started, 2)
        return outcome


def _seconds_until(found: Callable[[], bool]) -> float | None:
    """Return after how many seconds it was found, None when it was not in half a minute."""
    started = time.monotonic()
    while not found():
        if time.monotonic() - started > _PATIENCE_SECONDS:
            return None
        time.sleep(_POLL_SECONDS)
    return round(time.monotonic() - started, 1)
