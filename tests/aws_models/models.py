"""A common view of the two kinds of models: CloudFormation's resource schemas and botocore's shapes."""

from __future__ import annotations

import functools
from typing import Any, Literal, Protocol

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

REGION = "us-east-1"
Kind = Literal["object", "list", "map", "scalar"]


class Model(Protocol):
    """What the conversion asks of a model."""

    @property
    def kind(self) -> Kind: ...

    @property
    def members(self) -> dict[str, Model]: ...

    @property
    def element(self) -> Model | None: ...

    @property
    def holds_json(self) -> bool: ...


class SchemaModel:
    """A part of a CloudFormation resource schema."""

    def __init__(self, root: dict[str, Any], schema: dict[str, Any]) -> None:
        while "$ref" in schema:
            schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
        self._root, self._schema = root, schema
        types = schema.get("type", "object")
        self._types = [types] if isinstance(types, str) else types

    @property
    def kind(self) -> Kind:
        if "properties" in self._schema:
            return "object"
        if "array" in self._types:
            return "list"
        return "map" if "object" in self._types else "scalar"

    @property
    def members(self) -> dict[str, Model]:
        return {name: SchemaModel(self._root, part) for name, part in self._schema["properties"].items()}

    @property
    def element(self) -> Model | None:
        parts = (
            [self._schema["items"]] if "items" in self._schema else self._schema.get("patternProperties", {}).values()
        )
        return next((SchemaModel(self._root, part) for part in parts), None)

    @property
    def holds_json(self) -> bool:
        return self.kind == "map" and self.element is None


class ShapeModel:
    """A part of an AWS API's model."""

    def __init__(self, shape: Shape) -> None:
        self._shape: Any = shape

    @property
    def kind(self) -> Kind:
        kinds: dict[str, Kind] = {"structure": "object", "list": "list", "map": "map"}
        return kinds.get(self._shape.type_name, "scalar")

    @property
    def members(self) -> dict[str, Model]:
        return {name: ShapeModel(shape) for name, shape in self._shape.members.items()}

    @property
    def element(self) -> Model | None:
        return ShapeModel(self._shape.member if self.kind == "list" else self._shape.value)

    @property
    def holds_json(self) -> bool:
        return False


@functools.cache
def _description(service: str) -> dict[str, Any]:
    return Loader().load_service_model(service, "service-2")


@functools.cache
def _service_model(service: str) -> ServiceModel:
    """botocore's model of a service, newest API version."""
    return ServiceModel(_description(service), service)


def api_shape(where: str) -> Shape:
    """Return the input of an operation (`cloudfront.CreateFunction`) or a named shape (`apigateway:MethodSetting`)."""
    if ":" in where:
        service, _, shape = where.partition(":")
        return _service_model(service).shape_for(shape)
    service, _, operation = where.partition(".")
    found: Any = _service_model(service).operation_model(operation).input_shape
    assert found is not None, where
    return found


def is_deprecated_member(where: str, shape: str, member: str) -> bool:
    """Say whether an API calls a member of a shape deprecated, which botocore's own objects leave out."""
    service = where.replace(":", ".").partition(".")[0]
    return bool(_description(service)["shapes"][shape]["members"][member].get("deprecated"))


@functools.cache
def cloudformation_schema(resource_type: str) -> dict[str, Any]:
    """Return the schema of a CloudFormation resource type in us-east-1, from cfn-lint's wheel."""
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema
