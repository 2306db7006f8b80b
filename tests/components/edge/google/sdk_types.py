"""What the provider's SDK says of an input: its names, which are required, their types."""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import sys
import types
import typing
from typing import Any

import pulumi
from pulumi import _types
from pulumi.output import Output


def check_inputs(type_: str, inputs: dict[str, Any]) -> None:
    """Registered inputs of a resource. Raises AssertionError with the place of what the SDK does not know."""
    package, module, kind = type_.replace("/", ":").split(":")[0:2] + [type_.split(":")[-1]]
    assert package == "gcp", type_
    resource = getattr(importlib.import_module(f"pulumi_gcp.{module}"), kind)
    _check(kind, getattr(sys.modules[resource.__module__], f"{kind}Args"), inputs)


def _check(place: str, wanted: Any, value: Any) -> None:
    wanted = _unwrap(wanted)
    if _types.is_input_type(wanted):
        _check_object(place, wanted, value)
    elif typing.get_origin(wanted) is collections.abc.Sequence:
        assert isinstance(value, list), f"{place} is no list"
        for index, item in enumerate(value):
            _check(f"{place}[{index}]", typing.get_args(wanted)[0], item)
    elif typing.get_origin(wanted) is collections.abc.Mapping:
        assert isinstance(value, dict), f"{place} is no mapping"
        for key, item in value.items():
            assert isinstance(key, str), place
            _check(f"{place}.{key}", typing.get_args(wanted)[1], item)
    else:
        assert wanted in (str, int, float, bool), f"{place} has the type {wanted}"
        number = wanted is float and isinstance(value, int) and not isinstance(value, bool)
        # A whole number comes back from the engine as such, also where the SDK says float.
        assert (
            type(value) is wanted or number or (wanted is int and isinstance(value, float) and value == int(value))
        ), f"{place} is {value!r}, no {wanted.__name__}"


def _check_object(place: str, wanted: type, value: Any) -> None:
    assert isinstance(value, dict), f"{place} is no object"
    known = _types.input_type_types(wanted)
    for name in value:
        assert name in known, f"{place}.{name} is not known"
    names = _types.input_type_py_to_pulumi_names(wanted)
    for parameter in inspect.signature(wanted.__init__).parameters.values():
        if parameter.name != "__self__" and parameter.default is inspect.Parameter.empty:
            assert names[parameter.name] in value, f"{place}.{parameter.name} is missing"
    for name, item in value.items():
        _check(f"{place}.{name}", known[name], item)


def _unwrap(wanted: Any) -> Any:
    if typing.get_origin(wanted) in (typing.Union, types.UnionType):
        plain = [
            each
            for each in typing.get_args(wanted)
            if each is not type(None)
            and typing.get_origin(each) not in (collections.abc.Awaitable, Output, pulumi.Output)
        ]
        return _unwrap(plain[0])
    return wanted
