"""The three checks of one resource's inputs: CloudFormation's schema, botocore's API model, documented limits."""

from __future__ import annotations

from tests.aws_models.api_shapes import api_problems
from tests.aws_models.cloudformation import schema_problems
from tests.aws_models.convert import to_api, to_cloudformation
from tests.aws_models.limits import limit_problems
from tests.aws_models.registered import Inputs
from tests.aws_models.twins import TWINS


def from_schemas(kind: str, inputs: Inputs) -> list[str]:
    """Return what CloudFormation's schemas refuse."""
    twin = TWINS.get(kind)
    converted = to_cloudformation(twin, inputs) if twin else []
    return [found for where, properties in converted for found in schema_problems(where, properties)]


def from_api(kind: str, inputs: Inputs) -> list[str]:
    """Return what the API's model refuses."""
    twin = TWINS.get(kind)
    converted = to_api(twin, inputs) if twin else []
    return [found for where, parameters in converted for found in api_problems(where, parameters)]


# The quick ones first.
CHECKS = {"limits": limit_problems, "API": from_api, "CloudFormation": from_schemas}


def is_caught(kind: str, inputs: Inputs) -> bool:
    """Say whether at least one check refuses the inputs."""
    return any(check(kind, inputs) for check in CHECKS.values())
