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
    assert len(sections) == 40


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
