"""components/ as a wheel: what `pip install` of this repository gives."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from components import __all__ as public_names
from components import __version__

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for path in (ROOT / "components").rglob("*.*")
    if path.suffix in (".py", ".lua", ".js") and "venv" not in path.parts  # of an installed plugin
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: a build leaves folders behind."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "components", folder / "components", ignore=shutil.ignore_patterns("__pycache__", "venv"))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "-w", str(folder)]
    build = [sys.executable, "-m", "pip", "wheel", *options, str(folder)]
    run = subprocess.run(build, capture_output=True, text=True, cwd=folder, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as it lies in site-packages."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_with(installed: Path, script: str) -> str:
    """What a script prints that has the wheel's content, and no other folder, on its path."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-P", "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, cwd=installed, env=environment, timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_it_holds_every_module_and_script_and_nothing_else(installed: Path) -> None:
    package = installed / "inference_edge"
    held = {path.relative_to(package) for path in package.rglob("*") if path.is_file()}
    read_by_the_build = {
        Path("requirements-core.txt")
    }  # setuptools keeps the files that its dynamic metadata come from
    assert held - read_by_the_build == {path.relative_to(ROOT / "components") for path in SOURCES}
    assert [path.name for path in installed.iterdir() if path.suffix != ".dist-info"] == ["inference_edge"]


def test_its_metadata_names_version_licence_and_requirements(installed: Path) -> None:
    [folder] = installed.glob("*.dist-info")
    metadata = email.message_from_string((folder / "METADATA").read_text())
    assert (metadata["Name"], metadata["Version"]) == ("inference-edge", __version__)
    assert metadata["License-Expression"] == "Apache-2.0"
    assert list(folder.rglob("LICENSE"))
    required = {str(line).replace(" ", "") for line in metadata.get_all("Requires-Dist") or []}
    of_clouds = {line for line in required if "extra==" in line}
    assert {line.partition(";")[2] for line in of_clouds} == {'extra=="aws"', 'extra=="gcp"'}
    required -= of_clouds
    asked = (ROOT / "components/requirements-core.txt").read_text().splitlines()
    assert {_sorted_bounds(line) for line in required} == {_sorted_bounds(line) for line in asked}


def _sorted_bounds(line: str) -> tuple[str, ...]:
    return tuple(sorted(line.replace(">=", ",>=").replace("<", ",<").replace(",,", ",").split(",")))


def test_it_imports_under_its_own_name_with_the_same_public_names(installed: Path) -> None:
    script = (
        "import inference_edge, sys\n"
        "print(inference_edge.__version__)\n"
        "print(','.join(inference_edge.__all__))\n"
        "print('components' in sys.modules)\n"
    )
    assert run_with(installed, script).splitlines() == [__version__, ",".join(public_names), "False"]


def test_its_lua_files_are_found(installed: Path) -> None:
    script = (
        "from inference_edge.prediction_key import lua_source\n"
        "print(sum(len(lua_source(name)) for name in ('canonical', 'pre_access', 'post_access')))\n"
    )
    texts = [ROOT / f"components/prediction_key/{name}.lua" for name in ("canonical", "pre_access", "post_access")]
    assert int(run_with(installed, script)) == sum(len(path.read_text()) for path in texts)
