"""``python -m ops purge``: after it no answer from before is given, at Kong and at the edge."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from local import PROJECT_DIR
from local.deploy import open_engine
from local.process import ReadyProcess
from ops.__main__ import main
from tests.gateway.model_server import ModelServer, model_server

INPUT = base64.urlsafe_b64encode(b'{"x":1}').decode().rstrip("=")
CONFIG = """
config:
  kong:kongAdminUri: {kong[admin]}
  inference-edge:models:
    - name: digits
      version: "1"
      endpoint: {model}  # the only one
      cache: {{shareable: {shareable}}}
      access: {{mode: open}}
"""
EDGE = """
  aws:allowedAccountIds: ["000000000000"]
  aws:region: us-east-1
  aws:endpoints: [{{cloudfront: "{edge[admin]}"}}]
  inference-edge:edge: {{provider: cloudfront, origin: {{domain: localhost, protocol: http, port: {port}}}}}
"""
GOOGLE = """
  gcp:project: local-stand-in.
  gcp:networkServicesCustomEndpoint: {edge[admin]}/v1/
  gcp:computeCustomEndpoint: {edge[admin]}/compute/v1/
  inference-edge:edge:
    provider: {provider}
    aliases: [predict.example.com]
    certificateIds: [projects/p/locations/global/certificates/predict]
    origin: {{domain: localhost, protocol: http, port: {port}}}
"""
SHORT = """      timeouts: {{connectSeconds: 1, readSeconds: 10}}
      retries: 0
"""


class Project:
    """A project folder of its own with Kong, an edge and a model that really run."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.folder = folder
        for name in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(PROJECT_DIR / name, folder)
        self.kong = self._started("local.kong", running)
        self.edge = self._started("local.edge", running)
        self.model: ModelServer = running.enter_context(model_server())

    def _started(self, module: str, running: ExitStack) -> dict[str, str]:
        process = ReadyProcess(module, module, ["--admin", "127.0.0.1:0", "--proxy", "127.0.0.1:0"], self.folder)
        running.callback(process.stop)
        while not (ready := process.ready()):
            time.sleep(0.05)
        return ready

    def write_stack(self, text: str, **values: Any) -> None:
        port = self.kong["proxy"].rpartition(":")[2]
        known = {"kong": self.kong, "edge": self.edge, "model": self.model.url, "port": port, **values}
        (self.folder / "Pulumi.dev.yaml").write_text(text.format(**known))

    @property
    def stack_file(self) -> str:
        return (self.folder / "Pulumi.dev.yaml").read_text()

    def up(self) -> None:
        open_engine("embedded", "dev", self.folder / ".state", project_dir=self.folder).up()

    def purge(self, model: str = "digits", *more: str) -> int:
        where = ["--project-dir", str(self.folder), "--state-dir", str(self.folder / ".state")]
        return main(["purge", "--stack", "dev", "--model", model, *where, *more])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    for variable in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)  # the embedded engine, also where the CLI is installed
    with ExitStack() as running:
        yield Project(tmp_path, running)


def ask(base: str, calls: list[Any]) -> bool:
    """Whether the answer came from a cache."""
    before = len(calls)
    httpx.get(f"{base}/digits/predict?input={INPUT}", headers={"host": "predict.example.com"}).raise_for_status()
    return len(calls) == before


def objects(project: Project) -> int:
    return httpx.get(f"{project.edge['admin']}/status").json()["objects"]


def test_kong_gives_no_answer_from_before(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write_stack(CONFIG, shareable="false")
    project.up()
    asked = [ask(project.kong["proxy"], project.model.calls) for _ in range(2)]
    assert asked == [False, True]
    assert project.purge() == 0
    asked = [ask(project.kong["proxy"], project.model.calls) for _ in range(2)]
    assert asked == [False, True]
    assert "cache: {generation: 2, shareable: false}" in project.stack_file
    assert "# the only one" in project.stack_file
    shown = capsys.readouterr().out
    assert shown.startswith("Pulumi.dev.yaml: generation of digits 1 -> 2; commit this change\n")
    assert "the edge" not in shown


def test_the_edge_gives_no_answer_from_before_and_lets_it_go(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write_stack(CONFIG + EDGE, shareable="true")
    project.up()
    edge = project.edge["proxy"]
    assert [ask(edge, project.model.calls) for _ in range(2)] == [False, True]
    assert objects(project) == 1
    assert project.purge() == 0
    assert objects(project) == 0
    assert [ask(edge, project.model.calls) for _ in range(2)] == [False, True]
    assert "the edge frees what is tagged digits (invalidation I" in capsys.readouterr().out


def test_json_says_what_was_done_and_all_else_goes_to_stderr(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write_stack(CONFIG + EDGE, shareable="true")
    project.up()
    capsys.readouterr()
    assert project.purge("digits", "--json") == 0
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    (freed,) = told.pop("freed")
    assert freed.startswith("the edge frees what is tagged digits (invalidation I")
    assert told == {
        "stack": "dev",
        "model": "digits",
        "what": "model",
        "done": True,
        "generation": {"before": 1, "after": 2},
    }
    assert shown.err.startswith("Pulumi.dev.yaml: generation of digits 1 -> 2; commit this change\n")
    assert project.purge("letters", "--json") == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["done"], told["generation"]) == (False, {"before": None, "after": None})


@pytest.mark.parametrize("provider", ["media-cdn", "cloud-cdn"])
def test_googles_edges_let_it_go(project: Project, capsys: pytest.CaptureFixture[str], provider: str) -> None:
    project.write_stack(CONFIG + SHORT + GOOGLE, shareable="true", provider=provider)
    project.up()
    edge = project.edge["proxy"]
    for _ in range(3):
        ask(edge, project.model.calls)
    assert objects(project) == 1
    assert project.purge() == 0
    assert objects(project) == 0
    before = len(project.model.calls)
    assert ask(edge, project.model.calls) is False
    assert len(project.model.calls) == before + 1
    assert "the edge frees what is kept for /digits/predict at " in capsys.readouterr().out


@pytest.mark.parametrize("more", [[], ["--old"], ["--input", "-"]])
def test_an_unknown_model_changes_nothing(
    project: Project, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    project.write_stack(CONFIG, shareable="false")
    before = project.stack_file
    assert project.purge("letters", *more) == 2
    expected = "nothing was changed: Pulumi.dev.yaml: inference-edge:models has no model letters; it has digits\n"
    assert capsys.readouterr().err == expected
    assert project.stack_file == before


def test_an_unknown_stack_is_told(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.purge() == 2
    assert capsys.readouterr().err.startswith("nothing was changed: no stack named 'dev'")


def test_a_gateway_that_is_down_is_told_with_what_to_do(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write_stack(CONFIG, shareable="false")
    project.up()
    project.write_stack(CONFIG.replace("{kong[admin]}", "http://127.0.0.1:1"), shareable="false")
    assert project.purge() == 1
    shown = capsys.readouterr().err
    assert shown.startswith("Pulumi.dev.yaml has the new generation, but it is not deployed: ")
    assert shown.endswith("Correct this and run: make up STACK=dev\n")


def test_an_edge_that_does_not_free_is_told(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write_stack(CONFIG + EDGE, shareable="true")
    project.up()
    monkeypatch.setattr("ops.cloudfront._ALL_OF", "#no tag for {tag} at all,")
    assert project.purge() == 1
    shown = capsys.readouterr().err
    assert shown.startswith("the model is purged: no old answer can be given any more. The edge keeps ")
    assert "it did not take the invalidation: An error occurred (InvalidArgument)" in shown
