"""How far a run is, how fast, and for how much longer."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class ProgressBar:
    """Usage: ``with ProgressBar("digits", total=900, done=120, console=console) as bar: bar.show(121)``.

    On a terminal only.
    """

    def __init__(self, name: str, *, total: int, done: int, console: Console) -> None:
        columns = ("[bold]{task.description}", "{task.fields[rate]}", "left")
        self._progress = Progress(
            TextColumn(columns[0]),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(columns[1]),
            TimeRemainingColumn(),
            TextColumn(columns[2]),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(name, total=total, completed=done, rate="")

    def show(self, done: int) -> None:
        """So many are done."""
        speed = self._progress.tasks[0].speed
        self._progress.update(self._task, completed=done, rate=f"{speed:.1f}/s" if speed else "")

    def __enter__(self) -> ProgressBar:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()
