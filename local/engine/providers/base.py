"""What the engine asks of a provider. Values are plain: the engine unwraps secrets before and wraps them after."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from local.engine.difference import Change
from local.engine.values import Properties

OwnedIds = Callable[[], Collection[str]]


@dataclass(frozen=True)
class Replacement:
    """Which properties force a new resource, and whether the old one has to go first."""

    properties: frozenset[str] = frozenset()
    delete_first: bool = False


@dataclass(frozen=True)
class Live:
    """A resource as it is: its id, its inputs (drift included) and its outputs."""

    id: str
    inputs: Properties
    outputs: Properties = field(default_factory=dict)


class Provider(Protocol):
    """One configured provider. Every method raises ProviderError with a message for a person."""

    def check(self, type_: str, name: str, inputs: Properties, old_inputs: Properties) -> Properties:
        """Inputs with defaults filled in and values normalised; may hold unknowns."""
        ...

    def replacement(self, type_: str, changes: Iterable[Change]) -> Replacement:
        """Which of these changes force a replacement."""
        ...

    def planned_outputs(self, type_: str, inputs: Properties, old_outputs: Properties) -> Properties:
        """Outputs of a preview, with unknowns for what only the deployment tells."""
        ...

    def secret_outputs(self, type_: str, secret_inputs: Collection[str]) -> Collection[str]:
        """Outputs that are secret because of their type, or because these inputs are."""
        ...

    def new_id(self, type_: str, inputs: Properties) -> str:
        """The id that a create will use, noted before it is called; "" when nothing is left behind by a crash."""
        ...

    def create(self, type_: str, id_: str, inputs: Properties, owned_ids: OwnedIds) -> Live:
        """Create it; the answer's id differs when an entity of ours was adopted, never one of `owned_ids()`."""
        ...

    def update(self, type_: str, id_: str, inputs: Properties, old_outputs: Properties) -> Live:
        """Make it as the inputs say."""
        ...

    def read(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        """What it is now, None when it is gone."""
        ...

    def delete(self, type_: str, id_: str) -> None:
        """Delete it; already gone is fine."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class Preflight(Protocol):
    """A provider that knows beforehand when it cannot change anything, so that other providers do not either."""

    def require_ready(self, types: Collection[str]) -> None:
        """Raise ProviderError unless resources of these types can be changed; called once, before any change."""
        ...
