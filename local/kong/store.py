"""The entities in memory: insert, upsert, update, delete, with Kong's uniqueness, references and errors."""

from __future__ import annotations

import re
import secrets
import string
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from local.kong.entities import KINDS, PLUGINS
from local.kong.plugin_schemas import PLUGINS as PLUGIN_SCHEMAS
from local.kong.schema import Field, Kind, fill_defaults, merge, violation_message, violations

Row = dict[str, Any]
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
CASCADE = {"plugins", "keyauth_credentials", "acls", "targets"}


class StoreError(Exception):
    """A refused change: the HTTP status and the JSON body of the answer."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(body.get("message"))
        self.status, self.body = status, body


def _shown(keys: Mapping[str, Any]) -> str:
    def text(value: Any) -> str:
        if isinstance(value, Mapping):
            return _shown(value)
        return "null" if value is None else f'"{value}"'

    return "{" + ",".join(f"{name}={text(keys[name])}" for name in sorted(keys)) + "}"


def fields_of(kind: Kind, row: Mapping[str, Any]) -> Mapping[str, Field]:
    """The fields of one entity: a plugin's `config` has the schema of the plugin that it names."""
    schema = PLUGIN_SCHEMAS.get(row.get("name") or "") if kind is PLUGINS else None
    if schema is None:
        return kind.fields
    fields = {**kind.fields, "config": replace(kind.fields["config"], fields=schema.config)}
    return fields if schema.on_consumer else {**fields, "consumer": replace(fields["consumer"], refers_to="")}


