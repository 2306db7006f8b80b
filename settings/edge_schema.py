"""What an editor is told about ``edge`` by its provider: keys that it does not take, and values in its own way."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .by_provider import ByProvider
from .edge_key_rules import CERTIFICATE_KEYS
from .edge_models import EdgeSettings
from .edge_providers import EDGE_PROVIDERS, KeyPath, takes


def provider_conditions() -> list[dict[str, Any]]:
    """JSON Schema conditions for the ``allOf`` of ``EdgeSettings``, one a provider."""
    return [
        {
            "if": {"properties": {"provider": {"const": provider}}, "required": ["provider"]},
            "then": _narrowed(EdgeSettings, provider, ()),
        }
        for provider in EDGE_PROVIDERS
    ]


def _narrowed(section: type[BaseModel], provider: str, at: KeyPath) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, field in section.model_fields.items():
        path = (*at, field.alias or name)
        if not takes(provider, path):
            if path not in CERTIFICATE_KEYS:  # these may stand beside the provider's own
                properties[path[-1]] = False
        elif (found := _of_field(field, provider, path)) is not None:
            properties[path[-1]] = found
    return {"properties": properties}


def _of_field(field: FieldInfo, provider: str, path: KeyPath) -> dict[str, Any] | None:
    """The schema of a value that the provider takes in its own way; None where all take it alike."""
    annotation = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        nested = _narrowed(annotation, provider, path)
        return nested if nested["properties"] else None
    parts = (*field.metadata, *(rule for part in get_args(annotation) for rule in get_args(part)))
    rule = next((part for part in parts if isinstance(part, ByProvider)), None)
    if rule is None or (schema := rule.types[provider].json_schema()) == rule.json_schema():
        return None
    if get_origin(annotation) is tuple:
        return {"items": schema}
    return schema if field.default is not None else {"anyOf": [schema, {"type": "null"}]}
