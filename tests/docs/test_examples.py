"""Commands and Python snippets in the documents work as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.deploy import open_engine
from local.engine import EmbeddedEngine
from local.stack_file import StackFile
from local.world import LocalWorld
from tests.docs.documents import README, ROOT, block_with, blocks

ENGINE_PAGE = ROOT / "docs" / "engine.md"
_PROXY = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The stack dev on free ports: the environment of a shell, and under PROXY the gateway's URL."""
    with LocalWorld({"1": 0}, latency_seconds=0) as world:
        config = StackFile(ROOT, "dev").moved(world.admin, world.proxy, world.endpoints["1"], "1")
        engine = open_engine("embedded", "dev", tmp_path_factory.mktemp("state"), config)
        engine.up()
        key = engine.outputs(show_secrets=True)["consumerKeys"]["default"]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        yield {**os.environ, "KEY": key, "PATH": path, "PROXY": world.proxy}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_shell_commands_get_a_miss_and_then_a_hit(deployed: dict[str, str], tmp_path: Path) -> None:
    commands = block_with(README, "sh", "curl").replace(_PROXY, deployed["PROXY"])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], env=deployed, cwd=tmp_path, capture_output=True, text=True
    )
    shown = block_with(README, "console", "Cache-Status").splitlines()
    assert _without_time(done.stdout.splitlines()) == _without_time(shown), done.stderr


def _without_time(lines: list[str]) -> list[str]:
    return [re.sub(r"(?<=ttl=)\d+", "N", line.strip()) for line in lines]


def test_what_the_python_client_takes_from_the_environment_is_exported_before() -> None:
    taken = set(re.findall(r'os\.environ\["(\w+)"\]', block_with(README, "python", "httpx")))
    exported = re.findall(r"^export (\w+)=", "\n".join(blocks(README, "sh")), re.MULTILINE)
    assert taken and taken <= set(exported)


def test_the_python_client_prints_status_and_digit(deployed: dict[str, str], tmp_path: Path) -> None:
    script = block_with(README, "python", "httpx").replace(_PROXY, deployed["PROXY"])
    done = subprocess.run([sys.executable, "-c", script], env=deployed, cwd=tmp_path, capture_output=True, text=True)
    assert re.fullmatch(r"inference-edge; (hit; ttl=\d+|fwd=miss; stored) \d\n", done.stdout), done.stderr


def test_the_components_import_by_the_name_of_their_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inference_edge").symlink_to(ROOT / "components", target_is_directory=True)
    (tmp_path / "Pulumi.yaml").write_text("name: elsewhere\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    (tmp_path / "__main__.py").write_text(block_with(README, "python", "inference_edge"))
    monkeypatch.syspath_prepend(tmp_path)
    config = {"kong:kongAdminUri": "http://127.0.0.1:1"}
    result = EmbeddedEngine(tmp_path, "dev", tmp_path / ".state", config).preview()
    assert result.changes["create"] > 10
    assert set(result.outputs) == {"models", "consumerKeys"}


def test_the_engine_snippet_previews_the_project(tmp_path: Path) -> None:
    script = block_with(ENGINE_PAGE, "python", "EmbeddedEngine")
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert re.match(r"\{'create': \d+, ", done.stdout), done.stderr
