"""The aws provider of the embedded engine: a stand-in that records what AWS would be asked for."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable

from local.engine.difference import Change, find_changes
from local.engine.errors import ProviderError
from local.engine.providers.aws.inputs import check_inputs
from local.engine.providers.aws.kind import Kind, is_regional, module_of
from local.engine.providers.aws.kinds import KINDS
from local.engine.providers.aws.local_edge import LocalEdge
from local.engine.providers.aws.settings import AwsSettings
from local.engine.providers.base import Live, OwnedIds, Replacement
from local.engine.values import Properties

_SUFFIX_LENGTH = 7
# CloudFront has no object of its own for it, and its id is the distribution's.
_NOT_AT_THE_EDGE = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"


class AwsProvider:
    """Makes ids and outputs like AWS's and keeps everything in the state; resources of CloudFront also at a local edge.

    Usage: ``AwsProvider.configure({"region": "eu-west-1", "allowedAccountIds": '["000000000000"]'})``. Checking and
    previewing work in any stack; changes only in one of account 000000000000 (`AwsSettings.require_stand_in`).
    """

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings
        self._edge = LocalEdge(settings.cloudfront_endpoint) if settings.cloudfront_endpoint else None

    @classmethod
    def configure(cls, settings: Properties) -> AwsProvider:
        """The provider of ``aws:*`` settings."""
        return cls(AwsSettings.parse(settings))

    def check(self, type_: str, name: str, inputs: Properties, old_inputs: Properties) -> Properties:
        kind = _kind(type_)
        result = {key: value for key, value in inputs.items() if value is not None}
        check_inputs(type_, result)
        if is_regional(type_) and not self._region(result):
            raise ProviderError("aws:region is missing (pulumi config set aws:region eu-west-1)")
        for prefix in ("namePrefix", "bucketPrefix"):
            if prefix in result:
                raise ProviderError(f"the embedded engine does not support {prefix}: leave it away, or set the name")
        if kind.auto_name and kind.auto_name not in result:
            result[kind.auto_name] = _auto_name(type_, kind, name, result, old_inputs)
        return result

    def replacement(self, type_: str, changes: Iterable[Change]) -> Replacement:
        kind = _kind(type_)
        changed = {str(change.path[0]) for change in changes}
        # An automatic name changes with every replacement (see check): this one is the program's, and taken.
        name_is_taken = bool(kind.auto_name) and kind.auto_name not in changed
        return Replacement(kind.replacing(type_) & changed, kind.delete_first or name_is_taken)

    def planned_outputs(self, type_: str, inputs: Properties, old_outputs: Properties) -> Properties:
        return _kind(type_).planned_outputs(type_, inputs, old_outputs, self._region(inputs))

    def secret_outputs(self, type_: str, secret_inputs: Collection[str]) -> Collection[str]:
        return _kind(type_).secret

    def new_id(self, type_: str, inputs: Properties) -> str:
        self._settings.require_stand_in()
        return _kind(type_).new_id(type_, inputs, self._region(inputs))

    def create(self, type_: str, id_: str, inputs: Properties, owned_ids: OwnedIds) -> Live:
        if not _kind(type_).has_id_of_its_own and id_ in owned_ids():
            raise ProviderError(
                f"{id_} already exists in this stack, and AWS has room for one: rename it, or, when it is being "
                "replaced, set delete_before_replace"
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
        self._settings.require_stand_in()
        if edge := self._edge_of(type_):
            edge.delete(id_)

    def close(self) -> None:
        if self._edge is not None:
            self._edge.close()

    def _send(self, type_: str, id_: str, inputs: Properties, old_outputs: Properties) -> Live:
        self._settings.require_stand_in()
        outputs = _kind(type_).live_outputs(type_, id_, inputs, old_outputs, self._region(inputs))
        if edge := self._edge_of(type_):
            edge.put(type_, id_, inputs, outputs)
        return Live(id_, inputs, outputs)

    def _edge_of(self, type_: str) -> LocalEdge | None:
        return self._edge if module_of(type_) == "cloudfront" and type_ != _NOT_AT_THE_EDGE else None

    def _region(self, inputs: Properties) -> str:
        return str(inputs.get("region") or self._settings.region)


def _kind(type_: str) -> Kind:
    try:
        return KINDS[type_]
    except KeyError:
        raise ProviderError(f"the embedded engine has no {type_}; deploy this stack with the pulumi CLI") from None


def _auto_name(type_: str, kind: Kind, name: str, inputs: Properties, old_inputs: Properties) -> str:
    """The automatic name so far, or a new one for a new resource; a replacement exists beside the old one."""
    stem = name.lower() if kind.auto_name == "bucket" else name
    old = str(old_inputs.get(kind.auto_name, ""))
    compared = {key: value for key, value in old_inputs.items() if key != kind.auto_name}
    changed = {str(change.path[0]) for change in find_changes(compared, inputs)}
    if re.fullmatch(rf"{re.escape(stem)}-[0-9a-f]{{{_SUFFIX_LENGTH}}}", old) and not changed & kind.replacing(type_):
        return old
    new = f"{stem}-{secrets.token_hex(4)[:_SUFFIX_LENGTH]}"
    if len(new) > kind.auto_name_length:
        longest = kind.auto_name_length - _SUFFIX_LENGTH - 1
        raise ProviderError(
            f"{name!r} is too long for an automatic name: at most {longest} characters, or set {kind.auto_name}"
        )
    return new
