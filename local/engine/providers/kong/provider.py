"""The kong provider of the embedded engine."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import quote

from local.engine.difference import Change
from local.engine.errors import ProviderError
from local.engine.providers.base import Live, OwnedIds, Replacement
from local.engine.providers.kong.admin_api import AdminApi, AdminApiError
from local.engine.providers.kong.entities import ENTITIES, Entity
from local.engine.providers.kong.wire import checked, dump_json, from_wire, to_wire
from local.engine.values import UNKNOWN, Properties

_SETTINGS = {
    "kongAdminUri",
    "kongAdminToken",
    "kongApiKey",
    "kongAdminUsername",
    "kongAdminPassword",
    "kongWorkspace",
    "tlsSkipVerify",
    "strictPluginsMatch",
}
_COMPUTED_CONFIG = "computedConfig"


class KongProvider:
    """Creates with an id of its own choice (PUT), updates with the complete entity, so that what the program no
    longer says is really taken away.

    Usage: ``KongProvider.configure({"kongAdminUri": "http://127.0.0.1:8001"})``.
    """

    def __init__(self, api: AdminApi | None) -> None:
        self._known_api = api

    @classmethod
    def configure(cls, settings: Properties) -> KongProvider:
        """The provider of ``kong:*`` settings; unknown ones (in a preview) are checked by the deployment."""
        unknown = sorted(set(settings) - _SETTINGS)
        if unknown:
            raise ProviderError(f"unknown setting kong:{unknown[0]}; known are {', '.join(sorted(_SETTINGS))}")
        if UNKNOWN in settings.values():
            return cls(None)
        uri = settings.get("kongAdminUri")
        if not uri:
            raise ProviderError(
                "kong:kongAdminUri is missing: where is Kong's Admin API? "
                "(pulumi config set kong:kongAdminUri http://127.0.0.1:8001)"
            )
        names = {"kongAdminToken": "kong-admin-token", "kongApiKey": "apikey"}
        headers = {header: str(settings[name]) for name, header in names.items() if settings.get(name)}
        user = settings.get("kongAdminUsername")
        return cls(
            AdminApi(
                str(uri),
                headers,
                auth=(str(user), str(settings.get("kongAdminPassword", ""))) if user else None,
                verify=str(settings.get("tlsSkipVerify", "false")).lower() != "true",
                workspace=str(settings.get("kongWorkspace", "")),
            )
        )

    def require_ready(self, types: Collection[str]) -> None:
        """Raises ProviderError when the Admin API does not answer; one that is not known yet cannot be asked."""
        if self._known_api is not None:
            self._api.call("GET", "/")

    def check(self, type_: str, name: str, inputs: Properties, old_inputs: Properties) -> Properties:
        entity = _entity(type_)
        unknown = sorted(set(inputs) - set(entity.fields))
        if unknown:
            raise ProviderError(f"unknown input {', '.join(unknown)}; known are {', '.join(sorted(entity.fields))}")
        result: Properties = {}
        for key, field in entity.fields.items():
            value = inputs.get(key, field.default)
            if value is None and field.computed:
                value = old_inputs.get(key)
            if value is None and field.required:
                raise ProviderError(f"{key} is required")
            if value is not None:
                result[key] = checked(key, field, value)
        if entity.auto_name and "name" not in result:
            old_name = str(old_inputs.get("name", ""))
            keep = re.fullmatch(rf"{re.escape(name)}-[0-9a-f]{{7}}", old_name)
            result["name"] = old_name if keep else f"{name}-{secrets.token_hex(4)[:7]}"
        return result

    def replacement(self, type_: str, changes: Iterable[Change]) -> Replacement:
        entity = _entity(type_)
        changed = {str(change.path[0]) for change in changes}
        forced = frozenset(key for key in changed if key in entity.fields and entity.fields[key].replaces)
        return Replacement(forced, entity.replace_deletes_first)

    def planned_outputs(self, type_: str, inputs: Properties, old_outputs: Properties) -> Properties:
        names = {*_entity(type_).fields, *_computed(type_)}
        if not old_outputs:
            return {**dict.fromkeys(names, UNKNOWN), **inputs}
        outputs = {**old_outputs, **{name: inputs.get(name) for name in _entity(type_).fields}}
        if inputs.get("configJson") != old_outputs.get("configJson"):
            outputs[_COMPUTED_CONFIG] = UNKNOWN
        return outputs

    def secret_outputs(self, type_: str, secret_inputs: Collection[str]) -> Collection[str]:
        own = {name for name, field in _entity(type_).fields.items() if field.secret}
        return own | ({_COMPUTED_CONFIG} if "configJson" in secret_inputs else set())

    def new_id(self, type_: str, inputs: Properties) -> str:
        return _join_id(_entity(type_), str(uuid.uuid4()), inputs)

    def create(self, type_: str, id_: str, inputs: Properties, owned_ids: OwnedIds) -> Live:
        entity = _entity(type_)
        try:
            return self._send(type_, id_, inputs, {}, create=True)
        except AdminApiError as error:
            if error.status != 409:
                raise
            return self._adopt(type_, entity, inputs, owned_ids, error)

    def update(self, type_: str, id_: str, inputs: Properties, old_outputs: Properties) -> Live:
        return self._send(type_, id_, inputs, old_outputs, create=False)

    def read(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        entity = _entity(type_)
        try:
            raw = self._api.call("GET", self._path(entity, id_))
        except AdminApiError as error:
            if error.status == 404 and "no Route matched" not in str(error):
                return None
            raise
        return self._live(type_, id_, inputs, raw)

    def delete(self, type_: str, id_: str) -> None:
        try:
            self._api.call("DELETE", self._path(_entity(type_), id_))
        except AdminApiError as error:
            if error.status != 404 or "no Route matched" in str(error):
                raise

    def close(self) -> None:
        if self._known_api is not None:
            self._known_api.close()

    @property
    def _api(self) -> AdminApi:
        if self._known_api is None:
            raise ProviderError("the settings of the kong provider are not known yet")
        return self._known_api

    def _send(self, type_: str, id_: str, inputs: Properties, old_outputs: Properties, *, create: bool) -> Live:
        entity = _entity(type_)
        kept = {
            name: old_outputs[name]
            for name, field in entity.fields.items()
            if field.computed and field.kind == "text" and name not in inputs and old_outputs.get(name)
        }
        body = to_wire(entity, {**kept, **inputs})
        if create and entity.by_post:
            raw = self._api.call("POST", self._collection(entity, inputs), {**body, "id": _own_id(entity, id_)})
        else:
            raw = self._api.call("PUT", self._path(entity, id_), body)
        return Live(id_, inputs, self._outputs(type_, inputs, raw))

    def _adopt(
        self, type_: str, entity: Entity, inputs: Properties, owned_ids: OwnedIds, refusal: AdminApiError
    ) -> Live:
        """Take over what an interrupted run of this stack left: same place, same name, exactly our tags."""
        existing = self._find_twin(entity, inputs)
        if existing is None:
            raise ProviderError(f"{refusal}; what holds it is not below {self._collection(entity, inputs)}")
        id_ = _join_id(entity, existing["id"], inputs)
        what = f"{self._api.shown_uri}{self._path(entity, id_)}"
        if id_ in owned_ids():
            raise ProviderError(f"{refusal}; {what} already belongs to another resource of this stack: rename one")
        tags = set(inputs.get("tags") or [])
        if not tags or set(existing.get("tags") or []) != tags:
            raise ProviderError(
                f"{refusal}; {what} has other tags ({', '.join(existing.get('tags') or []) or 'none'}), so it is not "
                "this stack's: delete it, or choose another name"
            )
        return self._send(type_, id_, inputs, {}, create=False)

    def _find_twin(self, entity: Entity, inputs: Properties) -> dict[str, Any] | None:
        fields = entity.fields
        same = [entity.unique, *(name for name, field in fields.items() if field.foreign and entity.path == "plugins")]

        def matches(candidate: dict[str, Any]) -> bool:
            return all(from_wire(fields[name], candidate.get(fields[name].wire)) == inputs.get(name) for name in same)

        return self._api.find(self._collection(entity, inputs), matches)

    def _live(self, type_: str, id_: str, inputs: Properties, raw: Properties) -> Live:
        """What Kong has: of every property the program set, and of others that are set to something unusual."""
        entity = _entity(type_)
        sent = to_wire(entity, inputs)
        found: Properties = {}
        for name, field in entity.fields.items():
            if field.local or name == entity.parent:
                if name in inputs:
                    found[name] = inputs[name]
                continue
            value = raw.get(field.wire)
            if field.kind in ("json", "health_checks") and name in inputs:
                value = _overlay(sent.get(field.wire) or {}, value or {})
            elif name not in inputs and (field.computed or value in (None, [], {}, "", 0, False)):
                continue
            found[name] = from_wire(field, value)
        known = {name: value for name, value in found.items() if value is not None}
        return Live(id_, known, self._outputs(type_, known, raw))

    def _outputs(self, type_: str, inputs: Properties, raw: Properties) -> Properties:
        entity = _entity(type_)
        outputs = {
            name: from_wire(field, raw.get(field.wire))
            for name, field in entity.fields.items()
            if not field.local and field.kind != "json"
        }
        if "configJson" in entity.fields:
            outputs[_COMPUTED_CONFIG] = dump_json(raw.get("config") or {})
            outputs["strictMatch"] = False
        return {**outputs, **inputs}

    def _collection(self, entity: Entity, inputs: Properties) -> str:
        return f"/{entity.parent_path}/{inputs[entity.parent]}/{entity.path}" if entity.parent else f"/{entity.path}"

    def _path(self, entity: Entity, id_: str) -> str:
        own = quote(_own_id(entity, id_), safe="")
        if not entity.parent:
            return f"/{entity.path}/{own}"
        parent = id_.split(entity.id_joint)[0 if entity.parent_first else 1]
        return f"/{entity.parent_path}/{quote(parent, safe='')}/{entity.path}/{own}"


def _entity(type_: str) -> Entity:
    try:
        return ENTITIES[type_]
    except KeyError:
        known = ", ".join(sorted(name.split(":")[-1] for name in ENTITIES))
        raise ProviderError(
            f"the embedded engine has no {type_}, only {known}; deploy this stack with the pulumi CLI"
        ) from None


def _computed(type_: str) -> set[str]:
    return {_COMPUTED_CONFIG} if type_ == "kong:index/plugin:Plugin" else set()


def _join_id(entity: Entity, own: str, inputs: Properties) -> str:
    if not entity.parent:
        return own
    parent = str(inputs[entity.parent])
    return entity.id_joint.join((parent, own) if entity.parent_first else (own, parent))


def _own_id(entity: Entity, id_: str) -> str:
    return id_.split(entity.id_joint)[1 if entity.parent_first else 0] if entity.parent else id_


def _overlay(sent: Properties, live: Properties) -> Properties:
    """Kong's values for exactly the keys that were sent: the defaults that it adds are no drift."""
    return {
        key: _overlay(value, live[key])
        if isinstance(value, dict) and isinstance(live.get(key), dict)
        else live.get(key)
        for key, value in sent.items()
    }
