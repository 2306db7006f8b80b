"""How steps, results and the program's messages look in a terminal."""

from __future__ import annotations

import json

from rich.console import Console
from rich.text import Text

from local.engine.results import OPERATIONS, Event, Operation, Result, Step

_SIGNS: dict[Operation, str] = {"create": "+", "update": "~", "replace": "+-", "delete": "-", "same": " "}
_COLOURS = {"+": "green", "~": "yellow", "-": "red", "+-": "magenta"}
_LOG_COLOURS = {"warning": "yellow", "error": "red"}
_PLANNED: dict[Operation, str] = {"create": "to create", "update": "to update", "replace": "to replace"}
_DONE: dict[Operation, str] = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted"}


class Rendering:
    """Writes to a rich console. Usage: ``Rendering(Console()).result(result, planned=True)``."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def event(self, event: Event) -> None:
        """One line for a step that ended, or for a message of the program."""
        if event.kind == "log":
            self._line(f"{event.severity}: {event.message}", _LOG_COLOURS.get(event.severity, ""))
        elif event.kind == "done" and event.step is not None:
            self._head(event.step)
        elif event.kind == "failed" and event.step is not None:
            self._line(f"{_SIGNS[event.step.op]:>2} {_label(event.step)} failed", "bold red")

    def changes(self, result: Result) -> None:
        """Every step but the unchanged ones, with its properties."""
        for step in result.steps:
            if step.op == "same":
                continue
            self._head(step)
            plain = step.op in ("create", "delete")
            for line in step.diff:
                sign = line.partition(" ")[0]
                self._line(f"       {line}", "dim" if plain else _COLOURS.get(sign, ""))

    def summary(self, result: Result, *, planned: bool, show_secrets: bool = False) -> None:
        """What the policies found, stack outputs and the number of changes."""
        if result.policies:
            self._line(result.policies)
        outputs = result.outputs_with(show_secrets=show_secrets)
        if outputs:
            self._line("Outputs:", "bold")
            width = max(map(len, outputs))
            for name, value in sorted(outputs.items()):
                self._line(f"    {name:<{width}} : {value if isinstance(value, str) else json.dumps(value)}")
        self._line("Resources:", "bold")
        words = {**_DONE, **(_PLANNED | {"delete": "to delete"} if planned else {}), "same": "unchanged"}
        for operation in OPERATIONS:
            if count := result.changes[operation]:
                sign = _SIGNS[operation]
                self._line(f"    {sign:>2} {count} {words[operation]}", _COLOURS.get(sign, ""))
        if all(step.op == "same" for step in result.steps):
            self._line("    no changes")

    def _head(self, step: Step) -> None:
        sign = _SIGNS[step.op]
        self._line(f"{sign:>2} {step.op} {_label(step)} {step.summary}".rstrip(), _COLOURS.get(sign, ""))

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)


def _label(step: Step) -> str:
    """``kong:index:Service name``, as the CLI shows types."""
    package, _, rest = step.type.partition(":")
    module, _, kind = rest.partition(":")
    return f"{package}:{module.partition('/')[0]}:{kind} {step.name}"