class Store:
    """All entities of one gateway.

    `check_plugin(row, errors)` adds what only the gateway knows (Lua syntax, shared dictionaries); `changed()` is
    called after every change. Errors: StoreError with Kong's status and body.
    """

    def __init__(self, check_plugin: Callable[[Row, dict[str, Any]], None], changed: Callable[[], None]) -> None:
        self.rows: dict[str, dict[str, Row]] = {name: {} for name in KINDS}
        self._check_plugin, self._changed = check_plugin, changed

    def find(self, kind: Kind, key: str) -> Row | None:
        """The entity with this id or, where the kind has one, this name; expired credentials are gone."""
        rows = self.rows[kind.name]
        if UUID.fullmatch(key):
            row = rows.get(key.lower())
        else:
            row = next((row for row in rows.values() if row[kind.label] == key), None) if kind.label else None
        if row is not None and row.get("_expires_at", time.time() + 1) <= time.time():
            self._remove(kind.name, row["id"])
            return None
        return row

    def list(self, kind: Kind, where: Mapping[str, str]) -> list[Row]:
        """The entities whose foreign keys (or custom_id) have these values, in order of id."""
        rows = [
            row
            for row in self.rows[kind.name].values()
            if all(_matches(row, name, value) for name, value in where.items())
        ]
        return sorted((row for row in rows if self.find(kind, row["id"])), key=lambda row: row["id"])

    def insert(self, kind: Kind, given: Mapping[str, Any]) -> Row:
        """POST: a new entity with every default filled in."""
        row = self._prepared(kind, given)
        if row["id"] in self.rows[kind.name]:
            self._fail(
                400,
                3,
                "primary key violation",
                {"id": row["id"]},
                f"primary key violation on key '{_shown({'id': row['id']})}'",
            )
        return self._keep(kind, row)

    def upsert(self, kind: Kind, key: str, given: Mapping[str, Any]) -> Row:
        """PUT: replaces or creates; the id or name of the URL wins over the body's."""
        old = self.find(kind, key)
        if not kind.label and not UUID.fullmatch(key):
            raise StoreError(404, {"message": "Not found"})
        named = {"id": key} if UUID.fullmatch(key) else {kind.label: key}
        row = self._prepared(kind, {**given, **named, **({"id": old["id"]} if old else {})})
        if old:
            row["created_at"] = old["created_at"]
        return self._keep(kind, row)

    def update(self, kind: Kind, row: Row, given: Mapping[str, Any]) -> Row:
        """PATCH: merges records, keeps an explicit null."""
        given = kind.complete(given)
        fields = fields_of(kind, {**row, **given})
        merged = merge(fields, {name: value for name, value in row.items() if not name.startswith("_")}, given)
        return self._keep(kind, self._checked(kind, fill_defaults(fields, merged)))

    def delete(self, kind: Kind, row: Row) -> None:
        """DELETE: with the plugins and credentials that refer to it; refused while a route refers to it."""
        referring = [
            (other.name, referrer["id"])
            for other in KINDS.values()
            for name, field in other.fields.items()
            if field.refers_to == kind.name
            for referrer in self.rows[other.name].values()
            if referrer.get(name) and referrer[name]["id"] == row["id"]
        ]
        for other_name, _ in referring:
            if other_name not in CASCADE:
                self._fail(
                    400,
                    4,
                    "foreign key violation",
                    {"@referenced_by": other_name},
                    f"an existing '{other_name}' entity references this '{kind.name}' entity",
                )
        for other_name, row_id in [*referring, (kind.name, row["id"])]:
            self._remove(other_name, row_id)

    def validate(self, kind: Kind, given: Mapping[str, Any]) -> None:
        """POST /schemas/.../validate: the checks of an insert without its effect."""
        self._prepared(kind, given)

    def mirror(self, rows: Mapping[str, Mapping[str, Row]]) -> None:
        """Takes over another store's rows by kind and id; what is equal keeps its identity."""
        for name, held in self.rows.items():
            for row_id in held.keys() - rows[name].keys():
                del held[row_id]
            held.update({row_id: row for row_id, row in rows[name].items() if held.get(row_id) != row})
        self._changed()

    def _remove(self, kind_name: str, row_id: str) -> None:
        self.rows[kind_name].pop(row_id, None)
        self._changed()

    def _prepared(self, kind: Kind, given: Mapping[str, Any]) -> Row:
        values = kind.complete(given)
        values["id"] = values.get("id") or str(uuid.uuid4())
        values.setdefault("created_at", _now(kind))
        if kind.name == "keyauth_credentials" and values.get("key") is None:
            values["key"] = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))
        return self._checked(kind, fill_defaults(fields_of(kind, values), values))

    def _checked(self, kind: Kind, row: Row) -> Row:
        row = kind.complete(row)
        fields = fields_of(kind, row)
        if "updated_at" in fields:
            row["updated_at"] = _now(kind)
        known_plugin = kind is not PLUGINS or row.get("name") in PLUGIN_SCHEMAS
        errors = violations(fields if known_plugin else {**fields, "config": Field("record")}, row)
        if not known_plugin and isinstance(row.get("name"), str):
            errors["name"] = f"plugin '{row['name']}' not enabled; add it to the 'plugins' configuration property"
        if kind.check:
            kind.check(row, errors)
        if kind is PLUGINS and known_plugin:
            self._check_config(row, errors)
        if errors:
            self._fail(400, 2, "schema violation", errors, violation_message(errors))
        self._resolve(kind, row)
        return {name: row[name] for name in fields}

    def _check_config(self, row: Row, errors: dict[str, Any]) -> None:
        schema = PLUGIN_SCHEMAS[row["name"]]
        if not schema.on_consumer and row.get("consumer"):
            errors["consumer"] = "value must be null"
        if isinstance(row.get("config"), dict):
            if schema.complete:
                schema.complete(row["config"])
            if schema.check:
                schema.check(row["config"], errors)
            self._check_plugin(row, errors)

    def _resolve(self, kind: Kind, row: Row) -> None:
        for name, field in kind.fields.items():
            if not field.refers_to or row.get(name) is None:
                continue
            target = KINDS[field.refers_to]
            wanted = row[name]
            by_id = "id" in wanted
            found = self.find(target, str(wanted.get("id") or wanted.get(target.label) or ""))
            if found is None and by_id:
                text = f"the foreign key '{_shown(wanted)}' does not reference an existing '{target.name}' entity."
                self._fail(400, 4, "foreign key violation", {name: wanted}, text)
            if found is None:
                text = (
                    f"the foreign key cannot be resolved with '{_shown(wanted)}' for an existing '{target.name}' entity"
                )
                label = next(iter(wanted), target.label)
                message = f"foreign key unresolved ({name}.{label}: {text})"
                self._fail(400, 13, "foreign keys unresolved", {name: {label: text}}, message)
            row[name] = {"id": found["id"]}

    def _keep(self, kind: Kind, row: Row) -> Row:
        for names in kind.unique:
            keys = {name: row[name] for name in names}
            if len(names) == 1 and keys[names[0]] is None:
                continue
            twin = next(
                (other for other in self.rows[kind.name].values() if all(other[n] == keys[n] for n in names)), None
            )
            if twin is not None and twin["id"] != row["id"] and self.find(kind, twin["id"]):
                self._fail(
                    409, 5, "unique constraint violation", keys, f"UNIQUE violation detected on '{_shown(keys)}'"
                )
        if row.get("ttl"):
            row["_expires_at"] = time.time() + row["ttl"]
        self.rows[kind.name][row["id"]] = row
        self._changed()
        return row

    @staticmethod
    def _fail(status: int, code: int, name: str, fields: Mapping[str, Any], message: str) -> NoReturn:
        raise StoreError(status, {"code": code, "name": name, "fields": fields, "message": message})


def _now(kind: Kind) -> float:
    return round(time.time(), 3) if kind.milliseconds else int(time.time())


def _matches(row: Row, name: str, value: str) -> bool:
    held = row.get(name)
    return (held["id"] if isinstance(held, dict) else held) == value


def shown(row: Row) -> Row:
    """The entity as the Admin API answers it."""
    visible = {name: value for name, value in row.items() if not name.startswith("_")}
    if "_expires_at" in row:
        visible["ttl"] = int(row["_expires_at"] - time.time())
    return visible
