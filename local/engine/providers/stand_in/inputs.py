"""Checks inputs against what the installed SDK of a cloud declares for a type, nested objects too."""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pulumi import Output, _types

from local.engine.errors import ProviderError
from local.engine.providers.stand_in.kind import module_of
from local.engine.values import UNKNOWN, Properties


@dataclass(frozen=True)
class _Shape:
    """The properties of a type or of a nested object, by the names on the wire."""

    types: dict[str, Any]
    required: frozenset[str]


def check_inputs(type_: str, inputs: Properties) -> None:
    """Raise ProviderError with every unknown name, missing value and value of a wrong form. Unknowns may be anything.

    Usage: ``check_inputs("aws:cloudfront/keyGroup:KeyGroup", {"items": ["K1"]})``.
    """
    problems = list(_object_problems(_shape(_arguments_class(type_)), inputs, ""))
    if problems:
        raise ProviderError("; ".join(problems))


def input_names(type_: str) -> frozenset[str]:
    """The names of a type's inputs."""
    return frozenset(_shape(_arguments_class(type_)).types)


def required_names(type_: str) -> frozenset[str]:
    """The names of the inputs that a type must have."""
    return _shape(_arguments_class(type_)).required


@cache
def _arguments_class(type_: str) -> type:
    package, _, name = type_.split(":")
    try:
        module = importlib.import_module(f"pulumi_{package}.{module_of(type_)}")
    except ImportError as error:
        raise ProviderError(
            f"checking needs the SDK of {package}: pip install -r requirements.txt ({error})"
        ) from error
    # The SDK says InitArgs where Args is the name of a nested object.
    return getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")


@cache
def _shape(cls: type) -> _Shape:
    names = _types.input_type_py_to_pulumi_names(cls)
    parameters = inspect.signature(cls.__init__).parameters
    required = {wire for name, wire in names.items() if parameters[name].default is inspect.Parameter.empty}
    return _Shape(_types.input_type_types(cls), frozenset(required))


def _object_problems(shape: _Shape, value: Properties, path: str) -> Iterator[str]:
    unknown = sorted(set(value) - set(shape.types))
    if unknown:
        names = ", ".join(path + name for name in unknown)
        yield f"unknown input {names}; known are {', '.join(sorted(shape.types))}"
    for name in sorted(shape.required - {name for name, item in value.items() if item is not None}):
        yield f"{path}{name} is required"
    for name, item in value.items():
        if name in shape.types and item is not None:
            yield from _problems(shape.types[name], item, path + name)


def _problems(annotation: Any, value: Any, path: str) -> Iterator[str]:
    if value == UNKNOWN:
        return
    candidates = list(_alternatives(annotation))
    matching = [candidate for candidate in candidates if _has_form(candidate, value)]
    if not matching:
        wanted = " or ".join(dict.fromkeys(_form(candidate) for candidate in candidates))
        yield f"{path} must be {wanted}, not {_form(type(value))}"
        return
    chosen = matching[0]
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(typing.get_args(chosen)[0], item, f"{path}[{index}]")
    elif isinstance(value, dict) and _is_mapping(chosen):
        for key, item in value.items():
            yield from _problems(typing.get_args(chosen)[1], item, f"{path}.{key}")
    elif isinstance(value, dict) and chosen is not Any:
        yield from _object_problems(_shape(chosen), value, f"{path}.")


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows, without the wrappers of inputs."""
    origin = typing.get_origin(annotation)
    if origin is typing.Union:
        for member in typing.get_args(annotation):
            yield from _alternatives(member)
    elif annotation is not type(None) and origin not in (collections.abc.Awaitable, Output):
        yield annotation


def _has_form(candidate: Any, value: Any) -> bool:
    if candidate is Any:
        return True
    if typing.get_origin(candidate) is collections.abc.Sequence:
        return isinstance(value, list)
    if _is_mapping(candidate) or _types.is_input_type(candidate):
        return isinstance(value, dict)
    if candidate is bool:
        return isinstance(value, bool) or value in ("true", "false")
    if candidate in (int, float):
        return not isinstance(value, bool) and _is_number(candidate, value)
    return isinstance(value, str | bool | int | float)


def _is_number(kind: type, value: Any) -> bool:
    try:
        return kind(value) == float(value)
    except (TypeError, ValueError):
        return False


def _is_mapping(candidate: Any) -> bool:
    return typing.get_origin(candidate) is collections.abc.Mapping


def _form(candidate: Any) -> str:
    if typing.get_origin(candidate) is collections.abc.Sequence or candidate is list:
        return "a list"
    if candidate is bool:
        return "true or false"
    if candidate in (int, float):
        return "a number"
    if candidate is dict or _is_mapping(candidate) or _types.is_input_type(candidate):
        return "an object"
    return "a text"
