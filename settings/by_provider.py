"""Values that each provider of an edge takes in its own way."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .field_types import FieldType
from .wording import one_of


@dataclass(frozen=True)
class ByProvider(FieldType):
    """A type for each provider; None where the provider does not take the key (``edge_providers.ONLY_WITH``).

    The provider is the context of the validation: ``Settings.model_validate(document, context="media-cdn")``. Without
    one, or with one that does not take the key, what any provider takes is right.
    """

    cloudfront: FieldType
    media_cdn: FieldType | None = None
    cloud_cdn: FieldType | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._check)

    @property
    def types(self) -> dict[str, FieldType]:
        """By provider, without those that do not take the key."""
        found = {field.name.replace("_", "-"): getattr(self, field.name) for field in fields(self)}
        return {provider: kind for provider, kind in found.items() if kind is not None}

    @property
    def must(self) -> str:
        providers: dict[str, tuple[str, ...]] = {}
        for provider, kind in self.types.items():
            rule = kind.must.removeprefix("must be ")
            providers[rule] = (*providers.get(rule, ()), provider)
        return "must be " + "; ".join(f"with {one_of(who)}: {rule}" for rule, who in providers.items())

    def check(self, value: Any) -> Any:
        for kind in self.types.values():
            try:
                return kind.check(value)
            except PydanticCustomError:
                continue
        return self.cloudfront.check(value)

    def json_schema(self) -> dict[str, Any]:
        schemas: list[dict[str, Any]] = []
        for kind in self.types.values():
            if (schema := kind.json_schema()) not in schemas:
                schemas.append(schema)
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}

    def _check(self, value: Any, info: ValidationInfo) -> Any:
        kind = self.types.get(info.context) if isinstance(info.context, str) else None
        return kind.check(value) if kind else self.check(value)
