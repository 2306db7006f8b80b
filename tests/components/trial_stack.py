"""A stack whose Kong, random and AWS are in memory, and the graph that a program registers there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from local.engine import EmbeddedEngine
from local.engine.results import Result
from tests.components.recording import Recorder

Program = Callable[[], Any]
Resource = dict[str, Any]


class Graph(Mapping[str, Resource]):
    """Registered resources by logical name, secrets in clear; the stack itself is left out."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self._clear = _by_name(result.graph_with(show_secrets=True))
        self._masked = _by_name(result.graph)

    def __getitem__(self, name: str) -> Resource:
        return self._clear[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._clear)

    def __len__(self) -> int:
        return len(self._clear)

    def of_type(self, suffix: str) -> dict[str, Resource]:
        """The resources whose type ends like this: `Plugin`, `KongCachedRoute`."""
        return {name: item for name, item in self.items() if item["type"].split(":")[-1] == suffix}

    def config(self, name: str) -> dict[str, Any]:
        """The configuration of a plugin."""
        return json.loads(self[name]["inputs"]["configJson"])

    def dependencies(self, name: str) -> set[str]:
        """Logical names of what a resource depends on."""
        return {_name(urn) for urn in self[name]["dependencies"]}

    def secret_inputs(self, name: str) -> set[str]:
        """The inputs of a resource that are secret as a whole."""
        return {key for key, value in self._masked[name]["inputs"].items() if value == "[secret]"}


class TrialStack:
    """Stack `test` of project `shop`. graph = stack.up(lambda: KongCachedRoute("digits", {...}))"""

    def __init__(self, folder: Path) -> None:
        (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        (folder / "Pulumi.test.yaml").write_text("config: {}\n")
        self.state_dir = folder / ".state"
        self.recorder = Recorder()
        self._folder = folder

    def preview(self, program: Program) -> Graph:
        return Graph(self._engine(program).preview())

    def up(self, program: Program) -> Graph:
        return Graph(self._engine(program).up())

    def destroy(self) -> None:
        self._engine(lambda: None).destroy()

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs in clear."""
        return self._engine(lambda: None).outputs(show_secrets=True)

    def _engine(self, program: Program) -> EmbeddedEngine:
        def run() -> None:
            program()

        return EmbeddedEngine(
            self._folder,
            "test",
            self.state_dir,
            program=run,
            providers=self.recorder.providers,
        )


def changed(graph: Graph, operation: str) -> list[str]:
    """Logical names of the resources that the run brought about an operation for."""
    return sorted(step.name for step in graph.result.steps if step.op == operation)


def _by_name(resources: list[Resource]) -> dict[str, Resource]:
    own = [item for item in resources if item["type"] != "pulumi:pulumi:Stack"]
    found = {_name(item["urn"]): item for item in own}
    assert len(found) == len(own), "a name twice"
    return found


def _name(urn: str) -> str:
    return urn.split("::")[-1]
