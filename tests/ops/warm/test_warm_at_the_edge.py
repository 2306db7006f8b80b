"""A shareable model is warmed at its edge, by GET, as its callers ask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ops.__main__ import main
from tests.ops.test_purge import CONFIG, EDGE, Project, ask


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    for variable in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)  # the embedded engine, also where the CLI is installed
    with ExitStack() as running:
        yield Project(tmp_path, running)


def warm(project: Project, *more: str) -> int:
    where = ["--project-dir", str(project.folder), "--state-dir", str(project.folder / ".state")]
    file = project.folder / "questions.jsonl"
    file.write_text('{"x": 1}\n{"x": 2}\n')
    return main(["warm", "--stack", "dev", "--model", "digits", *where, *more, str(file)])


def test_callers_get_hits_of_the_edge(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write_stack(CONFIG + EDGE, shareable="true")
    project.up()
    capsys.readouterr()
    edge = project.edge["proxy"]
    at = ("--url", edge, "--header", "Host: predict.example.com", "--json")
    assert warm(project, *at) == 0
    assert json.loads(capsys.readouterr().out)["outcomes"]["stored"] == 2
    assert len(project.model.calls) == 2
    assert ask(edge, project.model.calls)
    assert warm(project, *at) == 0
    assert json.loads(capsys.readouterr().out)["outcomes"]["hit"] == 2
    assert len(project.model.calls) == 2


def test_the_edge_has_to_be_named(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write_stack(CONFIG + EDGE, shareable="true")
    assert warm(project) == 2
    assert "digits is shareable, its callers ask the edge: name it, --url https://" in capsys.readouterr().err


def test_an_edge_that_asks_who_calls_is_left_to_its_callers(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    authentication = {"mode": "signed-url", "publicKeys": [private.public_key().public_bytes(*form).decode()]}
    project.write_stack(CONFIG + EDGE, shareable="true")
    text = project.stack_file.replace("provider: ", f"authentication: {json.dumps(authentication)}, provider: ")
    (project.folder / "Pulumi.dev.yaml").write_text(text)
    assert warm(project, "--url", project.edge["proxy"]) == 2
    assert capsys.readouterr().err == (
        "nothing was asked: the edge lets in nobody to digits without a signed-url, which warm does not make: let a "
        "caller ask these questions\n"
    )
    assert project.model.calls == []
