"""A provider that records what a cloud would be asked for, and sends an edge's resources to a local edge."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping

from local.engine.difference import Change
from local.engine.errors import ProviderError
from local.engine.providers.base import Live, OwnedIds, Replacement
from local.engine.providers.stand_in.auto_name import SUFFIX_LENGTH, auto_name
from local.engine.providers.stand_in.inputs import check_inputs
from local.engine.providers.stand_in.kind import Kind
from local.engine.providers.stand_in.local_edge import LocalEdge
from local.engine.values import Properties


class StandInProvider(ABC):
    """Makes ids and outputs like a cloud's and keeps everything in the state.

    A subclass says which types there are, where they live, whether this stack may be changed and what a local edge
    plays. Checking and previewing work in any stack.
    """

    cloud: str

    @property
    @abstractmethod
    def _kinds(self) -> Mapping[str, Kind]:
        """What is known of each type."""

    @abstractmethod
    def _place(self, type_: str, inputs: Properties) -> Mapping[str, str]:
        """Where the cloud keeps a resource."""

    @abstractmethod
    def _require_stand_in(self, types: Collection[str]) -> None:
        """Raise ProviderError unless the stack is one of the stand-in."""

    @abstractmethod
    def _edge_of(self, type_: str) -> LocalEdge | None:
        """The local edge that plays resources of this type."""

    @abstractmethod
    def _check_more(self, type_: str, inputs: Properties) -> None:
        """Raise ProviderError for what the SDK does not tell."""

    def check(self, type_: str, name: str, inputs: Properties, old_inputs: Properties) -> Properties:
        kind = self._kind(type_)
        result = {key: value for key, value in inputs.items() if value is not None}
        check_inputs(type_, result)
        if kind.auto_name and kind.auto_name not in result:
            suffix = self._seed(type_, {"name": name})[:SUFFIX_LENGTH]
            result[kind.auto_name] = auto_name(
                type_, kind, name, suffix, result, old_inputs, lower=kind.auto_name == "bucket"
            )
        self._check_more(type_, result)
        return result

    def replacement(self, type_: str, changes: Iterable[Change]) -> Replacement:
        kind = self._kind(type_)
        changed = {str(change.path[0]) for change in changes}
        # An automatic name changes with every replacement (see check): this one is the program's, and taken.
        name_is_taken = bool(kind.auto_name) and kind.auto_name not in changed
        return Replacement(kind.replacing(type_) & changed, kind.delete_first or name_is_taken)

    def planned_outputs(self, type_: str, inputs: Properties, old_outputs: Properties) -> Properties:
        return self._kind(type_).planned_outputs(type_, inputs, old_outputs, self._place(type_, inputs))

    def secret_outputs(self, type_: str, secret_inputs: Collection[str]) -> Collection[str]:
        return self._kind(type_).secret

    def require_ready(self, types: Collection[str]) -> None:
        self._require_stand_in(types)
        if edge := next(filter(None, map(self._edge_of, sorted(types))), None):
            edge.require_ready()

    def new_id(self, type_: str, inputs: Properties) -> str:
        self._require_stand_in({type_})
        return self._kind(type_).new_id(inputs, self._place(type_, inputs), self._seed(type_, inputs))

    def create(self, type_: str, id_: str, inputs: Properties, owned_ids: OwnedIds) -> Live:
        if not self._kind(type_).has_id_of_its_own and id_ in owned_ids():
            raise ProviderError(
                f"{id_} already exists in this stack, and {self.cloud} has room for one: rename it, or, when it is "
                "being replaced, set delete_before_replace"
            )
        return self._send(type_, id_, inputs, {})

    def update(self, type_: str, id_: str, inputs: Properties, old_outputs: Properties) -> Live:
        return self._send(type_, id_, inputs, old_outputs)

    def read(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        if edge := self._edge_of(type_):
            return Live(id_, inputs, outputs) if edge.has(id_) else None
        # A recorded resource exists once it is in the state: one whose creation was cut off has no outputs.
        return Live(id_, inputs, outputs) if outputs else None

    def delete(self, type_: str, id_: str) -> None:
        self._require_stand_in({type_})
        if edge := self._edge_of(type_):
            edge.delete(id_)

    def _send(self, type_: str, id_: str, inputs: Properties, old_outputs: Properties) -> Live:
        self._require_stand_in({type_})
        place, seed = self._place(type_, inputs), self._seed(type_, inputs)
        outputs = self._kind(type_).live_outputs(type_, id_, inputs, old_outputs, place, seed)
        if edge := self._edge_of(type_):
            edge.put(type_, id_, inputs, outputs)
        return Live(id_, inputs, outputs)

    def _seed(self, type_: str, inputs: Properties) -> str:
        """Of what the cloud draws, secret keys among it; hexadecimal."""
        return secrets.token_hex(32)

    def _kind(self, type_: str) -> Kind:
        try:
            return self._kinds[type_]
        except KeyError:
            raise ProviderError(f"the embedded engine has no {type_}; deploy this stack with the pulumi CLI") from None
