"""The demo of the pools: many replicas and models behind one address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from local.demo.pools.job import PoolsJob, PoolsSettings
from local.demo.pools.page import render
from local.demo.pools.roles import Roles
from local.demo.pools.table import show
from local.demo.pools.verdict import verdict
from local.demo.progress import DemoProgress
from local.demo.verdict import Check
from local.world import REPEATING, LocalWorld


class PoolsDemo:
    """A DemoKind: the job of the pools, on a gateway as the stack needs it.

    Raises StackFileError when the stack's file does not have what it shows.
    """

    def __init__(self, settings: PoolsSettings) -> None:
        self._settings = settings
        self._roles = Roles.of(settings.stack_file)

    @property
    def parts(self) -> str:
        return f"the gateway and {len(self._replicas)} replicas of a chat model"

    @property
    def _replicas(self) -> list[str]:
        return [*self._roles.replicas, self._roles.further, self._roles.fallback_replica]

    def world(self) -> LocalWorld:
        return LocalWorld(
            {},
            self._settings.latency_seconds,
            gateway_arguments=REPEATING if self._settings.stack_file.repeats_lost_requests else (),
            replicas=dict.fromkeys(self._replicas, 0),
        )

    def run(self, world: LocalWorld, state_dir: Path, progress: DemoProgress) -> dict[str, Any]:
        return PoolsJob(self._settings, self._roles, world, state_dir, progress).run()

    def verdict(self, report: Mapping[str, Any]) -> list[Check]:
        return verdict(report)

    def page(self, report: Mapping[str, Any], checks: Sequence[Check]) -> str:
        return render(report, checks)

    def show(self, report: Mapping[str, Any], checks: Sequence[Check], console: Console) -> None:
        show(report, checks, console)
