"""The real Pulumi CLI, driven through the Automation API with a local file backend."""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pulumi import automation
from pulumi.automation.events import EngineEvent

from local.engine import EngineError
from local.engine.values import SECRET_SIGNATURE, SIGNATURE
from local.engine.yaml_file import read_yaml
from local.policies import NO_POLICIES, Policies

_OPERATIONS = ("create", "update", "replace", "delete", "same")
_PROGRAM_LINK = "program"
_TRACEBACK = re.compile(r"^ *Traceback \(most recent call last\):\n(?: {6,}.*\n)*", re.MULTILINE)
_PROVIDER = "pulumi:providers:"
_NO_RESOURCE: dict[str, Any] = {"urn": "", "type": "", "parent": "", "inputs": {}, "outputs": {}}
_T = TypeVar("_T")


@dataclass(frozen=True)
class CliStep:
    """One resource's part of an operation; `diff` names the properties that differ."""

    op: str
    urn: str
    type: str
    name: str
    diff: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CliResult:
    """The outcome of an operation, in the shape of the embedded engine's: changes, steps, outputs.

    Providers, which the CLI counts as resources, are left out, as in the embedded engine.
    """

    steps: list[CliStep]
    outputs: dict[str, Any]

    @property
    def changes(self) -> dict[str, int]:
        """Number of resources per operation."""
        return {op: sum(step.op == op for step in self.steps) for op in _OPERATIONS}


