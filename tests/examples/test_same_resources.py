"""The examples register the same resources, whichever language they are in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from local.engine import EmbeddedEngine
from local.engine.results import Result
from tests.components.recording import Recorder
from tests.examples.documents import EXAMPLES, Document, program_of, typescript_document, yaml_document
from tests.package.remote_components import remote_components

Deploy = Callable[[str, str], Result]


def documents(folder: Path) -> dict[str, Document]:
    return {"yaml": yaml_document(), "typescript": typescript_document(folder)}


@pytest.fixture
def deploy(wheel: None, plugin: provider_pb2_grpc.ResourceProviderStub, tmp_path: Path) -> Deploy:
    """Runs an operation on an example; Kong and random are in memory."""

    def run(operation: str, example: str) -> Result:
        with remote_components(plugin) as prepare:
            node = tmp_path / "node"
            node.mkdir(exist_ok=True)
            engine = EmbeddedEngine(
                EXAMPLES / example,
                "dev",
                tmp_path / example,
                program=None if example == "python" else program_of(documents(node)[example], prepare),
                providers=Recorder().providers,
            )
            return getattr(engine, operation)()

    return run


def graph(result: Result, example: str) -> dict[str, dict[str, Any]]:
    """What was registered, by URN, under one project name; a component has dependencies in other languages only."""
    text = json.dumps(result.graph_with(show_secrets=True)).replace(f"shop-{example}", "shop")
    return {item["urn"]: item if item["custom"] else {**item, "dependencies": []} for item in json.loads(text)}


@pytest.mark.parametrize("operation", ["preview", "up"])
@pytest.mark.parametrize("example", ["yaml", "typescript"])
def test_every_language_registers_what_python_registers(deploy: Deploy, operation: str, example: str) -> None:
    expected = graph(deploy(operation, "python"), "python")
    found = graph(deploy(operation, example), example)
    assert len(expected) > 25
    assert found.keys() == expected.keys()
    for urn in expected:
        assert found[urn] == expected[urn], urn
