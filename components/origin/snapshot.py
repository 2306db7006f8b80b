"""What a deployment of API Gateway takes a snapshot of, and the digest that asks for a new one."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, Optional, TypeVar

import pulumi

_Part = TypeVar("_Part", bound=pulumi.CustomResource)


class Snapshot:
    """The parts of an API that go live with a deployment alone.

        api = snapshot.add(aws.apigateway.RestApi, "digits-api", api_key_source="HEADER")
        aws.apigateway.Deployment("digits-deployment", rest_api=api.id, triggers=snapshot.triggers(),
                                  opts=pulumi.ResourceOptions(depends_on=snapshot.parts))

    A part made in no other way than by `add` cannot be forgotten in the digest.
    """

    def __init__(self, parent: pulumi.Resource) -> None:
        self.parts: list[pulumi.Resource] = []
        self._parent = parent
        self._inputs: dict[str, dict[str, Any]] = {}

    def add(
        self, kind: Callable[..., _Part], name: str, opts: Optional[pulumi.ResourceOptions] = None, **inputs: Any
    ) -> _Part:
        """Make a part; its inputs go into the digest."""
        part = kind(
            name, **inputs, opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=self._parent), opts)
        )
        self.parts.append(part)
        self._inputs[name] = inputs
        return part

    def triggers(self) -> dict[str, pulumi.Output[str]]:
        """A map that changes when, and only when, an input of a part does."""
        return {"snapshot": pulumi.Output.from_input(self._inputs).apply(_digest)}


def _digest(inputs: dict[str, dict[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
