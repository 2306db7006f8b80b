"""What stands where in a stack config, read from the models: for messages about keys."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

from .field_types import FieldType, Items
from .models import Settings
from .problems import Path


def section_at(path: Path) -> type[BaseModel] | None:
    """The model class of the mapping at ``path``; None where there is no mapping."""
    section: type[BaseModel] | None = Settings
    for part in path:
        if isinstance(part, int):
            continue
        section = _section_in(_fields(section).get(part)) if section else None
    return section


def must_at(path: Path) -> str:
    """The rule for the value at ``path``, such as ``must be ...``; nothing where only the type rules."""
    section = section_at(path[:-1])
    for name, field in section.model_fields.items() if section else ():
        if (field.alias or name) == path[-1]:
            return next((rule.must for rule in field.metadata if isinstance(rule, FieldType | Items)), "")
    return ""


def nearest_key(path: Path) -> tuple[str, Path | None]:
    """What to say about the unknown key at the end of ``path``, and the path that was probably meant."""
    fields = _fields(section_at(path[:-1]))
    key = _plain(str(path[-1]))
    for name in fields:
        if _plain(name) == key or (len(key) > 2 and _plain(name).startswith(key)):
            return f"unknown key; did you mean {name}?", (*path[:-1], name)
    for name, annotation in fields.items():
        for nested in _fields(_section_in(annotation)):
            if _plain(nested) == key and path[:-1]:
                return f"unknown key; did you mean {name}.{nested}?", (*path[:-1], name, nested)
    plain = {_plain(name): name for name in fields}
    close = get_close_matches(key, plain, n=1)
    if close:
        return f"unknown key; did you mean {plain[close[0]]}?", (*path[:-1], plain[close[0]])
    return f"unknown key; allowed are {', '.join(fields)}", None


def _plain(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()


def _fields(section: type[BaseModel] | None) -> dict[str, Any]:
    if section is None:
        return {}
    return {field.alias or name: field.annotation for name, field in section.model_fields.items()}


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _section_in(arg))), None)
