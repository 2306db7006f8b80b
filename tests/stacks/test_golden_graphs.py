"""Every committed stack registers exactly the resources of its golden file (pytest --update-golden rewrites them)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stacks.graph_text import STACKS, graph_text

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("stack", STACKS)
def test_the_graph_is_the_golden_one(stack: str, tmp_path: Path, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / f"{stack}.json", graph_text(stack, tmp_path))


def test_there_is_a_golden_file_for_every_stack_and_no_other() -> None:
    assert [path.stem for path in sorted(GOLDEN.iterdir())] == STACKS
    assert {"dev", "staging", "prod"} <= set(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_a_golden_file_shows_lua_by_file_name_only(stack: str) -> None:
    for item in json.loads((GOLDEN / f"{stack}.json").read_text()):
        config = item["inputs"].get("configJson", {})
        for chunks in config.get("[secret]", config).values():
            for chunk in chunks if isinstance(chunks, list) else []:
                lines = chunk if isinstance(chunk, list) else []
                assert all(line.startswith(("local C = ", "C.secret = ", "<")) for line in lines), item["urn"]
