"""The examples that only the real Pulumi CLI runs as they stand, deployed to the local world."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.world import LocalWorld
from ops.stateful import PlannedStep, losses, steps_of_plan
from tests.package.running import ROOT

_PLUGINS = ("kong", "random")


def _missing(*hosts: str) -> str:
    """What of the CLI is not installed; empty when all is there."""
    lacking = [name for name in ("pulumi", *hosts) if shutil.which(name) is None]
    if lacking:
        return f"{', '.join(lacking)} is not on PATH"
    listed = subprocess.run(["pulumi", "plugin", "ls", "--json"], capture_output=True, text=True, timeout=60)
    installed = {plugin["name"] for plugin in json.loads(listed.stdout)} if listed.returncode == 0 else set()
    lacking = [name for name in _PLUGINS if name not in installed]
    return f"the Pulumi CLI lacks the plugins {', '.join(lacking)}" if lacking else ""


_lacks_cli, _lacks_yaml = _missing(), _missing("pulumi-language-yaml")
pytestmark = [pytest.mark.cli, pytest.mark.skipif(bool(_lacks_cli), reason=_lacks_cli)]


@pytest.fixture
def world() -> Iterator[LocalWorld]:
    with LocalWorld({"1": 0}, latency_seconds=0) as running:
        yield running


class Repository:
    """A copy of the repository, with a backend of its own; the programs and the plugin run in this Python."""

    def __init__(self, folder: Path, world: LocalWorld) -> None:
        self._folder, self._world = folder / "repository", world
        ignored = shutil.ignore_patterns("__pycache__", "venv", ".venv", "node_modules", "sdks")
        for name in ("components", "settings", "examples"):
            shutil.copytree(ROOT / name, self._folder / name, ignore=ignored)
        for name in ("__main__.py", "Pulumi.yaml", "Pulumi.dev.yaml"):
            shutil.copy(ROOT / name, self._folder)
        (self._folder / "components/venv").symlink_to(sys.prefix, target_is_directory=True)
        (folder / "state").mkdir()
        self._environment = {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "only for this test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def up(self, project: str, **config: str) -> dict[str, Any]:
        """Deploy stack dev of a project; gives its outputs in clear."""
        folder = self._folder / project
        document = yaml.safe_load((folder / "Pulumi.yaml").read_text())
        if document["runtime"] != "yaml":
            document["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix}}
            (folder / "Pulumi.yaml").write_text(yaml.safe_dump(document))
        self._pulumi(folder, "stack", "init", "dev")
        for key, value in {"kong:kongAdminUri": self._world.admin, **config}.items():
            self._pulumi(folder, "config", "set", key, value)
        self._pulumi(folder, "up", "--yes")
        self._pulumi(folder, "preview", "--expect-no-changes")
        return json.loads(self._pulumi(folder, "stack", "output", "--json", "--show-secrets"))

    def plan(self, project: str, old: str, new: str) -> list[PlannedStep]:
        """What a change of the program's text would do, by the plan that the CLI saves."""
        file = self._folder / project / "Pulumi.yaml"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))
        self._pulumi(file.parent, "preview", "--diff", "--save-plan", "plan.json")
        return steps_of_plan(file.parent / "plan.json")

    def destroy(self, project: str) -> None:
        self._pulumi(self._folder / project, "destroy", "--yes")

    def _pulumi(self, folder: Path, *arguments: str) -> str:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        command += [] if arguments[:2] == ("stack", "init") else ["--stack", "dev"]
        run = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=self._environment, timeout=150)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout


@pytest.fixture
def repository(tmp_path: Path, world: LocalWorld) -> Repository:
    return Repository(tmp_path, world)


@pytest.mark.skipif(bool(_lacks_yaml), reason=_lacks_yaml)
def test_the_yaml_program_deploys_by_the_package(repository: Repository, world: LocalWorld) -> None:
    outputs = repository.up("examples/yaml", endpoint=world.endpoints["1"])
    assert outputs["vision"]["digits"]["version"] == "1"
    assert len(outputs["consumerKeys"]["vision"]["web"]) == 40
    plan = repository.plan("examples/yaml", "name: batch", "name: night")
    assert {step.name for step in losses(plan, [])} == {"text-batch-consumer", "text-batch-key-auth", "text-batch-key"}
    repository.destroy("examples/yaml")


def test_a_stack_takes_the_outputs_of_another(repository: Repository, world: LocalWorld) -> None:
    models = repository.up(".")
    outputs = repository.up("examples/stack-reference")
    assert outputs["predictUrl"] == models["models"]["digits"]["predictUrl"]
    assert outputs["consumerKeys"] == models["consumerKeys"]
    repository.destroy("examples/stack-reference")
    repository.destroy(".")
