"""The kinds of value a stack config may hold: each checks, says what is allowed, and describes itself as JSON Schema.

Usage::

    ttl_seconds: Annotated[int, Whole(1, 31_536_000, "seconds")]
    name: Annotated[str, Text(r"[a-z][a-z0-9-]{0,39}", "a lower-case name ...")]

A wrong value gives one pydantic error of type ``allowed`` whose message is ``must be <allowed>``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, SecretStr
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from components.edge import limits

from .wording import one_of

_LONGEST_TEXT = 2_048


def refusal(text: str) -> PydanticCustomError:
    """The one error that a field type raises: ``text`` says what is allowed and never quotes the value."""
    return PydanticCustomError("allowed", "{text}", {"text": text})


@dataclass(frozen=True)
class FieldType:
    """Base: a type that checks the value by itself, without pydantic's conversions."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self.json_schema()

    def check(self, value: Any) -> Any:
        raise NotImplementedError

    def json_schema(self) -> dict[str, Any]:
        raise NotImplementedError

    @property
    def must(self) -> str:
        """The rule as the end of a sentence: ``must be ...``."""
        raise NotImplementedError


@dataclass(frozen=True)
class Whole(FieldType):
    """A whole number; ``300.0`` counts as 300, because Pulumi carries numbers as doubles."""

    least: int
    most: int
    unit: str = ""

    @property
    def must(self) -> str:
        return f"must be a whole number from {self.least} to {self.most}" + (f" ({self.unit})" if self.unit else "")

    def check(self, value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int or not self.least <= value <= self.most:
            raise refusal(self.must)
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Decimal(FieldType):
    """A number, whole or not."""

    least: float
    most: float
    unit: str

    @property
    def must(self) -> str:
        return f"must be a number from {self.least:g} to {self.most:g} ({self.unit})"

    def check(self, value: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value) or not self.least <= value <= self.most:
            raise refusal(self.must)
        return float(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Choice(FieldType):
    """One of a few values; ``why`` tells why the others are not allowed."""

    values: tuple[str, ...] | tuple[int, ...]
    why: str = ""

    @property
    def must(self) -> str:
        return f"must be {one_of(self.values)}" + (f"; {self.why}" if self.why else "")

    def check(self, value: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or value not in self.values:
            raise refusal(self.must)
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string" if isinstance(self.values[0], str) else "integer", "enum": list(self.values)}


_HIGH_PORT = Whole(limits.MIN_HIGH_ORIGIN_PORT, limits.MAX_HIGH_ORIGIN_PORT)


@dataclass(frozen=True)
class OriginPort(FieldType):
    """A port at which CloudFront reaches an origin."""

    @property
    def must(self) -> str:
        low, high = ", ".join(map(str, limits.LOW_ORIGIN_PORTS)), _HIGH_PORT.must.removeprefix("must be ")
        return f"must be {low} or {high}; CloudFront uses no other"

    def check(self, value: Any) -> int:
        if value in limits.LOW_ORIGIN_PORTS and not isinstance(value, bool):
            return int(value)
        try:
            return _HIGH_PORT.check(value)
        except PydanticCustomError:
            raise refusal(self.must) from None

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "integer", "enum": list(limits.LOW_ORIGIN_PORTS)}, _HIGH_PORT.json_schema()]}


@dataclass(frozen=True)
class Text(FieldType):
    """Text that matches ``pattern`` as a whole and is none of ``refused``; ``allowed`` says so in words."""

    pattern: str
    allowed: str
    refused: tuple[str, ...] = ()
    why_refused: str = ""

    @property
    def must(self) -> str:
        return f"must be {self.allowed}"

    def matches(self, value: str) -> bool:
        return len(value) <= _LONGEST_TEXT and re.fullmatch(self.pattern, value) is not None

    def check(self, value: Any) -> Any:
        # YAML reads 1 and 1.10 as numbers (the latter as 1.1) and yes as a boolean, so the fix is in the file.
        if isinstance(value, bool | int | float):
            raise refusal(f"{self.must}; put the value in quotes")
        if not isinstance(value, str) or not self.matches(value):
            raise refusal(self.must)
        if value in self.refused:
            raise refusal(f"{value} is not allowed here: {self.why_refused}")
        return value

    def json_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string", "pattern": f"^(?:{self.pattern})$"}
        return schema | ({"not": {"enum": list(self.refused)}} if self.refused else {})


@dataclass(frozen=True)
class SecretText(Text):
    """Text that must come from an encrypted config value; kept as pydantic's SecretStr."""

    def check(self, value: Any) -> SecretStr:
        return SecretStr(super().check(value.get_secret_value() if isinstance(value, SecretStr) else value))

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "writeOnly": True}  # schema.py allows only an encrypted value here


@dataclass(frozen=True)
class Items:
    """A list of ``what`` without repeats, kept as a tuple. Goes on ``tuple[X, ...]``; X is checked by its own type."""

    least: int
    most: int
    what: str

    @property
    def must(self) -> str:
        return f"must be a list of {self.least} to {self.most} {self.what}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        listed = core_schema.no_info_before_validator_function(self._as_tuple, handler(source))
        return core_schema.no_info_after_validator_function(self._check_repeats, listed)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(schema) | {"minItems": self.least, "maxItems": self.most, "uniqueItems": True}

    def _as_tuple(self, value: Any) -> Any:
        if not isinstance(value, list | tuple) or not self.least <= len(value) <= self.most:
            raise refusal(self.must)
        return tuple(value)

    def _check_repeats(self, value: Iterable[Any]) -> Any:
        # Models and consumers hold mappings; their names are compared across the list elsewhere.
        items = list(value)
        if all(isinstance(item, str | int) for item in items) and len(set(items)) < len(items):
            raise refusal(f"{self.must}, each once")
        return value
