from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from local import deploy
from local.deploy import engine_name, open_engine
from local.engine import EmbeddedEngine, EngineError, Interrupted
from local.pulumi_cli import PulumiCli


class FakeEngine:
    """Stands for either engine; notes what it was asked."""

    def __init__(self, error: EngineError | None = None) -> None:
        self.asked: list[str] = []
        self._error = error

    def __getattr__(self, operation: str) -> Any:
        def run() -> Any:
            self.asked.append(operation)
            if self._error:
                raise self._error
            return self

        return run

    changes = {"create": 1, "same": 2}
    steps: list[Any] = []

    @property
    def outputs(self) -> Any:
        return {}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeEngine:
    engine = FakeEngine()
    monkeypatch.setattr(deploy, "STATE_DIR", tmp_path)
    monkeypatch.setattr(deploy, "open_engine", lambda *_, **__: engine)
    return engine


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["deploy", *arguments])
    return deploy.main()


@pytest.mark.parametrize(("found", "name"), [(None, "embedded"), ("/usr/bin/pulumi", "pulumi")])
def test_the_cli_is_used_when_it_is_on_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: str | None, name: str
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: found)
    assert engine_name("dev", tmp_path) == name


@pytest.mark.parametrize("stack", ["edge", "edge-gcp"])
def test_a_stack_with_the_local_edge_is_deployed_by_the_engine_that_knows_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stack: str
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/pulumi")
    assert engine_name(stack, tmp_path) == "embedded"
    assert engine_name("nowhere", tmp_path) == "pulumi"


def test_a_stack_stays_with_the_engine_that_deployed_it_until_it_is_destroyed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fake: FakeEngine
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert run(monkeypatch, "up", "--stack", "dev") == 0
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/pulumi")
    assert engine_name("dev", tmp_path) == "embedded"
    assert engine_name("staging", tmp_path) == "pulumi"
    assert run(monkeypatch, "destroy", "--stack", "dev") == 0
    assert engine_name("dev", tmp_path) == "pulumi"
    assert fake.asked == ["up", "destroy"]


def test_an_error_is_one_screen_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = FakeEngine(EngineError("the Admin API is down: start it with make local"))
    monkeypatch.setattr(deploy, "STATE_DIR", tmp_path)
    monkeypatch.setattr(deploy, "open_engine", lambda *_, **__: failing)
    assert run(monkeypatch, "preview", "--stack", "dev") == 1
    expected = "preview of stack dev failed: the Admin API is down: start it with make local\n"
    assert capsys.readouterr().err == expected


def test_ctrl_c_is_130_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted = FakeEngine(Interrupted("interrupted: run it again to go on"))
    monkeypatch.setattr(deploy, "STATE_DIR", tmp_path)
    monkeypatch.setattr(deploy, "open_engine", lambda *_, **__: interrupted)
    assert run(monkeypatch, "up", "--stack", "dev") == 130
    assert capsys.readouterr().err == "up of stack dev was interrupted: run it again to go on\n"


@pytest.mark.parametrize("begun", [False, True])
def test_a_first_up_that_changed_nothing_leaves_the_choice_of_the_engine_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, begun: bool
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    failing = FakeEngine(EngineError("the Admin API is down"))
    monkeypatch.setattr(deploy, "STATE_DIR", tmp_path)
    monkeypatch.setattr(deploy, "open_engine", lambda *_, **__: failing)
    if begun:
        (tmp_path / "inference-edge").mkdir()
        (tmp_path / "inference-edge/dev.json").write_text("{}")
    assert run(monkeypatch, "up", "--stack", "dev") == 1
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/pulumi")
    assert engine_name("dev", tmp_path) == ("embedded" if begun else "pulumi")


def test_the_passphrase_is_the_environments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "given")
    open_engine("embedded", "dev", tmp_path)
    assert not (tmp_path / "passphrase").exists()


def test_else_the_cli_gets_a_random_one_kept_for_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    kept = tmp_path / "passphrase"
    open_engine("embedded", "dev", tmp_path)
    assert not kept.exists()
    open_engine("pulumi", "dev", tmp_path)
    first = kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(first) >= 32
    open_engine("pulumi", "dev", tmp_path)
    assert kept.read_text() == first


def test_opens_either_engine(tmp_path: Path) -> None:
    assert isinstance(open_engine("embedded", "dev", tmp_path), EmbeddedEngine)
    assert isinstance(open_engine("pulumi", "dev", tmp_path), PulumiCli)
