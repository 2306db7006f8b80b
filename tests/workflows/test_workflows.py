"""The workflows take no more than they need: pinned actions, narrow permissions, no secrets for forks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github/workflows"
FILES = sorted(FOLDER.iterdir())
workflow = pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])

_PINNED = re.compile(
    r"- uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$|uses: \./\.github/workflows/[\w-]+\.ya?ml$"
)
_WRITING = {("preview.yml", "preview"): {"id-token", "pull-requests"}, ("deploy.yml", "*"): {"id-token"}}


def jobs(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text())["jobs"]


def commands(file: Path) -> Iterator[str]:
    for job in jobs(file).values():
        yield from (step["run"] for step in job.get("steps", ()) if "run" in step)


@workflow
def test_every_action_is_pinned_by_its_commit(file: Path) -> None:
    used = [line.strip() for line in file.read_text().splitlines() if "uses:" in line]
    assert used
    assert not [line for line in used if not _PINNED.search(line)]


@workflow
def test_permissions_are_none_but_for_what_a_job_asks(file: Path) -> None:
    assert yaml.safe_load(file.read_text())["permissions"] == {}
    for name, job in jobs(file).items():
        writing = {scope for scope, level in job["permissions"].items() if level == "write"}
        assert set(job["permissions"].values()) <= {"read", "write"}
        assert writing <= (_WRITING.get((file.name, name)) or _WRITING.get((file.name, "*")) or set()), name


@workflow
def test_no_expression_is_written_into_a_command(file: Path) -> None:
    assert not [command for command in commands(file) if "${{" in command]


@workflow
def test_every_checkout_forgets_its_token(file: Path) -> None:
    for job in jobs(file).values():
        for step in job.get("steps", ()):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_a_pull_request_of_a_fork_gets_no_secrets() -> None:
    text = (FOLDER / "preview.yml").read_text()
    assert "pull_request_target" not in text
    assert "head.repo.full_name == github.repository" in jobs(FOLDER / "preview.yml")["preview"]["if"]


def test_prod_is_deployed_after_staging_from_main_in_an_environment_of_its_own() -> None:
    deploy = jobs(FOLDER / "deploy.yml")
    assert {name: deploy[name]["environment"] for name in ("staging", "prod")} == {"staging": "staging", "prod": "prod"}
    assert (deploy["staging"]["needs"], deploy["prod"]["needs"]) == ("checks", "staging")
    assert "github.ref == 'refs/heads/main'" in deploy["staging"]["if"]


@pytest.mark.parametrize(
    ("file", "job"), [("preview.yml", "preview"), ("deploy.yml", "staging"), ("deploy.yml", "prod")]
)
def test_what_is_planned_passes_the_policies_and_the_gate(file: str, job: str) -> None:
    steps = jobs(FOLDER / file)[job]["steps"]
    [plan] = [step for step in steps if step.get("with", {}).get("command") == "preview"]
    [gate] = [step for step in steps if "ops.preview_gate" in step.get("run", "")]
    assert (plan["with"]["policyPacks"], plan["with"]["plan"], plan["with"]["diff"]) == ("policies", "plan.json", True)
    assert "--plan plan.json" in gate["run"]
    ups = [step for step in steps if step.get("with", {}).get("command") == "up"]
    assert all(step["with"]["plan"] == "plan.json" and steps.index(step) > steps.index(gate) for step in ups)
    assert len(ups) == (file == "deploy.yml")
