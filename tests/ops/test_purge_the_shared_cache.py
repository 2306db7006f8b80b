"""``python -m ops purge`` with store redis: by model, by older generations, and by one question."""

from __future__ import annotations

import io
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
from local.engine.passphrase import PassphraseCipher
from ops.__main__ import main
from tests.gateway.model_server import ModelServer, model_server
from tests.kong.running import running_kong
from tests.stores.support.valkey import Valkey, valkey

PASSWORD = "p4ssword-of-the-cache"
PASSPHRASE = "correct horse"
CONFIG = """encryptionsalt: {salt}
config:
  kong:kongAdminUri: {admin}
  inference-edge:sharedCache: {{url: "{url}", password: {{secure: "{password}"}}}}
  inference-edge:consumers:
    - {{name: web, key: {{secure: "{web}"}}}}
    - {{name: batch, key: {{secure: "{batch}"}}}}
  inference-edge:models:
    - name: digits
      version: "1:beta"
      endpoint: {model}
      cache: {{store: {store}, excludeFields: [id]}}
    - name: words
      version: "1"
      endpoint: {model}
      cache: {{store: {store}}}
"""


class Project:
    """A project folder of its own; everything in it runs."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.folder = folder
        for name in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(PROJECT_DIR / name, folder)
        self.kong = running.enter_context(running_kong())
        self.model: ModelServer = running.enter_context(model_server())
        self.cache: Valkey = running.enter_context(valkey(f"requirepass {PASSWORD}"))

    def up(self, store: str = "redis", **changes: str) -> None:
        salt = PassphraseCipher.new_salt_line(PASSPHRASE)
        cipher = PassphraseCipher.open(salt, PASSPHRASE, "test")
        keys = {name: cipher.encrypt(f"{name}-0123456789abcdef") for name in ("web", "batch")}
        given = {"admin": self.kong.admin, "model": self.model.url, "url": self.cache.url, "salt": salt, **keys}
        given["password"] = cipher.encrypt(PASSWORD)
        text = CONFIG.format(**{**given, "store": store, **changes})
        if store != "redis":
            text = "".join(line for line in text.splitlines(True) if "sharedCache" not in line)
        (self.folder / "Pulumi.dev.yaml").write_text(text)
        open_engine("embedded", "dev", self.folder / ".state", project_dir=self.folder).up()

    def purge(self, *more: str, model: str = "digits") -> int:
        where = ["--project-dir", str(self.folder), "--state-dir", str(self.folder / ".state")]
        return main(["purge", "--stack", "dev", "--model", model, *where, *more])

    def is_hit(self, body: bytes, key: str = "web", model: str = "digits", **headers: str) -> bool:
        given = {"apikey": f"{key}-0123456789abcdef", "content-type": "application/json", **headers}
        reply = httpx.post(f"{self.kong.proxy}/{model}/predict", content=body, headers=given)
        assert reply.json()["answer"] == self.model.answer_to(body), "another question's answer"
        return "; hit" in reply.headers["cache-status"]

    def store(self, body: bytes, **others: str) -> None:
        deadline = time.monotonic() + 20
        while not self.is_hit(body, **others):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    @property
    def entries(self) -> set[str]:
        return {name.decode() for name in self.cache.client.scan_iter() if not name.endswith(b":f")}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr("shutil.which", lambda _: None)  # the embedded engine, also where the CLI is installed
    with ExitStack() as running:
        yield Project(tmp_path, running)


def test_a_model_is_purged_and_the_cache_freed(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.up()
    for model in ("digits", "words"):
        project.store(b'{"x": 1}', model=model)
    assert project.purge() == 0
    assert [name for name in project.entries if ":digits@" in name] == []
    assert project.is_hit(b'{"x": 1}', model="words")
    assert not project.is_hit(b'{"x": 1}')
    shown = "".join(capsys.readouterr())
    assert "the shared cache frees 1 names of older generations\n" in shown
    assert PASSWORD not in shown


def test_a_cache_that_is_down_is_purged_all_the_same(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.up()
    project.store(b'{"x": 1}')
    project.cache.kill()
    assert project.purge() == 1
    shown = capsys.readouterr().err
    assert shown.startswith("the model is purged: no old answer can be given any more. The shared cache keeps them ")
    assert shown.endswith("; to free them: make purge STACK=dev MODEL=digits OLD=1\n")
    project.cache.start()
    assert not project.is_hit(b'{"x": 1}')


def test_only_older_generations_are_freed(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.up()
    project.store(b'{"x": 1}')
    (present,) = project.entries
    older, newer = (present.replace(":1:{", f":{generation}:{{") for generation in (0, 2))
    for name in (older, newer):
        project.cache.client.set(name, "x", px=60_000)
    assert project.purge("--old") == 0
    assert project.entries == {present, newer}
    assert project.is_hit(b'{"x": 1}')
    assert "frees 1 names" in capsys.readouterr().out
    assert "generation:" not in (project.folder / "Pulumi.dev.yaml").read_text()


def test_one_question_is_removed_whoever_asked(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project.up()
    asked: list[dict[str, Any]] = [{"key": "web"}, {"key": "batch"}, {"key": "web", "accept": "text/plain"}]
    for caller in asked:
        project.store(b'{"x": [1, 2], "y": 3}', **caller)
    project.store(b'{"x": [1, 2], "y": 4}')
    project.store(b'{"x": [1, 2], "y": 3}', model="words")
    assert len(project.entries) == 5

    question = tmp_path / "question.json"
    question.write_bytes(b'{ "id": 7, "y":3,\n "x":[1,2] }')  # another spelling; id is excluded
    assert project.purge("--input", str(question)) == 0
    assert capsys.readouterr().out == "the shared cache frees 3 answers to this question\n"
    assert len(project.entries) == 2
    assert project.is_hit(b'{"x": [1, 2], "y": 4}')
    assert project.is_hit(b'{"x": [1, 2], "y": 3}', model="words")
    assert not any(project.is_hit(b'{"x": [1, 2], "y": 3}', **caller) for caller in asked)

    standard_input = io.TextIOWrapper(io.BytesIO(b'{"x": [1, 2], "y": 4}'))
    monkeypatch.setattr("sys.stdin", standard_input)
    assert project.purge("--input", "-") == 0
    assert capsys.readouterr().out == "the shared cache frees 1 answers to this question\n"


@pytest.mark.parametrize("store", ["memory", "proxy-cache"])
def test_other_stores_say_what_there_is_instead(
    project: Project, store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.up(store)
    (tmp_path / "q.json").write_text("{}")
    assert project.purge("--input", str(tmp_path / "q.json")) == 2
    assert capsys.readouterr().err == (
        f"nothing was removed: only store redis can be searched for a question, not {store}; "
        "purge the whole model: make purge STACK=dev MODEL=digits\n"
    )
    assert project.purge() == 0


def test_what_is_no_question_is_told(project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project.up()
    (tmp_path / "q.json").write_text('{"a": 1, "a": 2}')
    assert project.purge("--input", str(tmp_path / "q.json")) == 1
    assert capsys.readouterr().err == "not removed: this is no question that is cached: duplicate-name\n"
    assert project.purge("--input", str(tmp_path / "none.json")) == 2
    assert capsys.readouterr().err.endswith("none.json cannot be read: No such file or directory\n")


def test_a_model_that_is_not_deployed_is_told(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "q.json").write_text("{}")
    project.up()
    shutil.rmtree(project.folder / ".state")
    assert project.purge("--input", str(tmp_path / "q.json")) == 1
    assert capsys.readouterr().err == "not removed: digits is not deployed here in stack dev\n"


def test_the_command_line_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["purge", "--help"])
    assert ended.value.code == 0
    assert "INPUT=question.json" in capsys.readouterr().out
    for wrong in (["--old", "--input", "x"], ["--limit-seconds", "0"], ["--limit-seconds", "soon"]):
        with pytest.raises(SystemExit) as ended:
            main(["purge", "--stack", "dev", "--model", "digits", *wrong])
        assert ended.value.code == 2


def test_no_secret_is_readable_in_the_state(project: Project) -> None:
    project.up()
    state = (project.folder / ".state" / "inference-edge" / "dev.json").read_text()
    assert PASSWORD not in state
    resources = open_engine("embedded", "dev", project.folder / ".state", project_dir=project.folder).resources()
    secrets = [item["outputs"]["base64"] for item in resources if item["type"].endswith(":RandomBytes")]
    assert len(secrets) == 2
    assert not any(secret in state or json.dumps(secret)[1:-1] in state for secret in secrets)