class PulumiCli:
    """One stack of a project, deployed by the `pulumi` on PATH.

    Usage:
        engine = PulumiCli(Path("."), "dev", Path(".state"), config={"kong:kongAdminUri": "…"}, passphrase="…")
        engine.up().changes["create"]
        engine.outputs(show_secrets=True)

    The project's files stay as they are: config and overrides are laid in a workspace below `state_dir`, from where
    the program is reached by a link; Pulumi keeps its checkpoints there too. `on_output` gets the CLI's own lines,
    `policies` are what previews and deployments have to comply with.
    Raises EngineError with the CLI's own error lines.
    """

    def __init__(
        self,
        project_dir: Path,
        stack: str,
        state_dir: Path,
        config: Mapping[str, Any] | None = None,
        passphrase: str = "",
        on_output: Callable[[str], None] | None = None,
        policies: Policies = NO_POLICIES,
    ) -> None:
        self._policies = policies
        self._project_dir = project_dir.resolve()
        self._stack_name = stack
        self._state_dir = state_dir.resolve()
        self._config = dict(config or {})
        self._passphrase = passphrase
        self._on_output = on_output

    def preview(self) -> CliResult:
        """Show what `up` would do."""
        return self._run("preview", **self._policy_options())

    def up(self) -> CliResult:
        """Deploy."""
        return self._run("up", **self._policy_options())

    def refresh(self) -> CliResult:
        """Read the real resources into the state."""
        return self._run("refresh")

    def destroy(self) -> CliResult:
        """Delete everything that the stack has deployed."""
        return self._run("destroy")

    def outputs(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Return the stack's outputs of the last deployment, secrets as [secret] unless asked."""
        return _guarded(lambda: _values(self._open().outputs(), show_secrets))

    def resources(self) -> list[dict[str, Any]]:
        """What the stack has deployed: urn, type, parent, inputs and outputs of each resource, secrets in clear."""
        deployment = _guarded(lambda: self._open().export_stack()).deployment or {}
        kept = [item for item in deployment.get("resources") or () if not item.get("delete")]
        return [
            {**_NO_RESOURCE, **{name: _in_clear(item.get(name)) for name in _NO_RESOURCE if item.get(name)}}
            for item in kept
        ]

    def _policy_options(self) -> dict[str, list[str]]:
        given = {"policy_packs": self._policies.policy_pack, "policy_pack_configs": self._policies.policy_pack_config}
        return {name: [str(path.resolve())] for name, path in given.items() if path}

    def _run(self, operation: str, **options: Any) -> CliResult:
        steps: list[CliStep] = []

        def note(event: EngineEvent) -> None:
            step = _step(event)
            if step:
                steps.append(step)

        def run() -> CliResult:
            stack = self._open()
            getattr(stack, operation)(on_event=note, on_output=self._on_output, color="never", **options)
            return CliResult(steps, _values(stack.outputs(), show_secrets=False))

        return _guarded(run)

    def _open(self) -> automation.Stack:
        backend = self._state_dir / "backend"
        backend.mkdir(parents=True, exist_ok=True)
        environment = {
            "PULUMI_BACKEND_URL": f"file://{backend}",
            "PULUMI_CONFIG_PASSPHRASE": self._passphrase,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        options = automation.LocalWorkspaceOptions(env_vars=environment)
        workspace = str(self._lay_workspace())
        return automation.create_or_select_stack(self._stack_name, work_dir=workspace, opts=options)

    def _lay_workspace(self) -> Path:
        workspace = self._state_dir / "workspace" / self._stack_name
        workspace.mkdir(parents=True, exist_ok=True)
        link = workspace / _PROGRAM_LINK
        link.unlink(missing_ok=True)
        link.symlink_to(self._project_dir, target_is_directory=True)
        runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
        project = {**_yaml(self._project_dir / "Pulumi.yaml"), "main": f"{_PROGRAM_LINK}/", "runtime": runtime}
        _write_yaml(workspace / "Pulumi.yaml", project)
        name = f"Pulumi.{self._stack_name}.yaml"
        kept = _salt(workspace / name)
        settings = {**kept, **_yaml(self._project_dir / name)}
        settings["config"] = {**(settings.get("config") or {}), **self._config}
        _write_yaml(workspace / name, settings)
        return workspace


def _guarded(work: Callable[[], _T]) -> _T:
    try:
        return work()
    except automation.CommandError as error:
        raise EngineError(_reason(str(error))) from None


def _reason(text: str) -> str:
    """Return what the CLI says under Diagnostics, without tracebacks; before any step it is on stderr.

    A violated policy interrupts the program: what counts then is the section Policies.
    """
    policies = _section("Policies", text)
    if "[mandatory]" in policies:
        return f"the policies do not allow it\n{policies}"
    diagnostics = re.search(r"^Diagnostics:\n(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    if not diagnostics:
        return text.rpartition("stderr:")[2].strip() or text.strip()
    return textwrap.dedent(re.sub(_TRACEBACK, "", diagnostics[1])).strip()


def _section(title: str, text: str) -> str:
    """A section of the CLI's output: its title and the indented lines below; empty without one."""
    lines = text.partition(f"\n{title}:\n")[2].splitlines()
    return "\n".join([f"{title}:", *itertools.takewhile(lambda line: line.startswith(" "), lines)]) if lines else ""


def _step(event: EngineEvent) -> CliStep | None:
    metadata = event.resource_pre_event.metadata if event.resource_pre_event else None
    if metadata is None or metadata.op.value not in _OPERATIONS or metadata.type.startswith(_PROVIDER):
        return None
    return CliStep(metadata.op.value, metadata.urn, metadata.type, metadata.urn.split("::")[-1], metadata.diffs or [])


def _values(outputs: automation.OutputMap, show_secrets: bool) -> dict[str, Any]:
    return {name: "[secret]" if out.secret and not show_secrets else out.value for name, out in outputs.items()}


def _in_clear(value: Any) -> Any:
    """A value of `pulumi stack export --show-secrets`; its secrets are JSON texts beside a signature."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET_SIGNATURE:
            return _in_clear(json.loads(value["plaintext"]))
        return {name: _in_clear(item) for name, item in value.items()}
    return [_in_clear(item) for item in value] if isinstance(value, list) else value


def _salt(path: Path) -> dict[str, Any]:
    names = ("encryptionsalt", "secretsprovider", "encryptedkey")
    return {name: value for name, value in _yaml(path).items() if name in names} if path.exists() else {}


def _yaml(path: Path) -> dict[str, Any]:
    return read_yaml(path, if_missing=f"{path} cannot be read: No such file or directory")


def _write_yaml(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=False))
