"""The pack of this project: where it is found, what it is called, and that `up` and `preview` run it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from components import __version__
from local.deploy import operate
from local.engine import EngineError
from local.engine.__main__ import main
from local.policies import NO_POLICIES, policies_of
from tests.stacks.projects import ROOT, lay_project

PACK = ROOT / "policies"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Stack dev with the pack, as in the repository."""
    folder = lay_project("dev", tmp_path / "project")
    (folder / "policies").symlink_to(PACK)
    return folder


def _previewed(project: Path) -> str:
    console = Console(file=io.StringIO(), width=200)
    operate("preview", "dev", console, engine="embedded", project_dir=project, state_dir=project / ".state")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_pack_has_the_version_of_the_components() -> None:
    assert yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text())["version"] == __version__


def test_the_pack_needs_what_is_installed_for_previews() -> None:
    [needed] = (PACK / "requirements.txt").read_text().splitlines()
    assert needed in (ROOT / "requirements-local.txt").read_text().splitlines()


def test_a_project_without_a_pack_has_no_policies(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    assert policies_of(tmp_path, "dev") == NO_POLICIES


def test_a_preview_runs_the_pack_of_the_project(project: Path) -> None:
    assert policies_of(project, "dev").policy_pack_config is None
    shown = _previewed(project)
    assert "Policies:\n    ✅ inference-edge@v" in shown


def test_a_stack_has_a_config_of_its_own(project: Path) -> None:
    (project / "Pulumi.dev.policies.json").write_text(json.dumps({"kong-cache-ttl": {"maxTtlSeconds": 60}}))
    with pytest.raises(EngineError, match="keeps answers for 300 seconds by cache_ttl, more than 60;"):
        _previewed(project)
    (project / "Pulumi.prod.policies.json").write_text("{}")
    assert policies_of(project, "prod").policy_pack_config == project / "Pulumi.prod.policies.json"


def test_the_embedded_engine_takes_the_options_of_the_cli(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = project / "config.json"
    config.write_text(json.dumps({"kong-cache-ttl": {"enforcementLevel": "advisory", "maxTtlSeconds": 60}}))
    options = ["--stack", "dev", "--project-dir", str(project), "--policy-pack", str(PACK)]
    assert main(["preview", *options, "--policy-pack-config", str(config)]) == 0
    assert "- [advisory] [severity: medium]  kong-cache-ttl  (kong:index:Plugin:" in capsys.readouterr().out
