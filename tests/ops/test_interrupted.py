"""Ctrl-C ends a command with 130 and a word about what is left, never with a traceback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local import PROJECT_DIR
from ops.__main__ import main
from tests.engine.support.admin_api import MemoryAdminApi

CONFIG = """
config:
  kong:kongAdminUri: {uri}
  inference-edge:models:
    - {{name: digits, version: "1", endpoint: "http://127.0.0.1:8080/invocations"}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)  # the embedded engine, also where the CLI is installed
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(PROJECT_DIR / name, tmp_path)
    return tmp_path


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of an Admin API that never answers; who asks it presses Ctrl-C."""
    ended = threading.Event()

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            ended.wait(30)
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    ended.set()
    server.shutdown()
    server.server_close()


def run(project: Path, command: str, uri: str, *more: str) -> int:
    (project / "Pulumi.dev.yaml").write_text(CONFIG.format(uri=uri))
    where = ["--project-dir", str(project), "--state-dir", str(project / ".state")]
    return main([command, "--stack", "dev", *where, *more])


def test_a_check(project: Path, silent: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, "check", silent) == 130
    assert capsys.readouterr() == ("", "interrupted\n")


def test_a_purge_says_that_the_stack_file_is_ahead(
    project: Path, silent: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "purge", silent, "--model", "digits") == 130
    assert "generation: 2" in (project / "Pulumi.dev.yaml").read_text()
    assert capsys.readouterr().err == (
        "interrupted: Pulumi.dev.yaml has the new generation, perhaps not deployed; run: make up STACK=dev\n"
    )


def test_a_purge_whose_deployment_ends_in_order(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pressed: list[str] = []

    def press_ctrl_c(method: str, path: str) -> None:
        if method == "PUT" and not pressed:
            pressed.append(path)
            os.kill(os.getpid(), signal.SIGINT)

    with MemoryAdminApi() as kong:
        kong.on_request = press_ctrl_c
        assert run(project, "purge", kong.url, "--model", "digits", "--json") == 130
    assert pressed
    shown = capsys.readouterr()
    assert shown.err.endswith(
        "\ninterrupted: Pulumi.dev.yaml has the new generation, perhaps not deployed; run: make up STACK=dev\n"
    )
    told = json.loads(shown.out)
    assert (told["done"], told["generation"]) == (False, {"before": 1, "after": 2})


def test_a_purge_that_has_changed_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def press_ctrl_c(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("ops.purge.bump_generation", press_ctrl_c)
    assert run(project, "purge", "http://127.0.0.1:1", "--model", "digits") == 130
    assert capsys.readouterr().err == "interrupted\n"
