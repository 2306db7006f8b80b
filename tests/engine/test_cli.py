"""``python -m local.engine``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.engine.__main__ import main
from tests.engine.support.admin_api import MemoryAdminApi

PROGRAM = """
import pulumi, pulumi_kong
pulumi.log.warn("look out")
pulumi_kong.Consumer("web", username="web", custom_id=pulumi.Config().get("id"))
pulumi.export("token", pulumi.Output.secret("s3cr3t"))
"""


@pytest.fixture
def project(project_dir: Path, kong: MemoryAdminApi, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    (project_dir / "__main__.py").write_text(PROGRAM)
    (project_dir / "Pulumi.dev.yaml").write_text(f"config:\n  kong:kongAdminUri: {kong.url}\n")
    return project_dir


def run(project: Path, *arguments: str) -> int:
    return main([*arguments, "--stack", "dev", "--project-dir", str(project)])


def test_the_operations_one_after_the_other(
    project: Path, kong: MemoryAdminApi, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "preview") == 0
    shown = capsys.readouterr()
    assert ' + create kong:index:Consumer web\n       username: "web"\n' in shown.out
    assert "    token : [secret]\n" in shown.out and "     + 2 to create\n" in shown.out
    assert shown.err == "warning: look out\n"
    assert kong.requests == []
    assert run(project, "up") == 0
    assert "     + 2 created\n" in capsys.readouterr().out
    config = (project / "Pulumi.dev.yaml").read_text()
    (project / "Pulumi.dev.yaml").write_text(config + "  shop:id: '7'\n")
    assert run(project, "preview") == 0
    changed = ' ~ update kong:index:Consumer web [diff: +customId]\n       + customId: "7"\n'
    assert changed in capsys.readouterr().out
    assert run(project, "outputs") == 0
    assert json.loads(capsys.readouterr().out) == {"token": "[secret]"}
    assert run(project, "outputs", "--show-secrets") == 0
    assert json.loads(capsys.readouterr().out) == {"token": "s3cr3t"}
    assert run(project, "refresh") == 0
    assert "no changes" in capsys.readouterr().out
    assert run(project, "destroy") == 0
    assert "     - 2 deleted\n" in capsys.readouterr().out
    assert kong.count() == 0


def test_json_is_alone_on_stdout(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, "up", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["changes"]["create"] == 2 and document["outputs"] == {"token": "[secret]"}
    assert [step["op"] for step in document["steps"]] == ["create", "create"]
    assert run(project, "preview", "--json", "--show-secrets") == 0
    assert json.loads(capsys.readouterr().out)["outputs"] == {"token": "s3cr3t"}


def test_an_error_is_one_line_on_stderr_and_exit_code_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "Pulumi.dev.yaml").write_text("config: [\n")
    assert run(project, "up") == 1
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.startswith("error: ") and len(shown.err.splitlines()) == 1
