"""What every demo can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from local.demo.progress import DemoProgress
from local.demo.verdict import Check
from local.world import LocalWorld


class DemoKind(Protocol):
    """One demo: the world that it needs, what it does there, and how that is judged and shown.

    parts: what is started, for people. `run` gets a running world and returns what out/demo.json holds.
    """

    @property
    def parts(self) -> str: ...
    def world(self) -> LocalWorld: ...
    def run(self, world: LocalWorld, state_dir: Path, progress: DemoProgress) -> dict[str, Any]: ...
    def verdict(self, report: Mapping[str, Any]) -> list[Check]: ...
    def page(self, report: Mapping[str, Any], checks: Sequence[Check]) -> str: ...
    def show(self, report: Mapping[str, Any], checks: Sequence[Check], console: Console) -> None: ...
