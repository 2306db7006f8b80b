"""What every section of the stack config has in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Section(BaseModel):
    """A mapping of the stack file: frozen, without unknown keys; YAML names are the camelCase of the field names.

    Every field's docstring is also its description in the JSON Schema (``schema.py``).
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        use_attribute_docstrings=True,
    )


def without_default(schema: dict[str, Any]) -> None:
    """For ``json_schema_extra`` of a field whose real default depends on other values."""
    del schema["default"]
