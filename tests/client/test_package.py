"""client/ as a wheel of its own."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {path.name for path in (ROOT / "client").iterdir() if path.suffix == ".py"} | {"py.typed"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as it lies in site-packages; built from a copy, because a build leaves folders behind."""
    source = tmp_path_factory.mktemp("source") / "client"
    shutil.copytree(ROOT / "client", source, ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "-w", str(source)]
    build = [sys.executable, "-m", "pip", "wheel", *options, str(source)]
    run = subprocess.run(build, capture_output=True, text=True, cwd=source, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    [wheel] = source.glob("*.whl")
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_it_holds_every_module_and_nothing_else(installed: Path) -> None:
    package = installed / "inference_edge_client"
    assert {path.name for path in package.iterdir()} == SOURCES
    assert [path.name for path in installed.iterdir() if path.suffix != ".dist-info"] == ["inference_edge_client"]


def test_it_needs_only_httpx(installed: Path) -> None:
    [information] = installed.glob("*.dist-info")
    metadata = email.message_from_string((information / "METADATA").read_text())
    assert metadata["Name"] == "inference-edge-client"
    assert metadata.get_all("Requires-Dist") == ["httpx<1,>=0.27"]


def test_it_is_imported_under_its_own_name(installed: Path) -> None:
    script = (
        "import sys, inference_edge_client as client; print(*client.__all__); "
        "sys.exit(any(name.split('.')[0] in ('client', 'components', 'local', 'pulumi') for name in sys.modules))"
    )
    command = [sys.executable, "-P", "-c", script]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    run = subprocess.run(command, capture_output=True, text=True, cwd=installed, env=environment, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["AsyncPredictionTransport", "CacheStatus", "PredictionTransport", "cache_status"]
