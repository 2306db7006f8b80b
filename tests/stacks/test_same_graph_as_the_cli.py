"""The real engine's preview of a stack registers what the embedded engine registers.

The plugin of a cloud is the installed one, or else the stand-in, served to the real engine.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.runtime.rpc import UNKNOWN

from local.engine import EmbeddedEngine
from local.engine.values import MASK
from tests.stacks.projects import PASSPHRASE, ROOT, STACKS, lay_project
from tests.stacks.stand_in_plugin import StandInPlugin

PLUGINS = ("kong", "random")
CLOUDS = ("aws", "gcp")
FIELDS = ("urn", "type", "custom", "parent", "inputs", "dependencies", "propertyDependencies")
OPTIONS = ("replaceOnChanges", "additionalSecretOutputs")
# Of installed plugins: a preview without an account.
OFFLINE: dict[str, dict[str, Any]] = {
    "aws": {
        "aws:accessKey": "none",
        "aws:secretKey": "none",
        "aws:skipCredentialsValidation": True,
        "aws:skipRequestingAccountId": True,
        "aws:skipMetadataApiCheck": True,
        "aws:allowedAccountIds": [],
    },
    "gcp": {"gcp:accessToken": "none"},
}


def _installed() -> set[str]:
    """The plugins of the real engine; empty without one."""
    if shutil.which("pulumi") is None:
        return set()
    listed = subprocess.run(["pulumi", "plugin", "ls", "--json"], capture_output=True, text=True, timeout=60)
    return {plugin["name"] for plugin in json.loads(listed.stdout)} if listed.returncode == 0 else set()


def _missing() -> str:
    """What of the real engine is not installed; empty when all is there."""
    if shutil.which("pulumi") is None:
        return "the Pulumi CLI is not on PATH"
    lacking = [name for name in PLUGINS if name not in _plugins]
    return f"the Pulumi CLI lacks the plugins {', '.join(lacking)}" if lacking else ""


_plugins = _installed()
_reason = _missing()
pytestmark = [pytest.mark.cli, pytest.mark.skipif(bool(_reason), reason=_reason)]


class Workspace:
    """A stack with state and config files of its own; the program is reached by a link."""

    def __init__(self, stack: str, folder: Path, environment: dict[str, str]) -> None:
        self._folder, self._environment = lay_project(stack, folder), environment
        project_file = folder / "Pulumi.yaml"
        runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
        project = {**yaml.safe_load(project_file.read_text()), "main": "program/", "runtime": runtime}
        project_file.write_text(yaml.safe_dump(project))
        (folder / "program").symlink_to(ROOT, target_is_directory=True)
        (folder / "state").mkdir()

    def configure(self, stack: str, config: dict[str, Any]) -> None:
        """Add to the stack's config."""
        file = self._folder / f"Pulumi.{stack}.yaml"
        document = yaml.safe_load(file.read_text())
        document["config"] |= config
        file.write_text(yaml.safe_dump(document))

    def pulumi(self, *arguments: str) -> str:
        """What the CLI prints."""
        environment = {
            **os.environ,
            **self._environment,
            "PULUMI_BACKEND_URL": f"file://{self._folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        command = ["pulumi", *arguments, "--non-interactive"]
        run = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, env=environment, timeout=150)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout


@contextlib.contextmanager
def cloud_plugins() -> Iterator[dict[str, str]]:
    """The environment in which the real engine has a plugin of each cloud."""
    with contextlib.ExitStack() as running:
        plugins = [running.enter_context(StandInPlugin(cloud)) for cloud in CLOUDS if cloud not in _plugins]
        yield {"PULUMI_DEBUG_PROVIDERS": ",".join(plugin.address for plugin in plugins)} if plugins else {}


def by_urn(resources: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["urn"]: item for item in resources}


def of_cli(state: dict[str, Any]) -> dict[str, Any]:
    """A resource of the CLI's preview in the shape of the embedded engine's graph."""
    return {
        "urn": state["urn"],
        "type": state["type"],
        "custom": state["custom"],
        "parent": state.get("parent", ""),
        "inputs": comparable(json.loads(json.dumps(state.get("inputs", {})).replace(UNKNOWN, "[unknown]"))),
        "dependencies": sorted(state.get("dependencies") or []),
        "propertyDependencies": {
            name: sorted(urns or []) for name, urns in (state.get("propertyDependencies") or {}).items()
        },
        "options": {name: sorted(state.get(name) or []) for name in OPTIONS},
        "protect": state.get("protect", False),
    }


def of_embedded(item: dict[str, Any]) -> dict[str, Any]:
    options = {name: sorted(item["options"][name]) for name in OPTIONS}
    inputs = comparable(item["inputs"])
    return {
        **{name: item[name] for name in FIELDS},
        "inputs": inputs,
        "options": options,
        "protect": item["options"]["protect"],
    }


def comparable(value: Any) -> Any:
    """A value without what a plugin filled in, with automatic names that do not differ."""
    if isinstance(value, dict):
        filled_in = {"__defaults", *value.get("__defaults", [])}
        return {name: comparable(item) for name, item in value.items() if name not in filled_in}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return re.sub(r"\b(edge-[a-z0-9-]+)-[0-9a-f]{7}\b", r"\1-*", value) if isinstance(value, str) else value


def differences(ours: Any, real: Any, at: str = "") -> list[str]:
    """Where two values differ, and how.

    A list with a secret in it is a secret there, too: the real engine makes it one for plugins that know no secrets.
    """
    if isinstance(ours, dict) and isinstance(real, dict):
        names = sorted({*ours, *real})
        return [line for name in names for line in differences(ours.get(name), real.get(name), f"{at}/{name}")]
    if isinstance(ours, list) and isinstance(real, list) and len(ours) == len(real):
        return [line for index, item in enumerate(ours) for line in differences(item, real[index], f"{at}/{index}")]
    if real == MASK and isinstance(ours, list) and MASK in json.dumps(ours):
        return []
    return [] if ours == real else [f"{at}: {ours!r} here, {real!r} there"]


@pytest.mark.parametrize("stack", STACKS)
def test_the_cli_registers_the_same_resources(stack: str, tmp_path: Path) -> None:
    with cloud_plugins() as environment:
        workspace = Workspace(stack, tmp_path / "real", environment)
        for cloud in _plugins & OFFLINE.keys():
            workspace.configure(stack, OFFLINE[cloud])
        workspace.pulumi("stack", "init", stack)
        preview = json.loads(workspace.pulumi("preview", "--json", "--stack", stack))
    states = [step["newState"] for step in preview["steps"] if not step["urn"].split("::")[2].startswith("pulumi:prov")]
    real = {urn: of_cli(state) for urn, state in by_urn(states).items()}

    project = lay_project(stack, tmp_path / "embedded")
    embedded = EmbeddedEngine(project, stack, tmp_path / "state", passphrase=PASSPHRASE).preview()
    ours = {urn: of_embedded(item) for urn, item in by_urn(embedded.graph).items()}
    assert len(ours) > 15
    assert differences(ours, real) == []
