"""Kong, random and the clouds in memory, always with the same values. Calls of Kong are noted, and can be made fail."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from local.engine.errors import ProviderError
from local.engine.providers.aws.provider import AwsProvider
from local.engine.providers.aws.settings import ACCOUNT_ID, AwsSettings
from local.engine.providers.base import Live, OwnedIds
from local.engine.providers.gcp.provider import GcpProvider
from local.engine.providers.gcp.settings import GcpSettings
from local.engine.providers.kong.provider import KongProvider
from local.engine.providers.random import RandomProvider
from local.engine.providers.registry import Factory
from local.engine.values import Properties

GENERATED_BYTES = base64.b64encode(bytes(range(32))).decode()
GENERATED_PASSWORD = "a-password-made-for-the-tests-0123456789"


@dataclass(frozen=True)
class Call:
    """One call of Kong: `after` are the entities whose calls of this kind were through when it began."""

    operation: str
    entity: str
    after: frozenset[str]


class Recorder:
    """Usage: ``EmbeddedEngine(..., providers=recorder.providers)``; then ``recorder.calls``.

    Entities are named `service <name>`, `route <name>`, `plugin <service>/<plugin>`, `consumer <username>`,
    `acl <consumer>/<group>`, `key-auth <consumer>`, `upstream <name>`, `target <upstream>/<node>`; these names are also
    their ids. A name in `failing` fails.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.failing: set[str] = set()
        self.sent: dict[str, Properties] = {}
        self._through: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    @property
    def providers(self) -> Mapping[str, Factory]:
        return {
            "aws": _SameAws.configure,
            "gcp": _SameGcp.configure,
            "kong": lambda _: _MemoryKong(self),
            "random": lambda _: _SameRandom(),
        }

    def entities(self, operation: str) -> list[str]:
        """The entities of the calls of an operation, in order."""
        return [call.entity for call in self.calls if call.operation == operation]

    def call(self, operation: str, entity: str) -> Call:
        """The one call of an operation for an entity."""
        [found] = [call for call in self.calls if (call.operation, call.entity) == (operation, entity)]
        return found

    def note(self, operation: str, entity: str, inputs: Properties | None = None) -> None:
        with self._lock:
            through = self._through.setdefault(operation, set())
            self.calls.append(Call(operation, entity, frozenset(through)))
        if entity in self.failing:
            raise ProviderError(f"{entity} was made to fail")
        with self._lock:
            through.add(entity)
            if inputs is not None:
                self.sent[entity] = inputs


class _MemoryKong(KongProvider):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__(None)
        self._recorder = recorder

    def require_ready(self, types: Collection[str]) -> None:
        """It is in memory."""

    def new_id(self, type_: str, inputs: Properties) -> str:
        match type_.split(":")[-1]:
            case "Plugin":
                return f"plugin {inputs.get('serviceId', '').removeprefix('service ')}/{inputs['name']}"
            case "Consumer":
                return f"consumer {inputs['username']}"
            case "ConsumerAcl":
                return f"acl {inputs['consumerId'].removeprefix('consumer ')}/{inputs['group']}"
            case "ConsumerKeyAuth":
                return f"key-auth {inputs['consumerId'].removeprefix('consumer ')}"
            case "Target":
                return f"target {inputs['upstreamId'].removeprefix('upstream ')}/{inputs['target']}"
            case kind:
                return f"{kind.lower()} {inputs['name']}"

    def create(self, type_: str, id_: str, inputs: Properties, owned_ids: OwnedIds) -> Live:
        self._recorder.note("create", id_, inputs)
        return Live(id_, inputs, _outputs(inputs))

    def update(self, type_: str, id_: str, inputs: Properties, old_outputs: Properties) -> Live:
        self._recorder.note("update", id_, inputs)
        return Live(id_, inputs, _outputs(inputs))

    def read(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        return Live(id_, inputs, outputs) if id_ in self._recorder.sent else None

    def delete(self, type_: str, id_: str) -> None:
        self._recorder.note("delete", id_)


class _SameRandom(RandomProvider):
    """Draws the same values for everybody, so that graphs can be compared."""

    def create(self, type_: str, id_: str, inputs: Properties, owned_ids: OwnedIds) -> Live:
        live = super().create(type_, id_, inputs, owned_ids)
        drawn: dict[str, Properties] = {
            "random:index/randomBytes:RandomBytes": {"base64": GENERATED_BYTES},
            "random:index/randomPassword:RandomPassword": {"result": GENERATED_PASSWORD},
        }
        return Live(live.id, live.inputs, {**live.outputs, **drawn.get(type_, {})})


class _SameAws(AwsProvider):
    """The stand-in for any account and without an edge: a resource's ids depend on its inputs alone."""

    @classmethod
    def configure(cls, settings: Properties) -> AwsProvider:
        return cls(replace(AwsSettings.parse(settings), allowed_account_ids=(ACCOUNT_ID,), cloudfront_endpoint=""))

    def _seed(self, type_: str, inputs: Properties) -> str:
        return _same_seed(type_, inputs)


class _SameGcp(GcpProvider):
    """The stand-in for any project and without an edge: a resource's ids depend on its inputs alone."""

    @classmethod
    def configure(cls, settings: Properties) -> GcpProvider:
        return cls(replace(GcpSettings.parse(settings), network_services_endpoint="", compute_endpoint=""))

    def _require_stand_in(self, types: Collection[str]) -> None:
        """Any project."""

    def _seed(self, type_: str, inputs: Properties) -> str:
        return _same_seed(type_, inputs)


def _same_seed(type_: str, inputs: Properties) -> str:
    """Whatever is said about the resource in words, a digest of a function's source in CloudFront's comment too."""
    inputs = {name: value for name, value in inputs.items() if name not in ("comment", "description")}
    return hashlib.sha256(json.dumps([type_, inputs], sort_keys=True).encode()).hexdigest()


def _outputs(inputs: Properties) -> Properties:
    return {**inputs, "computedConfig": inputs["configJson"]} if "configJson" in inputs else inputs
