"""What the installed pulumi_aws says of a resource type's inputs: names, which are required, what is deprecated."""

from __future__ import annotations

import functools
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.aws_models.registered import Inputs

_ARGS_CLASS = re.compile(r"'(\w+Args)'")
_DEPRECATED_IN_TEXT = re.compile(r"`(\w+)`(?: argument is deprecated| \(deprecated\))")
_DEPRECATED_TYPE = re.compile(r'^ {4}warnings\.warn\("""(.*deprecated.*)""", DeprecationWarning\)', re.MULTILINE)


@dataclass(frozen=True)
class Field:
    """One input; `args` is the class of what it holds, None for plain values and for maps."""

    required: bool
    args: type | None
    documentation: str
    is_deprecated: bool


@functools.cache
def resource_class(kind: str) -> type:
    """Return the SDK's class of a type token."""
    module, _, name = kind.removeprefix("aws:").partition("/")
    return getattr(importlib.import_module(f"pulumi_aws.{module}"), name.rpartition(":")[2])


@functools.cache
def resource_args(kind: str) -> type:
    """Return the SDK's class of a type's inputs."""
    cls = resource_class(kind)
    return getattr(sys.modules[cls.__module__], f"{cls.__name__}Args")


@functools.cache
def fields(args: type) -> dict[str, Field]:
    """Return the inputs of an Args class by their name in the engine's graph."""
    module = args.__module__.split(".")[1]
    found: dict[str, Field] = {}
    for name, parameter in inspect.signature(args).parameters.items():
        annotation = str(parameter.annotation)
        # Policy documents may be given as objects, too; in the graph they are JSON text.
        nested = None if "PolicyDocumentArgs" in annotation else _ARGS_CLASS.search(annotation)
        getter: Any = getattr(args, name).fget
        found[getter._pulumi_name] = Field(
            required=parameter.default is inspect.Parameter.empty,
            args=getattr(importlib.import_module(f"pulumi_aws.{module}._inputs"), nested[1]) if nested else None,
            documentation=inspect.getdoc(getter) or "",
            is_deprecated=hasattr(getter, "_pulumi_deprecated_callable"),
        )
    return found


def is_deprecated_type(kind: str) -> bool:
    """Say whether the class as a whole is deprecated: its body warns."""
    return bool(_DEPRECATED_TYPE.search(_source(kind)))


def deprecated_by_documentation(kind: str) -> set[str]:
    """Return the inputs (in snake case) that the text of the class alone calls deprecated."""
    return set(_DEPRECATED_IN_TEXT.findall(_source(kind)))


@functools.cache
def _source(kind: str) -> str:
    return Path(str(sys.modules[resource_class(kind).__module__].__file__)).read_text(encoding="utf-8")


def walk(inputs: Inputs, args: type, path: str = "") -> Iterator[tuple[str, Field | None]]:
    """Yield path and field of every input; the field is None when the SDK does not know the name."""
    known = fields(args)
    for name, value in inputs.items():
        field = known.get(name)
        at = f"{path}.{name}" if path else name
        yield at, field
        if field is not None and field.args is not None:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    yield from walk(part, field.args, at)
