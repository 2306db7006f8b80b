"""What the demo shows while it works."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class DemoProgress:
    """A spinner for each step and a bar for each row of requests, then one line that stays.

    Usage:
        with progress.step("up"): ...
        with progress.requests("model alone", 100) as advance: advance()

    Without a terminal only the lines that stay are printed.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show that a step runs; keep a line with its time."""
        started = time.perf_counter()
        with self._console.status(f"{name} …"):
            yield
        self._done(name, started)

    @contextmanager
    def requests(self, name: str, total: int) -> Iterator[Callable[[], None]]:
        """Show how many requests have been answered; keep a line with the time."""
        started = time.perf_counter()
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal) as bars:
            task = bars.add_task(name, total=total)
            yield lambda: bars.advance(task)
        self._done(f"{name}: {total} requests", started)

    def _done(self, name: str, started: float) -> None:
        seconds = time.perf_counter() - started
        self._console.print(f"  [green]✓[/] {name} [dim]{seconds:.1f} s[/]")
