"""Wrong inputs, made systematically from registered ones: each place, each way to be wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.aws_models.registered import Inputs, Registered
from tests.aws_models.sdk import fields, resource_args

_NO_SUCH_VALUE = "¡no such value!"
_UNKNOWN_INPUT = "noSuchInput"


@dataclass(frozen=True)
class Mutant:
    """One wrong version of a resource's inputs: what is wrong, and at which path (list elements are looked through)."""

    kind: str
    path: str
    fault: str
    original: Inputs
    inputs: Inputs

    def __str__(self) -> str:
        return f"{self.kind.rpartition(':')[2]} {self.path or '(all)'}: {self.fault}"


def mutants(resources: list[Registered]) -> Iterator[Mutant]:
    """Yield the wrong versions: one for each type, path and fault, however many resources have it."""
    seen: set[tuple[str, str, str]] = set()
    for resource in resources:
        for path, steps, fault, wrong in _faults(resource.inputs, resource_args(resource.type), "", ()):
            if (resource.type, path, fault) not in seen:
                seen.add((resource.type, path, fault))
                yield Mutant(resource.type, path, fault, resource.inputs, _with(resource.inputs, steps, wrong))


_Steps = tuple[str | int, ...]
_Fault = tuple[str, _Steps, str, Any]


def _faults(value: Any, args: type | None, path: str, steps: _Steps) -> Iterator[_Fault]:
    """Path, steps to the place, name of the fault, value to put there."""
    if isinstance(value, dict):
        yield from _object_faults(value, args, path, steps) if args else _map_faults(value, path, steps)
    elif isinstance(value, list):
        yield path, steps, "not a list", "none"
        yield path, steps, "too many elements", value * 1_001 or [_NO_SUCH_VALUE] * 1_001
        for index, element in enumerate(value):
            yield from _faults(element, args, path, (*steps, index))
    elif isinstance(value, bool):
        yield path, steps, "not a boolean", "yes"
    elif isinstance(value, (int, float)):
        yield path, steps, "not a number", "many"
        yield path, steps, "below the range", -(10**13)
        yield path, steps, "above the range", 10**16
    else:
        yield path, steps, "not a text", 7
        yield path, steps, "wrong text", _NO_SUCH_VALUE
        yield path, steps, "too long", "x" * 400_000


def _object_faults(value: Inputs, args: type, path: str, steps: _Steps) -> Iterator[_Fault]:
    if steps:
        yield path, steps, "not an object", "none"
    yield path, steps, "unknown input", {**value, _UNKNOWN_INPUT: "1"}
    known = fields(args)
    for name, part in value.items():
        at = f"{path}.{name}" if path else name
        if known[name].required:
            yield at, steps, "missing", {key: kept for key, kept in value.items() if key != name}
        yield from _faults(part, known[name].args, at, (*steps, name))


def _map_faults(value: Inputs, path: str, steps: _Steps) -> Iterator[_Fault]:
    yield path, steps, "not a map", "none"
    if value:
        example = next(iter(value.values()))
        yield path, steps, "wrong name", {**value, _NO_SUCH_VALUE: example}
    for name, part in value.items():
        yield from _faults(part, None, f"{path}.*", (*steps, name))


def _with(inputs: Inputs, steps: _Steps, wrong: Any) -> Any:
    if not steps:
        return wrong
    result = copy.deepcopy(inputs)
    holder: Any = result
    for step in steps[:-1]:
        holder = holder[step]
    holder[steps[-1]] = wrong
    return result
