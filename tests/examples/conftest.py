"""Fixtures of the examples' tests: the installed wheel, and the running plugin."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from tests.package.running import ROOT, running_plugin


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """States are sealed by a key file, which is much faster."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)


@pytest.fixture(scope="session")
def wheel_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install` of the repository's folder installs; of a copy, as it leaves folders behind."""
    copy, target = tmp_path_factory.mktemp("repository"), tmp_path_factory.mktemp("site-packages")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / "components", copy / "components", ignore=shutil.ignore_patterns("__pycache__", "venv"))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--no-compile"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=copy, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture
def wheel(wheel_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The wheel is installed, for this test."""
    monkeypatch.syspath_prepend(wheel_folder)
    _forget()
    yield
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "inference_edge"]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """The running plugin."""
    with running_plugin(tmp_path_factory.mktemp("elsewhere")) as stub:
        yield stub
