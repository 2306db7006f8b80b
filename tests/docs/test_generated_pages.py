"""The generated pages say what the sources say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from docs.generate import DOCS, PAGES
from settings import Settings


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_current(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / name, PAGES[name]())


def test_the_config_page_describes_every_section() -> None:
    page = PAGES["config.md"]()
    sections = Settings.model_json_schema()["$defs"]
    assert all(section["description"] in page for section in sections.values())
    assert len(sections) == 43


def test_the_components_page_describes_every_component_and_their_arguments() -> None:
    page = PAGES["components.md"]()
    for heading in (
        "InferenceEdge",
        "KongCachedRoute",
        "KongConsumer",
        "InferencePool",
        "ModelRouter",
        "SharedCache",
        "CacheArgs",
        "AccessArgs",
        "ModelOutputs",
    ):
        assert f"\n## {heading}\n" in page
    assert "| `ttl_seconds` | integer |" in page and "| `predictUrl` | string |" in page


def test_the_ops_page_has_every_command_with_examples_and_exit_codes() -> None:
    sections = PAGES["ops.md"]().split("\n## ")[1:]
    assert sorted(section.partition("\n")[0] for section in sections) == [
        "check",
        "plan",
        "preview_gate",
        "purge",
        "status",
        "warm",
    ]
    for section in sections:
        name = section.partition("\n")[0]
        assert "| `--json` |" in section, name
        for part in ("\nexamples:\n  ", "\nexit code: 0 "):
            assert part in section, name
