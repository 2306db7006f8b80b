"""AWS in memory: every resource is made at once, with ids, ARNs and computed outputs like AWS's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from local.engine import EmbeddedEngine
from local.engine.difference import Change
from local.engine.errors import ProviderError
from local.engine.providers.base import Live, OwnedIds, Replacement
from local.engine.providers.registry import Factory
from local.engine.values import UNKNOWN, Properties
from tests.components.trial_stack import Program, TrialStack

ACCOUNT = "111122223333"


def _distribution(inputs: Properties, id_: str) -> Properties:
    return {
        "arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{id_}",
        "domainName": "d111111abcdef8.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
    }


def _certificate(inputs: Properties, id_: str) -> Properties:
    names = [inputs["domainName"], *inputs.get("subjectAlternativeNames", [])]
    options = [
        {
            "domainName": name,
            "resourceRecordName": f"_check.{name.removeprefix('*.')}",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": f"_{index}.acm-validations.aws.",
        }
        for index, name in enumerate(names)
    ]
    return {"arn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/{id_}", "domainValidationOptions": options}


_COMPUTED: Mapping[str, Callable[[Properties, str], Properties]] = {
    "Distribution": _distribution,
    "Certificate": _certificate,
    "CertificateValidation": lambda inputs, _: {"certificateArn": inputs["certificateArn"]},
    "Record": lambda inputs, _: {"fqdn": inputs["name"]},
}


class MemoryAws:
    """Notes `<operation> <type>` in the order of the calls; a call in `failing` fails."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.failing: set[str] = set()
        self._lock = threading.Lock()

    def check(self, type_: str, name: str, inputs: Properties, old_inputs: Properties) -> Properties:
        return inputs

    def replacement(self, type_: str, changes: Iterable[Change]) -> Replacement:
        fixed = {"encodedKey"} if type_.endswith(":PublicKey") else set()
        return Replacement(frozenset(str(change.path[0]) for change in changes) & fixed)

    def planned_outputs(self, type_: str, inputs: Properties, old_outputs: Properties) -> Properties:
        computed = dict.fromkeys(_outputs(type_, _example(inputs), "id"), UNKNOWN)
        return {**computed, **old_outputs, **inputs}

    def secret_outputs(self, type_: str, secret_inputs: Collection[str]) -> Collection[str]:
        return secret_inputs

    def new_id(self, type_: str, inputs: Properties) -> str:
        return ""

    def create(self, type_: str, id_: str, inputs: Properties, owned_ids: OwnedIds) -> Live:
        made = f"{type_.split(':')[-1]}-{self._note('create', type_)}"
        return Live(made, inputs, {**_outputs(type_, inputs, made), **inputs})

    def update(self, type_: str, id_: str, inputs: Properties, old_outputs: Properties) -> Live:
        self._note("update", type_)
        return Live(id_, inputs, {**old_outputs, **inputs})

    def read(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        return Live(id_, inputs, outputs)

    def delete(self, type_: str, id_: str) -> None:
        self._note("delete", type_)

    def close(self) -> None:
        return

    def _note(self, operation: str, type_: str) -> int:
        call = f"{operation} {type_.split(':')[-1]}"
        if call in self.failing:
            raise ProviderError(f"{call} was made to fail")
        with self._lock:
            self.calls.append(call)
            return len(self.calls)


class EdgeStack(TrialStack):
    """A TrialStack that has AWS, too. graph = stack.up(lambda: CloudFrontEdge("edge", {...}))"""

    def __init__(self, folder: Any) -> None:
        super().__init__(folder)
        self.aws = MemoryAws()
        self._root = folder

    def _engine(self, program: Program) -> EmbeddedEngine:
        providers: dict[str, Factory] = {**self.recorder.providers, "aws": lambda _: self.aws}

        def run() -> None:
            program()

        return EmbeddedEngine(self._root, "test", self.state_dir, program=run, providers=providers)


def _outputs(type_: str, inputs: Properties, id_: str) -> Properties:
    kind = type_.split(":")[-1]
    more = _COMPUTED.get(kind, lambda *_: {})(inputs, id_)
    return {"arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:{kind}:{id_}", "name": f"{kind}-{id_}", **more}


def _example(inputs: Properties) -> Properties:
    """Inputs of a preview with texts instead of unknowns, just to learn which outputs there are."""
    return {key: "unknown" if value == UNKNOWN else value for key, value in inputs.items()}
