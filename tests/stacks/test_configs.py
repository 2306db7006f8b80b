"""The configs of this folder set every option, so that a new one gets into the golden files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from settings.outline import section_at
from tests.stacks.projects import CONFIGS


def options(*path: str) -> Iterator[str]:
    """Every option below a section, as edge.origin.port."""
    section = section_at(path)
    assert section is not None
    for name, field in section.model_fields.items():
        at = (*path, field.alias or name)
        if section_at(at):
            yield from options(*at)
        else:
            yield ".".join(at)


def given(value: Any, *path: str) -> Iterator[str]:
    """Every option that a config sets."""
    if isinstance(value, dict) and set(value) != {"secure"}:
        for name, item in value.items():
            yield from given(item, *path, name.removeprefix("inference-edge:"))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for item in value:
            yield from given(item, *path)
    else:
        yield ".".join(path)


def test_every_option_is_set_in_one_of_the_configs() -> None:
    configs = [yaml.safe_load(path.read_text())["config"] for path in CONFIGS.glob("Pulumi.*.yaml")]
    found = {option for config in configs for option in given(config)}
    assert {"edge.origin.port", "models.sagemaker.endpoint.deployment.canaryPercent"} <= found
    assert set(options()) - found == set()
