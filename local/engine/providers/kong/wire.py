"""Between a property and its form in the Admin API."""

from __future__ import annotations

import json
import re
from typing import Any

from local.engine.errors import ProviderError
from local.engine.providers.kong.entities import Entity, Field
from local.engine.providers.kong.health_checks import checked_health_checks
from local.engine.values import UNKNOWN, Properties, holds_unknown

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_SNAKE = re.compile(r"_([a-z0-9])")
_BOOLEANS = {"true": True, "false": False}


def checked(name: str, field: Field, value: Any) -> Any:
    """The value in its normal form. Raises ProviderError, naming the property, for one of another kind."""
    if holds_unknown(value):
        return UNKNOWN if field.kind == "json" else value
    if field.kind == "json":
        return normal_json(name, value)
    if field.kind == "health_checks":
        return checked_health_checks(name, value)
    if field.kind == "integer" and isinstance(value, str) and re.fullmatch(r"[+-]?\d+", value):
        return int(value)
    if field.kind == "boolean" and isinstance(value, str) and value in _BOOLEANS:
        return _BOOLEANS[value]
    if field.kind == "text" and isinstance(value, int | float) and not isinstance(value, bool):
        return json.dumps(value)
    if not _fits(field, value):
        raise ProviderError(f"{name} must be {_WANTED[field.kind]}, not {type(value).__name__}")
    return value


def normal_json(name: str, text: Any) -> str:
    """A JSON object with sorted keys, no white space, and 300.0 as 300: texts that mean the same are equal."""
    try:
        document = json.loads(text)
    except (TypeError, ValueError) as error:
        detail = f"line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else "no text"
        raise ProviderError(f"{name} is not valid JSON ({detail})") from None
    if not isinstance(document, dict):
        raise ProviderError(f"{name} must be a JSON object")
    return dump_json(document)


def dump_json(document: Any) -> str:
    """JSON in the normal form."""
    return json.dumps(_whole_numbers(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def to_wire(entity: Entity, inputs: Properties) -> Properties:
    """The complete entity: what the inputs leave out is null or its default, so that an update takes it away."""
    body: Properties = {}
    for name, field in entity.fields.items():
        value = inputs.get(name)
        if field.local or (value is None and field.computed):
            continue
        if value is None or (value == [] and field.kind != "objects") or value == "":
            value = None
        elif field.foreign:
            value = {"id": value}
        elif field.kind == "json":
            value = json.loads(value)
        elif field.kind == "headers":
            value = {header["name"]: header["values"] for header in value}
        elif field.kind in ("health_checks", "objects"):
            value = _rename(value, lambda key: _HUMP.sub(lambda match: "_" + match[1].lower(), key))
        body[field.wire] = value
    return {key: value for key, value in body.items() if value is not None}


def from_wire(field: Field, value: Any) -> Any:
    """The property of a field as Kong gave it; None when it is not set."""
    if value is None:
        return None
    if field.foreign:
        return value["id"]
    if field.kind == "json":
        return dump_json(value)
    if field.kind == "headers":
        return [{"name": name, "values": values} for name, values in sorted(value.items())]
    if field.kind in ("health_checks", "objects"):
        return _rename(value, lambda key: _SNAKE.sub(lambda match: match[1].upper(), key))
    return value


def _fits(field: Field, value: Any) -> bool:
    kinds: dict[str, type | tuple[type, ...]] = {"text": str, "integer": int, "boolean": bool}
    if field.kind in kinds:
        return isinstance(value, kinds[field.kind]) and (field.kind != "integer" or not isinstance(value, bool))
    if field.kind == "headers":
        return isinstance(value, list) and all(
            isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("values"), list)
            for item in value
        )
    element = str if field.kind == "texts" else dict
    return isinstance(value, list) and all(isinstance(item, element) for item in value)


_WANTED = {
    "text": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "texts": "a list of texts",
    "objects": "a list of objects",
    "headers": "a list of {name, values}",
    "json": "a JSON object",
}


def _whole_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _rename(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {change(key): _rename(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename(item, change) for item in value]
    return value
