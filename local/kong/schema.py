"""Kong's entity schemas in small: fields, defaults, checks and the text of schema violations."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Errors = dict[str, Any]
Check = Callable[[Any], str | None]

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
    "array": (list,),
    "set": (list,),
    "map": (dict,),
    "record": (dict,),
    "foreign": (dict,),
}


@dataclass(frozen=True)
class Field:
    """One field of a schema: its type, default and limits; `check` returns the text of what is wrong, or None."""

    kind: str
    default: Any = None
    required: bool = False
    one_of: tuple[Any, ...] = ()
    between: tuple[int, int] | None = None
    greater_than: int | None = None
    check: Check | None = None
    element: Field | None = None
    fields: Mapping[str, Field] | None = None
    refers_to: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of entity: its fields, the field that names it in a URL, and what must be unique.

    `complete`: what the Admin API makes of given values before it looks at them. `milliseconds`: created_at and
    updated_at have a fraction.
    """

    name: str
    fields: Mapping[str, Field]
    label: str = ""
    unique: tuple[tuple[str, ...], ...] = ()
    check: Callable[[Mapping[str, Any], Errors], None] | None = None
    complete: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    milliseconds: bool = False


def fill_defaults(fields: Mapping[str, Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """The given values with every absent field set to its default; unknown fields stay for `violations` to name."""
    filled = dict(given)
    for name, field in fields.items():
        if name not in filled:
            filled[name] = {} if field.fields is not None else copy.deepcopy(field.default)
        if field.fields is not None and isinstance(filled[name], dict):
            filled[name] = fill_defaults(field.fields, filled[name])
    return filled


def merge(fields: Mapping[str, Field], old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """PATCH: records merge, everything else (arrays, null) replaces."""
    merged = dict(old)
    for name, value in new.items():
        field = fields.get(name)
        if (
            field is not None
            and field.fields is not None
            and isinstance(value, dict)
            and isinstance(old.get(name), dict)
        ):
            merged[name] = merge(field.fields, old[name], value)
        else:
            merged[name] = value
    return merged


def violations(fields: Mapping[str, Field], values: Mapping[str, Any]) -> Errors:
    """What is wrong with the values, by field; empty when nothing is."""
    errors: Errors = {name: "unknown field" for name in values if name not in fields}
    for name, field in fields.items():
        wrong = _wrong(field, values.get(name))
        if wrong:
            errors[name] = wrong
    return errors


def _wrong(field: Field, value: Any) -> Any:
    if value is None:
        return "required field missing" if field.required else None
    if type(value) not in TYPES[field.kind]:
        return f"expected {'an' if field.kind[0] in 'aeiou' else 'a'} {field.kind}"
    if field.fields is not None:
        return violations(field.fields, value)
    wrong = _out_of_limits(field, value)
    if wrong:
        return wrong
    if field.element is not None:
        items = list(value.values()) if isinstance(value, dict) else value
        wrongs = [_wrong(field.element, item) for item in items]
        if any(wrongs):
            if isinstance(value, dict):
                return {key: wrong for key, wrong in zip(value, wrongs, strict=True) if wrong}
            while wrongs and not wrongs[-1]:
                wrongs.pop()
            return wrongs
    return field.check(value) if field.check else None


def _out_of_limits(field: Field, value: Any) -> str | None:
    if field.between and not field.between[0] <= value <= field.between[1]:
        return f"value should be between {field.between[0]} and {field.between[1]}"
    if field.greater_than is not None and value <= field.greater_than:
        return f"value must be greater than {field.greater_than}"
    if field.one_of and value not in field.one_of:
        return f"expected one of: {', '.join(str(choice) for choice in field.one_of)}"
    if value == "":
        return "length must be at least 1"
    return None


def violation_message(errors: Errors) -> str:
    """Kong's sentence for the errors: entity checks first, then the fields in alphabetical order."""
    parts: list[str] = list(errors.get("@entity", []))
    for name in sorted(set(errors) - {"@entity"}):
        wrong = errors[name]
        if isinstance(wrong, str):
            parts.append(f"{name}: {wrong}")
        elif isinstance(wrong, list):
            parts += [f"{name}.{index}: {_lua_text(item)}" for index, item in enumerate(wrong, 1) if item]
        else:
            parts += [f"{name}.{key}: {_lua_text(wrong[key])}" for key in sorted(wrong)]
    count = "schema violation" if len(parts) == 1 else f"{len(parts)} schema violations"
    return f"{count} ({'; '.join(parts)})"


def _lua_text(value: Any) -> str:
    return value if isinstance(value, str) else _lua_table(value, "")


def _lua_table(value: Any, indent: str) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    inner = indent + "  "
    if isinstance(value, list):
        dense = all(value)
        lines = [("" if dense else f"[{i}] = ") + _lua_table(item, inner) for i, item in enumerate(value, 1) if item]
    else:
        lines = [
            f'{key if key.isidentifier() else f"""["{key}"]"""} = {_lua_table(value[key], inner)}'
            for key in sorted(value)
        ]
    return "{\n" + ",\n".join(inner + line for line in lines) + f"\n{indent}}}"
