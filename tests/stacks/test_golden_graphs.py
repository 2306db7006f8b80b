"""Every stack registers exactly the resources of its golden file (pytest --update-golden rewrites them)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.graph_text import graph_text
from tests.stacks.projects import COMMITTED, STACKS

GOLDEN = Path(__file__).parent / "golden"
CONSTANTS = ("local C = ", "C.", "import crypto ", "const ROUTES=")


@pytest.mark.parametrize("stack", STACKS)
def test_the_graph_is_the_golden_one(stack: str, tmp_path: Path, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / f"{stack}.json", graph_text(stack, tmp_path))


def test_there_is_a_golden_file_for_every_stack_and_no_other() -> None:
    assert sorted(path.stem for path in GOLDEN.iterdir()) == STACKS
    assert {"dev", "staging", "prod"} <= set(COMMITTED)


@pytest.mark.parametrize("stack", STACKS)
def test_a_golden_file_shows_lua_and_javascript_by_file_name_only(stack: str) -> None:
    sources = list(_sources(json.loads((GOLDEN / f"{stack}.json").read_text())))
    assert sources
    for lines in sources:
        assert all(line.startswith((*CONSTANTS, "<")) for line in lines)


def _sources(value: Any) -> Iterator[list[str]]:
    """Lists of lines, wherever they are."""
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _sources(item)
    if isinstance(value, list) and value and isinstance(value[0], str) and value[0].startswith(CONSTANTS):
        yield value
