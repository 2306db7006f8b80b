"""The JSON Schema of a stack file, so that an editor completes and checks ``Pulumi.<stack>.yaml`` while one types.

Usage: ``python -m settings --schema`` writes ``schema/stack-config.schema.json``; a stack file then begins with
``# yaml-language-server: $schema=schema/stack-config.schema.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .edge_schema import provider_conditions
from .models import Settings

NAMESPACE = "inference-edge"
SCHEMA_FILE = Path(__file__).parent.parent / "schema" / "stack-config.schema.json"

_SECURE = {"$ref": "#/$defs/Secure"}
_SECURE_DEFINITION = {
    "description": "A value that `pulumi config set --secret` encrypted.",
    "type": "object",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}


def stack_file_schema() -> dict[str, Any]:
    """The schema of a whole stack file: our keys exactly, other namespaces freely."""
    plain = Settings.model_json_schema()
    plain["$defs"]["EdgeSettings"]["allOf"] = provider_conditions()
    settings = _finished(plain)
    ours = {f"{NAMESPACE}:{name}": _or_secure(value) for name, value in settings["properties"].items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Stack file of {NAMESPACE}",
        "type": "object",
        "properties": {
            "config": {
                "description": "The stack's configuration; keys of other namespaces (kong:) are their providers'.",
                "type": "object",
                "properties": ours,
                "patternProperties": {f"^{NAMESPACE}:(?!(?:{'|'.join(settings['properties'])})$)": False},
                "required": [f"{NAMESPACE}:{name}" for name in settings["required"]],
            }
        },
        "required": ["config"],
        "$defs": {**settings["$defs"], "Secure": _SECURE_DEFINITION},
    }


def schema_text() -> str:
    """``stack_file_schema`` as it is kept in the repository."""
    return json.dumps(stack_file_schema(), indent=2, ensure_ascii=False) + "\n"


def _finished(schema: Any) -> Any:
    """Without pydantic's titles, and with an encrypted value allowed at every string."""
    if isinstance(schema, list):
        return [_finished(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("writeOnly"):
        return {**_described(schema), **_SECURE}
    finished = {key: _finished_part(key, value) for key, value in schema.items() if key != "title"}
    return _or_secure(finished) if finished.get("type") == "string" else finished


def _finished_part(keyword: str, value: Any) -> Any:
    if keyword in ("properties", "$defs"):
        return {name: _finished(part) for name, part in value.items()}
    return value if keyword in ("not", "default") else _finished(value)


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: schema[key] for key in ("description", "default") if key in schema}


def _or_secure(schema: dict[str, Any]) -> dict[str, Any]:
    if _SECURE in schema.get("anyOf", ()):
        return schema
    about = _described(schema)
    return {**about, "anyOf": [{key: value for key, value in schema.items() if key not in about}, _SECURE]}
