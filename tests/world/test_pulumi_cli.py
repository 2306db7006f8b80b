"""The real Pulumi CLI, when it is on PATH."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

import pytest

from local.engine import EngineError
from local.pulumi_cli import PulumiCli

pytestmark = [
    pytest.mark.cli,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH"),
]

PROGRAM = """
import pulumi

config = pulumi.Config()
if config.get("refuse"):
    raise ValueError("the reason of the refusal")
pulumi.ComponentResource("test:index:Thing", config.require("name"))
pulumi.ComponentResource("test:index:Thing", "secretive", {"key": pulumi.Output.secret({"of": "a consumer"})})
pulumi.export("name", config.require("name"))
pulumi.export("key", pulumi.Output.secret({"of": "a consumer"}))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: trial\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  trial:name: from-the-file\n")
    (folder / "__main__.py").write_text(textwrap.dedent(PROGRAM))
    return folder


def cli(project: Path, **config: str) -> PulumiCli:
    overrides = {f"trial:{name}": value for name, value in config.items()}
    return PulumiCli(project, "dev", project.parent / "state", overrides, passphrase="only for this test")


def test_deploys_previews_without_changes_and_destroys(project: Path) -> None:
    before = {path.name: path.read_bytes() for path in project.iterdir()}
    engine = cli(project)
    assert engine.preview().changes["create"] == 3
    up = engine.up()
    assert (up.changes["create"], up.outputs["name"]) == (3, "from-the-file")
    assert {step.name for step in up.steps} == {"trial-dev", "from-the-file", "secretive"}
    assert {name: count for name, count in engine.preview().changes.items() if count} == {"same": 3}
    assert {name: count for name, count in cli(project).refresh().changes.items() if count}.keys() <= {"same"}
    assert engine.destroy().changes["delete"] == 3
    after = {path.name: path.read_bytes() for path in project.iterdir() if path.is_file()}
    assert after == before, "the project's own files stay as they are"


def test_config_given_goes_over_the_file(project: Path) -> None:
    assert cli(project, name="given").up().outputs["name"] == "given"


def test_secrets_are_hidden_unless_asked_for(project: Path) -> None:
    engine = cli(project)
    assert engine.up().outputs["key"] == "[secret]"
    assert engine.outputs()["key"] == "[secret]"
    assert engine.outputs(show_secrets=True)["key"] == {"of": "a consumer"}
    (found,) = [item for item in engine.resources() if item["urn"].endswith("::secretive")]
    assert (found["type"], found["inputs"]) == ("test:index:Thing", {"key": {"of": "a consumer"}})


def test_an_error_names_the_reason_on_one_screen(project: Path) -> None:
    with pytest.raises(EngineError) as caught:
        cli(project, refuse="yes").up()
    assert str(caught.value).splitlines() == [
        "pulumi:pulumi:Stack (trial-dev):",
        "  error: Program failed with an unhandled exception:",
        "  ValueError: the reason of the refusal",
    ]


def test_the_wrong_passphrase_is_named(project: Path) -> None:
    cli(project).up()
    wrong = PulumiCli(project, "dev", project.parent / "state", passphrase="another")
    with pytest.raises(EngineError, match="incorrect passphrase"):
        wrong.preview()
