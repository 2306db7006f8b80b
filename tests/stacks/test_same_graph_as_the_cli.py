"""The real engine's preview of the dev stack registers what the embedded engine registers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.runtime.rpc import UNKNOWN

from local.engine import EmbeddedEngine
from tests.stacks.graph_text import ROOT

PLUGINS = ("kong", "random")
FIELDS = ("urn", "type", "custom", "parent", "inputs", "dependencies", "propertyDependencies")
OPTIONS = ("replaceOnChanges", "additionalSecretOutputs")


def _missing() -> str:
    """What of the real engine is not installed; empty when all is there."""
    if shutil.which("pulumi") is None:
        return "the Pulumi CLI is not on PATH"
    listed = subprocess.run(["pulumi", "plugin", "ls", "--json"], capture_output=True, text=True, timeout=60)
    installed = {plugin["name"] for plugin in json.loads(listed.stdout)} if listed.returncode == 0 else set()
    lacking = [name for name in PLUGINS if name not in installed]
    return f"the Pulumi CLI lacks the plugins {', '.join(lacking)}" if lacking else ""


_reason = _missing()
pytestmark = [pytest.mark.cli, pytest.mark.skipif(bool(_reason), reason=_reason)]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The project with its own state and config files; the program is reached by a link."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump({**project, "main": "program/", "runtime": runtime}))
    shutil.copy(ROOT / "Pulumi.dev.yaml", tmp_path)
    (tmp_path / "program").symlink_to(ROOT, target_is_directory=True)
    (tmp_path / "state").mkdir()
    return tmp_path


def pulumi(workspace: Path, *arguments: str) -> str:
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": f"file://{workspace / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "only for this test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    command = ["pulumi", *arguments, "--non-interactive"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=workspace, env=environment, timeout=150)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def by_urn(resources: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["urn"]: item for item in resources}


def of_cli(state: dict[str, Any]) -> dict[str, Any]:
    """A resource of the CLI's preview in the shape of the embedded engine's graph."""
    inputs = {name: value for name, value in state.get("inputs", {}).items() if name != "__defaults"}
    return {
        "urn": state["urn"],
        "type": state["type"],
        "custom": state["custom"],
        "parent": state.get("parent", ""),
        "inputs": json.loads(json.dumps(inputs).replace(UNKNOWN, "[unknown]")),
        "dependencies": sorted(state.get("dependencies") or []),
        "propertyDependencies": {
            name: sorted(urns or []) for name, urns in (state.get("propertyDependencies") or {}).items()
        },
        "options": {name: sorted(state.get(name) or []) for name in OPTIONS},
    }


def of_embedded(item: dict[str, Any]) -> dict[str, Any]:
    options = {name: sorted(item["options"][name]) for name in OPTIONS}
    return {**{name: item[name] for name in FIELDS}, "options": options}


def test_the_cli_registers_the_same_resources(workspace: Path, tmp_path: Path) -> None:
    pulumi(workspace, "stack", "init", "dev")
    preview = json.loads(pulumi(workspace, "preview", "--json", "--stack", "dev"))
    states = [step["newState"] for step in preview["steps"] if not step["urn"].split("::")[2].startswith("pulumi:prov")]
    real = {urn: of_cli(state) for urn, state in by_urn(states).items()}

    embedded = EmbeddedEngine(ROOT, "dev", tmp_path / "embedded", passphrase="").preview()
    ours = {urn: of_embedded(item) for urn, item in by_urn(embedded.graph).items()}
    assert set(ours) == set(real) and len(ours) > 15
    for urn in sorted(ours):
        assert ours[urn] == real[urn], urn
