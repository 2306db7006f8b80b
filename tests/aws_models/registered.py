"""Resources of the aws provider as a Pulumi program registered them, and ways through their inputs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Registered:
    """One resource: type token, name in the program, inputs with the engine's camelCase names."""

    type: str
    name: str
    inputs: Inputs


def aws_resources(graph: list[dict[str, Any]]) -> list[Registered]:
    """Return the aws provider's resources of an engine's graph."""
    return [
        Registered(item["type"], item["urn"].rpartition("::")[2], item["inputs"])
        for item in graph
        if item["type"].startswith("aws:")
    ]


def values_at(inputs: Any, path: str) -> Iterator[Any]:
    """Yield every value at a dotted path; elements of a list are looked through: `origins.originId`."""
    if isinstance(inputs, list):
        for element in inputs:
            yield from values_at(element, path)
        return
    if not path:
        yield inputs
        return
    name, _, rest = path.partition(".")
    if isinstance(inputs, Mapping) and name in inputs:
        yield from values_at(inputs[name], rest) if rest else iter([inputs[name]])


def changed(inputs: Any, path: str, change: Callable[[Inputs, str], None]) -> Any:
    """Return a copy in which `change(holder, name)` was done wherever the path leads; wrong shapes stay as they are."""
    result = copy.deepcopy(inputs)
    folder, _, name = path.rpartition(".")
    for holder in list(values_at(result, folder)):
        for element in holder if isinstance(holder, list) else [holder]:
            if isinstance(element, dict) and name in element:
                change(element, name)
    return result


def renamed(inputs: Inputs, names: Mapping[str, str]) -> Inputs:
    """Return a copy with the last name of each path exchanged; deeper paths first in `names`."""
    for path, new in names.items():
        inputs = changed(inputs, path, lambda holder, name, new=new: holder.__setitem__(new, holder.pop(name)))
    return inputs
