"""Kong and random in memory: every call succeeds, or is made to fail, and is noted."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from local.engine.errors import ProviderError
from local.engine.providers.base import Live, OwnedIds
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
    `acl <consumer>/<group>`, `key-auth <consumer>`; these names are also their ids. A name in `failing` fails.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.failing: set[str] = set()
        self.sent: dict[str, Properties] = {}
        self._through: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    @property
    def providers(self) -> Mapping[str, Factory]:
        return {"kong": lambda _: _MemoryKong(self), "random": lambda _: _SameRandom()}

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

    def new_id(self, type_: str, inputs: Properties) -> str:
        match type_.split(":")[-1]:
            case "Plugin":
                return f"plugin {inputs['serviceId'].removeprefix('service ')}/{inputs['name']}"
            case "Consumer":
                return f"consumer {inputs['username']}"
            case "ConsumerAcl":
                return f"acl {inputs['consumerId'].removeprefix('consumer ')}/{inputs['group']}"
            case "ConsumerKeyAuth":
                return f"key-auth {inputs['consumerId'].removeprefix('consumer ')}"
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


def _outputs(inputs: Properties) -> Properties:
    return {**inputs, "computedConfig": inputs["configJson"]} if "configJson" in inputs else inputs
