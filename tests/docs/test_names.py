"""Files, links, make targets, flags, tests and figures that the documents name exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.docs.documents import DOCUMENTS, README, ROOT, blocks, code_words, prose
from tests.kong.conformance import FILES, TRUTH
from tests.kong.scope import out_of_scope
from tests.kong.test_conformance import REACHED

KEY_PAGE = ROOT / "docs" / "prediction-key.md"
ENGINE_PAGE = ROOT / "docs" / "engine.md"
_HOMES = (ROOT, ROOT / "docs", ROOT / "components" / "prediction_key")
_FILE = re.compile(r"(?:[\w*-]+/)+[\w.*-]*|[\w.*-]+\.(?:py|lua|md|yaml|json|svg)")
_NO_FILES = ("out/", "application/", "AWS/", "roles/")


def _ids(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=_ids)
def test_links_resolve(document: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", prose(document)):
        file, _, anchor = link.partition("#")
        if not link.startswith("https://"):
            target = document.parent / file if file else document
            assert target.is_file(), link
            headings = re.findall(r"^#+ (.*)", target.read_text(), re.MULTILINE) if anchor else []
            assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}, link


@pytest.mark.parametrize("document", DOCUMENTS, ids=_ids)
def test_files_that_are_named_exist(document: Path) -> None:
    named = {word for word in code_words(document) if _FILE.fullmatch(word) and not word.startswith(_NO_FILES)}
    assert not {name for name in named if not any(list(home.glob(name.rstrip("/"))) for home in _HOMES)}


def test_every_folder_has_its_line_in_the_layout() -> None:
    table = README.read_text().partition("## Where does my change go")[2]
    folders = {file.parent.name for file in ROOT.glob("[!.]*/*.py")} - {"build"}
    assert {"components", "settings", "local"} <= folders
    assert not {folder for folder in folders if f"`{folder}/" not in table}


def test_make_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^\.PHONY: (.*)", makefile, re.MULTILINE)[0].split())
    for document in DOCUMENTS:
        code = "\n".join([*blocks(document, "sh"), *code_words(document)])
        assert set(re.findall(r"\bmake ([a-z]+)", code)) <= targets, document.name


def test_flags_that_are_named_exist() -> None:
    commands = [
        line
        for document in DOCUMENTS
        for block in blocks(document, "sh")
        for line in block.splitlines()
        if "python -m" in line
    ]
    assert commands
    for line in commands:
        command = re.findall(r"python -m (ops \w+|[\w.]+)", line)[0].split()
        shown = subprocess.run([sys.executable, "-m", *command, "--help"], cwd=ROOT, capture_output=True, text=True)
        assert set(re.findall(r"--[a-z][a-z-]+", line)) <= set(re.findall(r"--[a-z][a-z-]+", shown.stdout)), line


def test_tests_that_the_security_review_names_exist() -> None:
    named = {word for word in code_words(KEY_PAGE) if word.startswith("test_")}
    defined = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE)
    }
    assert len(named) > 15
    assert not named - defined


def test_kong_settings_are_those_of_the_compose_file() -> None:
    compose = yaml.safe_load((ROOT / "local" / "compose.yaml").read_text())
    environment = compose["services"]["kong"]["environment"]
    said = dict(re.findall(r'`(KONG_NGINX_HTTP_\w+)="?([^`"]+)"?`', README.read_text()))
    assert len(said) == 2
    assert said == {name: environment[name] for name in said}


def test_the_conformance_figures_are_those_of_the_test() -> None:
    recorded = [(file, line) for file in FILES for line in (TRUTH / f"{file}.jsonl").read_text().splitlines()]
    rows = [(file, row) for file, line in recorded if "req" in (row := json.loads(line)) and not row.get("setup")]
    outside = sum(out_of_scope(file, row) is not None for file, row in rows)
    assert f"**{REACHED} of {len(rows) - outside}**" in README.read_text()
    for text in (README.read_text(), ENGINE_PAGE.read_text()):
        assert f"Of {len(rows)} recorded exchanges" in text and f" {outside} are out of scope" in text


def test_the_numbers_in_the_readme_are_those_of_their_page() -> None:
    def figures(text: str) -> set[str]:
        return set(re.findall(r"\d+(?:[.,]\d+)*", text))

    shown = [line for line in README.read_text().partition("\n## Numbers\n")[2].splitlines() if line.startswith("| ")]
    table = "\n".join(shown[: shown.index("| folder | what is in it |")])
    assert len(figures(table)) > 15
    assert not figures(table) - figures((ROOT / "docs" / "numbers.md").read_text())
