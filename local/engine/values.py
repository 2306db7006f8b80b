"""Property values as the engine keeps them: plain JSON values, `Secret` around secrets, `UNKNOWN` in previews."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.rpc import UNKNOWN

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
MASK = "[secret]"

Properties = dict[str, Any]


@dataclass(frozen=True)
class Secret:
    """A value that is never shown and that rests encrypted. Usage: ``Secret("s3cr3t").value``."""

    value: Any = field(repr=False)


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """The properties of an RPC message; whole numbers become int, nulls stay."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET_SIGNATURE:
            return Secret(_from_value(fields["value"]))
        return {key: _from_value(item) for key, item in fields.items()}
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return None if kind in (None, "null_value") else getattr(value, kind)


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The RPC message of properties."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        _fill(struct.fields[key], value)
    return struct


def _fill(target: struct_pb2.Value, value: Any) -> None:
    if isinstance(value, Secret):
        value = {SIGNATURE: SECRET_SIGNATURE, "value": value.value}
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        for key, item in value.items():
            _fill(target.struct_value.fields[key], item)
    else:
        target.list_value.SetInParent()
        for item in value:
            _fill(target.list_value.values.add(), item)


def map_secrets(value: Any, change: Callable[[Secret], Any]) -> Any:
    """A copy of `value` with `change` applied to every outermost secret."""
    if isinstance(value, Secret):
        return change(value)
    if isinstance(value, Mapping):
        return {key: map_secrets(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [map_secrets(item, change) for item in value]
    return value


def reveal(value: Any) -> Any:
    """A copy of `value` with every secret in clear."""
    return map_secrets(value, lambda secret: reveal(secret.value))


def mask(value: Any, show_secrets: bool = False) -> Any:
    """A copy of `value` for people: secrets as ``[secret]`` (unless asked), unknowns as ``[unknown]``."""
    shown = reveal(value) if show_secrets else map_secrets(value, lambda _: MASK)
    return _name_unknowns(shown)


def _name_unknowns(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _name_unknowns(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_name_unknowns(item) for item in value]
    return "[unknown]" if value == UNKNOWN else value


def holds_secret(value: Any) -> bool:
    """Whether a secret is anywhere inside `value`."""
    if isinstance(value, Mapping):
        return any(holds_secret(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(holds_secret(item) for item in value)
    return isinstance(value, Secret)


def holds_unknown(value: Any) -> bool:
    """Whether an unknown is anywhere inside `value`."""
    if isinstance(value, Secret):
        return holds_unknown(value.value)
    if isinstance(value, Mapping):
        return any(holds_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(holds_unknown(item) for item in value)
    return isinstance(value, str) and value == UNKNOWN
