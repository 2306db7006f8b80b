"""From the inputs that a program registered to what AWS's own models describe."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.aws_models.models import Model, SchemaModel, ShapeModel, api_shape, cloudformation_schema
from tests.aws_models.registered import Inputs

Reshape = Callable[[Inputs], Inputs]


def _as_it_is(inputs: Inputs) -> Inputs:
    return inputs


@dataclass(frozen=True)
class Target:
    """One model that a resource's inputs are held against.

    `where` names a CloudFormation type, an operation (`wafv2.CreateWebACL`) or a shape (`apigateway:MethodSetting`).
    `reshape` brings the inputs into the model's structure, names still as Pulumi's; it leaves alone what it does not
    know, so that the model's own check sees it.
    """

    where: str
    reshape: Reshape = _as_it_is


@dataclass(frozen=True)
class Twin:
    """The models of one Pulumi type. `provider_only`: inputs that the provider keeps to itself, AWS never sees them."""

    cloudformation: tuple[Target, ...]
    api: tuple[Target, ...]
    provider_only: frozenset[str] = frozenset()
    generated: str = ""
    """The input with the resource's name, which Pulumi makes up when the program leaves it out."""


def to_cloudformation(twin: Twin, inputs: Inputs, name: str = "some") -> list[tuple[str, Inputs]]:
    """Return the CloudFormation type and properties of each target; `name` is the resource's in the program."""
    sent = _sent(twin, inputs, name)
    return [
        (target.where, _fitted(target.reshape(sent), SchemaModel(schema, schema)))
        for target in twin.cloudformation
        for schema in [cloudformation_schema(target.where)]
    ]


def to_api(twin: Twin, inputs: Inputs, name: str = "some") -> list[tuple[str, Inputs]]:
    """Return the operation or shape and its parameters, of each target."""
    sent = _sent(twin, inputs, name)
    return [(target.where, _fitted(target.reshape(sent), ShapeModel(api_shape(target.where)))) for target in twin.api]


def _sent(twin: Twin, inputs: Inputs, name: str) -> Inputs:
    named = {twin.generated: f"{name}-1234567", **inputs} if twin.generated else inputs
    return {key: value for key, value in named.items() if key not in twin.provider_only}


def _fitted(value: Any, model: Model | None) -> Any:
    """The value with the model's names and wrappers; what the model does not know keeps its place and its value."""
    if model is None:
        return value
    if isinstance(value, list):
        return _fitted_list(value, model)
    if isinstance(value, dict):
        return _fitted_dict(value, model)
    if isinstance(value, str) and model.holds_json:
        return _parsed(value)
    return value


def _fitted_list(values: list[Any], model: Model) -> Any:
    if model.kind == "list":
        return [_fitted(value, model.element) for value in values]
    members = model.members if model.kind == "object" else {}
    if not {"Quantity", "Items"} <= set(members):
        return values
    wrapped = {"Quantity": len(values), "Items": _fitted(values, members["Items"])}
    return {"Enabled": bool(values), **wrapped} if "Enabled" in members else wrapped


def _fitted_dict(value: Inputs, model: Model) -> Any:
    if model.kind == "list":
        return _as_list(value, model)
    if model.kind == "map":
        return {name: _fitted(part, model.element) for name, part in value.items()}
    if model.kind == "scalar":
        return value
    members = model.members
    if {"Quantity", "Items"} <= set(members) and isinstance(value.get("items"), list):
        value = {"quantity": len(value["items"]), **value}
    by_lower = {name.lower(): name for name in members}
    fitted: Inputs = {}
    for name, part in value.items():
        found = by_lower.get(name.lower(), name[:1].upper() + name[1:])
        if found in fitted:
            raise ValueError(f"two inputs become {found}: {sorted(value)}")
        fitted[found] = _fitted(part, members.get(found))
    return fitted


def _as_list(value: Inputs, model: Model) -> Any:
    """A map as AWS's list of pairs (tags, dimensions); a wrapper with items as the list itself."""
    element = model.element
    members = set(element.members) if element is not None and element.kind == "object" else set()
    if set(value) in ({"items"}, {"items", "quantity"}) and "Key" not in members:
        return _fitted(value["items"], model)
    for key in ("Key", "Name"):
        if members == {key, "Value"}:
            return [{key: name, "Value": part} for name, part in value.items()]
    return value


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
