"""Holding properties against CloudFormation's resource schemas, and a whole template against cfn-lint."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from typing import Any

from cfnlint.api import lint
from cfnlint.jsonschema import StandardValidator

from tests.aws_models.models import REGION, cloudformation_schema
from tests.aws_models.registered import Inputs, values_at


@functools.cache
def _validator(resource_type: str) -> Any:
    return StandardValidator(cloudformation_schema(resource_type))


def schema_problems(resource_type: str, properties: Inputs) -> list[str]:
    """Return what the resource type's schema forbids, a property that it calls deprecated included."""
    found = [
        f"{resource_type} {'.'.join(str(step) for step in error.path)}: {error.message:.200}"
        for error in _validator(resource_type).iter_errors(properties)
    ]
    for pointer in cloudformation_schema(resource_type).get("deprecatedProperties", []):
        path = pointer.removeprefix("/properties/").replace("/", ".")
        found += [f"{resource_type} {path}: deprecated" for _ in values_at(properties, path)]
    return found


def template_of(resources: Iterable[tuple[str, str, Inputs]]) -> Inputs:
    """Return one template of resources given as name, type and properties.

    Parts of one resource (the provider has its method, integration and responses apart) become one again: the same
    type and the same primary identifier.
    """
    template: dict[str, Inputs] = {}
    for name, kind, properties in resources:
        pointers = cloudformation_schema(kind)["primaryIdentifier"]
        identity = [properties.get(pointer.rpartition("/")[2]) for pointer in pointers]
        # Without one AWS makes it up: another resource each time.
        key = name if None in identity else json.dumps([kind, identity])
        known = template.setdefault(key, {"Type": kind, "Properties": {}})
        known["Properties"] = _merged(known["Properties"], properties)
    resources_by_number = {f"R{number}": resource for number, resource in enumerate(template.values())}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources_by_number}


def lint_problems(template: Inputs) -> list[str]:
    """Return all that cfn-lint has to say about a template in us-east-1, warnings too."""
    matches: list[Any] = lint(json.dumps(template), regions=[REGION])
    return [f"{match.rule.id} {'.'.join(map(str, match.path))}: {match.message}" for match in matches]


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        shared = {name: _merged(one[name], other[name]) for name in one if name in other}
        return {**one, **other, **shared}
    return [*one, *other] if isinstance(one, list) and isinstance(other, list) else other
