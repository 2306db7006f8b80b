"""The demo of the cache: one model, asked in several ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from local.bench.comparison import DesignComparison
from local.bench.gateway_node import GatewayNode
from local.demo.job import NEW_VERSION, OLD_VERSION, JobSettings, MainJob
from local.demo.page import render
from local.demo.progress import DemoProgress
from local.demo.table import show
from local.demo.verdict import Check, verdict
from local.world import LocalWorld


class CacheDemo:
    """A DemoKind: the main job, and with a shared cache the comparison of designs."""

    def __init__(self, settings: JobSettings) -> None:
        self._settings = settings

    @property
    def parts(self) -> str:
        stack_file = self._settings.stack_file
        gateway = "two gateway nodes, Valkey" if stack_file.redis_port else "the gateway"
        return f"{gateway}{', the edge' if stack_file.edge_port else ''} and two versions of the model"

    def world(self) -> LocalWorld:
        stack_file = self._settings.stack_file
        is_shared = stack_file.redis_port is not None
        return LocalWorld(
            {OLD_VERSION: 0, NEW_VERSION: 0},
            self._settings.latency_seconds,
            edge_ports=(0, 0) if stack_file.edge_port else None,
            node_ports=(0,) if is_shared else (),
            redis_port=0 if is_shared else None,
            # The CLI reads its config from a file, where a password would have to be encrypted.
            redis_password="" if self._settings.engine == "pulumi" else None,
        )

    def run(self, world: LocalWorld, state_dir: Path, progress: DemoProgress) -> dict[str, Any]:
        report = MainJob(self._settings, world, state_dir, progress).run()
        if world.redis_url:
            node = GatewayNode(world.admin, world.proxy, is_real=False)
            report["comparison"] = DesignComparison(world, node, self._settings.latency_seconds, progress.step).run()
        return report

    def verdict(self, report: Mapping[str, Any]) -> list[Check]:
        return verdict(report)

    def page(self, report: Mapping[str, Any], checks: Sequence[Check]) -> str:
        return render(report, checks)

    def show(self, report: Mapping[str, Any], checks: Sequence[Check], console: Console) -> None:
        show(report, checks, console)
