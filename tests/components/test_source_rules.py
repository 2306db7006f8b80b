"""Rules that the text of components/ keeps, so that it works as a package, as a wheel and as a plugin."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "components"
MODULES = sorted(path for path in FOLDER.rglob("*.py") if "venv" not in path.parts)  # of an installed plugin
IDS = [str(path.relative_to(FOLDER)) for path in MODULES]
SOURCES = [*MODULES, *sorted(FOLDER.glob("*/*.lua"))]
CLOUD_SDKS = ("pulumi_aws", "pulumi_gcp")

module = pytest.mark.parametrize("path", MODULES, ids=IDS)


def imports_of(tree: ast.Module) -> set[tuple[int, str]]:
    """Level and dotted name of everything that a module imports."""
    found: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(0, alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = f"{node.module}." if node.module else ""
            found |= {(node.level, f"{base}{alias.name}") for alias in node.names}
    return found


def test_there_are_modules_to_check() -> None:
    assert {"__init__.py", "__main__.py", "inference_edge.py", "gateway/cached_route.py"} <= set(IDS)


@module
def test_annotations_are_evaluated(path: Path) -> None:
    assert (0, "__future__.annotations") not in imports_of(ast.parse(path.read_text()))


@module
def test_nothing_is_read_from_config_environment_or_network(path: Path) -> None:
    tree = ast.parse(path.read_text())
    roots = {name.split(".")[0] for level, name in imports_of(tree) if level == 0}
    assert not roots & {"os", "socket", "http", "httpx", "requests", "subprocess", "time", "datetime"}
    assert not roots & {"local", "ops", "settings"}
    assert not {name.split(".")[1] for level, name in imports_of(tree) if name.startswith("urllib.")} - {"parse"}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & {"Config", "environ", "getenv", "StackReference", "get_config"}


@module
def test_imports_of_the_package_are_relative(path: Path) -> None:
    absolute = {name for level, name in imports_of(ast.parse(path.read_text())) if level == 0}
    own = {name for name in absolute if name.split(".")[0] in ("components", "inference_edge")}
    assert not own or path.name == "__main__.py"


@module
def test_no_module_hides_one_of_the_standard_library(path: Path) -> None:
    own = path.parent.name if path.name == "__init__.py" else path.stem
    assert own not in sys.stdlib_module_names - {"__main__"}


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(FOLDER)) for path in SOURCES])
def test_a_module_fits_in_three_hundred_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@module
def test_a_module_has_at_most_one_public_component(path: Path) -> None:
    classes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
    bases = [ast.unparse(base) for node in classes for base in node.bases]
    assert bases.count("pulumi.ComponentResource") <= 1


@module
def test_a_component_ends_with_its_registered_outputs(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and "pulumi.ComponentResource" in map(ast.unparse, node.bases):
            [init] = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
            assert ast.unparse(init.body[-1]).startswith("self.register_outputs(")
            assert [arg.arg for arg in init.args.args] == ["self", "name", "args", "opts"]


def test_the_program_loads_no_cloud_sdk(tmp_path: Path) -> None:
    script = textwrap.dedent(
        f"""
        import importlib.abc, pathlib, sys

        class Refuse(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in {CLOUD_SDKS}:
                    raise ImportError(f"{{name}} is not to be imported")

        sys.meta_path.insert(0, Refuse())
        sys.path.insert(0, {str(ROOT)!r})
        from local.engine import EmbeddedEngine

        engine = EmbeddedEngine(pathlib.Path({str(ROOT)!r}), "dev", pathlib.Path({str(tmp_path)!r}), passphrase="")
        assert engine.preview().changes["create"] > 10
        loaded = sorted(name for name in sys.modules if name.split(".")[0] in {CLOUD_SDKS})
        assert not loaded, loaded
        assert "pulumi_kong" in sys.modules
        """
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert run.returncode == 0, run.stderr
