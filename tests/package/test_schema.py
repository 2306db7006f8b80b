"""The package's public surface: its schema, its names, its version (pytest --update-golden rewrites the schema)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import pulumi
from pulumi.provider.experimental.component import ComponentProvider

import components
from components import InferenceEdge, InferencePool, KongCachedRoute, KongConsumer, ModelRouter, SharedCache

GOLDEN = Path(__file__).parent / "golden/schema.json"
ROOT = Path(__file__).resolve().parents[2]


def schema() -> dict[str, Any]:
    provider = ComponentProvider(
        [InferenceEdge, InferencePool, KongCachedRoute, KongConsumer, ModelRouter, SharedCache],
        "inference-edge",
        None,
        "0.0.0",
    )
    return json.loads(provider.schema or "")


def test_the_schema_is_the_golden_one(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN, json.dumps(schema(), indent=1, ensure_ascii=False) + "\n")


def test_every_input_output_and_type_is_described() -> None:
    found = schema()
    for name, item in {**found["resources"], **found["types"]}.items():
        properties = {**item.get("inputProperties", {}), **item.get("properties", {})}
        assert item.get("enum") or properties, name
        assert all(prop["description"] for prop in properties.values()), name


def test_every_public_component_is_served() -> None:
    public = {
        name
        for name in components.__all__
        if isinstance(item := getattr(components, name), type) and issubclass(item, pulumi.ComponentResource)
    }
    assert {name.rpartition(":")[2] for name in schema()["resources"]} == public
    served = (ROOT / "components/__main__.py").read_text()
    assert all(name in served for name in public)


def test_the_public_names_exist_and_are_sorted() -> None:
    assert components.__all__ == sorted(components.__all__)
    assert all(hasattr(components, name) for name in components.__all__)


def test_every_type_in_a_signature_is_public() -> None:
    for item in schema()["types"]:
        assert item.rpartition(":")[2] in components.__all__, item
    for name in ("InferenceEdge", "KongCachedRoute", "KongConsumer"):
        hints = get_type_hints(getattr(components, name).__init__)
        assert hints["args"].__name__ in components.__all__


def test_the_packages_that_the_components_need_are_a_part_of_the_programs() -> None:
    of_program = (ROOT / "requirements.txt").read_text().splitlines()
    files = ("components/requirements.txt", "components/requirements-core.txt")
    lines = [line for file in files for line in (ROOT / file).read_text().splitlines() if line[0] not in "#-"]
    assert len(lines) == 5 and set(lines) <= set(of_program)
