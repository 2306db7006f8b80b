"""python -m local.deploy up|preview|destroy|refresh|outputs --stack dev: the program, by whichever engine there is."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from rich.console import Console
from rich.markup import escape

from local import PROJECT_DIR
from local.engine import EmbeddedEngine, EngineError, Interrupted, Result
from local.engine.passphrase import passphrase_from_environment
from local.policies import NO_POLICIES, Policies, policies_of
from local.pulumi_cli import PulumiCli
from local.stack_file import StackFile, StackFileError

EngineName = Literal["pulumi", "embedded"]
STATE_DIR = PROJECT_DIR / ".state"
_SYMBOLS = {"create": "+", "update": "~", "replace": "±", "delete": "-", "same": " "}
_COLOURS = {"create": "green", "update": "yellow", "replace": "magenta", "delete": "red", "same": "dim"}


class Outcome(Protocol):
    """What both engines answer: counts per operation, steps (op, urn, type, name, diff), outputs without secrets."""

    @property
    def changes(self) -> dict[str, int]: ...
    @property
    def steps(self) -> list[Any]: ...
    @property
    def outputs(self) -> dict[str, Any]: ...


class Engine(Protocol):
    """What both engines can do; each raises EngineError with a message for a person."""

    def preview(self) -> Outcome: ...
    def up(self) -> Outcome: ...
    def refresh(self) -> Outcome: ...
    def destroy(self) -> Outcome: ...
    def outputs(self, *, show_secrets: bool = False) -> dict[str, Any]: ...
    def resources(self) -> list[dict[str, Any]]: ...


def engine_name(stack: str, state_dir: Path) -> EngineName:
    """Return the engine that deployed the stack: its state is the only one that knows the resources. Else any."""
    try:
        noted = _note(stack, state_dir).read_text().strip()
    except FileNotFoundError:
        return default_engine(stack)
    return "pulumi" if noted == "pulumi" else "embedded"


def default_engine(stack: str) -> EngineName:
    """Return `pulumi` when the CLI is on PATH, else `embedded`, which alone knows a stack's AWS on this machine."""
    try:
        is_local = StackFile(PROJECT_DIR, stack).edge_port is not None
    except StackFileError:
        is_local = False  # the engine says what is wrong with the file
    return "pulumi" if shutil.which("pulumi") and not is_local else "embedded"


def open_engine(
    name: EngineName,
    stack: str,
    state_dir: Path,
    config: Mapping[str, Any] | None = None,
    on_output: Callable[[str], None] | None = None,
    project_dir: Path = PROJECT_DIR,
    policies: Policies = NO_POLICIES,
) -> Engine:
    """Return that engine for a stack of this project; `config` overrides keys of its config file.

    `policies` are what its previews and deployments have to comply with.
    The passphrase is that of the environment. Without one the CLI, which needs it, gets a random one kept below
    `state_dir`, and the embedded engine keeps a key there.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    passphrase = passphrase_from_environment()
    if name == "pulumi":
        kept = _kept_passphrase(state_dir / "passphrase") if passphrase is None else passphrase
        return PulumiCli(project_dir, stack, state_dir, config, kept, on_output, policies)
    return EmbeddedEngine(
        project_dir=project_dir,
        stack=stack,
        state_dir=state_dir,
        config=dict(config or {}),
        passphrase=passphrase,
        policy_pack=policies.policy_pack,
        policy_pack_config=policies.policy_pack_config,
    )


def main() -> int:
    """Run one operation and say what it did."""
    arguments = _arguments()
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    try:
        if arguments.operation == "outputs":
            _print_outputs(arguments, console)
        else:
            operate(arguments.operation, arguments.stack, console, engine=arguments.engine)
    except Interrupted as error:
        print(f"{arguments.operation} of stack {arguments.stack} was {error}", file=sys.stderr)
        return 130
    except EngineError as error:
        print(f"{arguments.operation} of stack {arguments.stack} failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{arguments.operation} of stack {arguments.stack} was interrupted", file=sys.stderr)
        return 130
    return 0


def operate(
    operation: str,
    stack: str,
    console: Console,
    *,
    engine: EngineName | None = None,
    project_dir: Path = PROJECT_DIR,
    state_dir: Path | None = None,
) -> None:
    """Run up, preview, refresh or destroy and show what it did; by default by the engine that has the stack.

    Raises EngineError.
    """
    state = state_dir or STATE_DIR
    name = engine or engine_name(stack, state)
    opened = open_engine(
        name,
        stack,
        state,
        on_output=lambda line: print(line, flush=True),
        project_dir=project_dir,
        policies=policies_of(project_dir, stack),
    )
    console.print(f"{operation} of stack [bold]{escape(stack)}[/] with the {name} engine")
    note = _note(stack, state)
    first = operation == "up" and not note.exists() and (project_dir / f"Pulumi.{stack}.yaml").exists()
    if first:
        note.write_text(name)
    try:
        outcome = getattr(opened, operation)()
    except EngineError:
        if first and name == "embedded" and not any(state.glob(f"*/{stack}.json")):
            note.unlink()  # nothing was changed, so that another engine may still deploy the stack
        raise
    if operation == "destroy":
        note.unlink(missing_ok=True)
    if name == "embedded":
        _show(outcome, operation, console)


def _print_outputs(arguments: argparse.Namespace, console: Console) -> None:
    engine = open_engine(arguments.engine or engine_name(arguments.stack, STATE_DIR), arguments.stack, STATE_DIR)
    console.print_json(data=engine.outputs(show_secrets=arguments.show_secrets))


def _show(outcome: Outcome, operation: str, console: Console) -> None:
    for step in outcome.steps:
        if step.op != "same":
            console.print(
                f"[{_COLOURS[step.op]}]{_SYMBOLS[step.op]} {escape(step.type)} {escape(step.name)}[/]", soft_wrap=True
            )
            for line in step.diff:
                console.print(f"    {line}", markup=False, soft_wrap=True)
    if operation != "destroy" and outcome.outputs:
        console.print("outputs:")
        console.print_json(data=outcome.outputs, sort_keys=True)
    if isinstance(outcome, Result) and outcome.policies:
        console.print(outcome.policies, markup=False, soft_wrap=True)
    counts = ", ".join(f"{count} {op}" for op, count in outcome.changes.items() if count)
    console.print(f"[bold]{counts or 'no resources'}[/]")


def _note(stack: str, state_dir: Path) -> Path:
    return state_dir / f"{stack}.engine"


def _kept_passphrase(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        passphrase = secrets.token_urlsafe(32)
        file.write(passphrase)
    return passphrase


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.deploy", description="Deploy a stack of this project.")
    parser.add_argument("operation", choices=["up", "preview", "destroy", "refresh", "outputs"])
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--engine", choices=["pulumi", "embedded"], help="default: pulumi when it is on PATH")
    parser.add_argument("--show-secrets", action="store_true", help="with outputs: show secret values")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
