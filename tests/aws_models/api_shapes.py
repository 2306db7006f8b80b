"""Holding parameters against botocore's shapes: all that the models say, not only what botocore itself checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import regex  # the patterns have Java's \p{L}, which `re` does not know

from tests.aws_models.models import api_shape, is_deprecated_member

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "blob": (str, bytes),
    "structure": (dict,),
    "list": (list,),
    "map": (dict,),
}


def api_problems(where: str, parameters: Any) -> list[str]:
    """Return what the model of an operation or shape forbids: members, types, enums, ranges, lengths, patterns.

    A deprecated member is a problem as well.
    """
    return list(_problems(parameters, api_shape(where), where, where))


def _problems(value: Any, shape: Any, at: str, where: str) -> Iterator[str]:
    kind: str = shape.type_name
    if not _is_of(value, kind):
        yield f"{at}: {value!r:.80} is not of type {kind}"
        return
    yield from _out_of_bounds(value, shape, at)
    if kind == "structure":
        yield from _member_problems(value, shape, at, where)
    elif kind == "list":
        for index, element in enumerate(value):
            yield from _problems(element, shape.member, f"{at}[{index}]", where)
    elif kind == "map":
        for name, element in value.items():
            yield from _problems(name, shape.key, f"{at} key {name!r}", where)
            yield from _problems(element, shape.value, f"{at}[{name!r}]", where)


def _is_of(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _member_problems(value: Any, shape: Any, at: str, where: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"{at}: {name} is required"
    for name, part in value.items():
        if name not in shape.members:
            yield f"{at}: {name} is unknown"
            continue
        if is_deprecated_member(where, shape.name, name):
            yield f"{at}.{name}: deprecated"
        yield from _problems(part, shape.members[name], f"{at}.{name}", where)
    if shape.is_tagged_union and len(value) != 1:
        yield f"{at}: exactly one member of a union"


def _out_of_bounds(value: Any, shape: Any, at: str) -> Iterator[str]:
    bounds: dict[str, Any] = shape.metadata
    allowed = bounds.get("enum")
    if allowed and value not in allowed:
        yield f"{at}: {value!r:.80} is not one of {allowed}"
    size = value if isinstance(value, (int, float)) else len(value)
    if "min" in bounds and size < bounds["min"]:
        yield f"{at}: {size} is below {bounds['min']}"
    if "max" in bounds and size > bounds["max"]:
        yield f"{at}: {size} is above {bounds['max']}"
    # A model's pattern is for the whole value; some of them are not anchored.
    if "pattern" in bounds and isinstance(value, str) and not regex.fullmatch(bounds["pattern"], value, timeout=5):
        yield f"{at}: {value!r:.80} does not match {bounds['pattern']}"
