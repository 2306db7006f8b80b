"""A stack whose AWS is in memory: ids and computed outputs of AWS's form, and who was called in which order."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from local.engine.difference import Change
from local.engine.providers.base import Live, OwnedIds, Replacement
from local.engine.providers.registry import Factory
from local.engine.values import UNKNOWN, Properties
from tests.components.recording import Recorder
from tests.components.trial_stack import Graph, Program, TrialStack

ACCOUNT, REGION = "123456789012", "eu-west-1"
ENDPOINT_ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/Digits"
CERTIFICATE_ARN = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0f0e0d0c-0b0a-0908-0706-050403020100"
KEY_VALUE = "a-key-that-api-gateway-made-0123456789ab"

# Inputs that are not changed in place, as the provider's schema has them.
_FIXED = {"restApi", "restApiId", "triggers", "resourceId", "httpMethod", "statusCode", "parentId", "domainName"}
_IN_PLACE = {"Response": {"statusCode"}, "Record": set[str]()}


class AwsRecorder(Recorder):
    """A Recorder that also has AWS; an entity is named by its kind and a number."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count()

    @property
    def providers(self) -> Mapping[str, Factory]:
        return {**super().providers, "aws": lambda _: _MemoryAws(self)}


class AwsStack(TrialStack):
    """A TrialStack with AWS: graph = stack.up(lambda: SageMakerOrigin("digits", {...}))"""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.recorder: AwsRecorder = AwsRecorder()

    def steps(self) -> list[str]:
        """What the last run did, in order: `create RestApi`, ..."""
        return [f"{call.operation} {call.entity.rstrip('0123456789')}" for call in self.recorder.calls]

    def up(self, program: Program) -> Graph:
        self.recorder.calls.clear()
        return super().up(program)


class _MemoryAws:
    def __init__(self, recorder: AwsRecorder) -> None:
        self._recorder = recorder

    def check(self, type_: str, name: str, inputs: Properties, old_inputs: Properties) -> Properties:
        return inputs

    def replacement(self, type_: str, changes: Iterable[Change]) -> Replacement:
        fixed = _FIXED - _IN_PLACE.get(_kind(type_), set())
        # A method has one integration, which the provider therefore deletes before it makes another.
        return Replacement(
            frozenset(str(change.path[0]) for change in changes) & fixed, delete_first=_kind(type_) == "Integration"
        )

    def planned_outputs(self, type_: str, inputs: Properties, old_outputs: Properties) -> Properties:
        return {**{name: old_outputs.get(name, UNKNOWN) for name in _computed(type_, "", inputs)}, **inputs}

    def secret_outputs(self, type_: str, secret_inputs: Collection[str]) -> Collection[str]:
        return secret_inputs

    def new_id(self, type_: str, inputs: Properties) -> str:
        return f"{_kind(type_)}{next(self._recorder.numbers)}"

    def create(self, type_: str, id_: str, inputs: Properties, owned_ids: OwnedIds) -> Live:
        self._recorder.note("create", id_, inputs)
        return Live(id_, inputs, {**_computed(type_, id_, inputs), **inputs})

    def update(self, type_: str, id_: str, inputs: Properties, old_outputs: Properties) -> Live:
        self._recorder.note("update", id_, inputs)
        return Live(id_, inputs, {**_computed(type_, id_, inputs), **inputs})

    def read(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        return Live(id_, inputs, outputs)

    def delete(self, type_: str, id_: str) -> None:
        self._recorder.note("delete", id_)

    def close(self) -> None:
        return


def _kind(type_: str) -> str:
    return type_.split(":")[-1]


def _computed(type_: str, id_: str, inputs: Properties) -> dict[str, Any]:
    """What AWS adds to a resource of this type."""
    api, stage = inputs.get("restApi"), inputs.get("stageName")
    named = {"name": f"{id_}-generated"}
    return {
        "RestApi": {
            **named,
            "executionArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{id_}",
            "rootResourceId": f"root-of-{id_}",
        },
        "Stage": {"invokeUrl": f"https://{api}.execute-api.{REGION}.amazonaws.com/{stage}"},
        "ApiKey": {**named, "value": KEY_VALUE},
        "Role": {**named, "arn": f"arn:aws:iam::{ACCOUNT}:role/{id_}"},
        "LogGroup": {**named, "arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{id_}"},
        "Endpoint": {
            "name": f"Digits-{id_}",
            "arn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{(inputs.get('name') or f'Digits-{id_}').lower()}",
        },
        "DomainName": {
            "regionalDomainName": f"d-{id_}.execute-api.{REGION}.amazonaws.com",
            "regionalZoneId": "ZLY8HYME6SFDD",
        },
    }.get(_kind(type_), {})
