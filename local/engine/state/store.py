"""The state of a stack: one JSON file, and a journal while an operation runs."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from local.engine.errors import EngineError
from local.engine.state.at_rest import SecretsAtRest
from local.engine.state.journal import Journal, Record, read, sync_folder
from local.engine.state.resource import ResourceState

_VERSION = 1
Operation = Literal["create", "update", "delete"]


class StateStore:
    """Resources and operations under way of one stack, safe against a crash at any moment.

    Usage::

        store = StateStore.load(path, passphrase=None, salt_line=None)
        step = store.begin("create", resource)     # before the provider is called, with the id it will use
        store.put(resource, step)                  # after it answered
        store.fold()                               # at the end: journal into the state file

    `resources` maps `ResourceState.key` to resources, `pending` holds the operations a former run did not end.
    Secrets are written encrypted. Raises EngineError for damaged files and for a disk that is full.
    """

    def __init__(self, path: Path, at_rest: SecretsAtRest, serial: int) -> None:
        self.path = path
        self.resources: dict[tuple[str, str], ResourceState] = {}
        self.pending: dict[int, tuple[Operation, ResourceState]] = {}
        self._at_rest, self._serial = at_rest, serial
        self._lock = threading.RLock()
        self._next_step = 1
        self._changed = False
        self._in_memory = False
        self._journal = Journal(self._journal_path, self._header())

    @classmethod
    def load(cls, path: Path, *, passphrase: str | None, salt_line: str | None, key_file: Path) -> StateStore:
        """Read the state file and its journal; neither need exist."""
        document = _read_document(path)
        records = list(read(path.with_suffix(".journal")))
        serial = document["serial"]
        header = records[0] if records and records[0].get("serial") == serial else None
        described = document["secrets"] or (header or {}).get("secrets")
        if described:
            at_rest = SecretsAtRest(described, passphrase, key_file, str(path))
        else:
            at_rest = SecretsAtRest.choose(salt_line, passphrase, key_file, str(path))
        store = cls(path, at_rest, serial)
        try:
            for record in document["resources"]:
                store._put(ResourceState.from_record(at_rest.unseal(record)))
            for record in document["pending"]:
                store._apply({"record": "begin", **record})
            # A journal of an older serial is already in the state file: the crash came between the two.
            for record in records[1:] if header else []:
                store._apply(record)
                store._changed = True
        except (KeyError, TypeError, AttributeError) as error:
            raise EngineError(_damaged(path, f"an entry has an unexpected form ({error})")) from error
        return store

    def keep_in_memory(self) -> None:
        """From now on change only this copy (preview)."""
        self._in_memory = True

    def get(self, urn: str) -> ResourceState | None:
        """The living resource of a URN."""
        with self._lock:
            return self.resources.get((urn, ""))

    def begin(self, operation: Operation, resource: ResourceState) -> int:
        """Note durably that an operation is about to start; gives its number."""
        with self._lock:
            step, self._next_step = self._next_step, self._next_step + 1
        self._write(
            lambda: {"record": "begin", "operation": operation, "step": step, "resource": self._sealed(resource)},
            durable=True,
        )
        with self._lock:
            self.pending[step] = (operation, replace(resource))
        return step

    def put(self, resource: ResourceState, step: int | None = None, *, condemn: str = "") -> None:
        """Store a resource; `condemn` is the id of the one it replaces, which then waits for deletion."""
        self._commit(
            lambda: {"record": "put", "resource": self._sealed(resource), "step": step, "condemn": condemn},
            lambda: self._put(resource, step, condemn),
        )

    def drop(self, resource: ResourceState, step: int | None = None) -> None:
        """Forget a resource that is deleted."""
        self._commit(
            lambda: {"record": "drop", "key": list(resource.key), "step": step},
            lambda: self._drop(resource.key, step),
        )

    def rename(self, old_urn: str, new_urn: str) -> None:
        """Move a resource, and what refers to it, to a new URN."""
        self._commit(
            lambda: {"record": "rename", "old": old_urn, "new": new_urn}, lambda: self._rename(old_urn, new_urn)
        )

    def forget_pending(self, step: int) -> None:
        """Settle an operation of a former run that left nothing behind."""
        self._commit(lambda: {"record": "settled", "step": step}, lambda: self.pending.pop(step, None))

    def fold(self) -> None:
        """Write the state file anew, atomically, and remove the journal; nothing when nothing changed."""
        with self._lock:
            if not self._changed:
                return
            self._journal.close()
            document = {
                "version": _VERSION,
                "serial": self._serial + 1,
                "secrets": self._at_rest.description if self.resources or self.pending else {},
                "resources": [self._sealed(resource) for resource in self.resources.values()],
                "pending": [
                    {"operation": operation, "step": step, "resource": self._sealed(resource)}
                    for step, (operation, resource) in self.pending.items()
                ],
            }
            try:
                _write_atomically(self.path, json.dumps(document, indent=1).encode() + b"\n")
                self._journal_path.unlink(missing_ok=True)
                sync_folder(self.path.parent)
            except OSError as error:
                raise EngineError(
                    f"cannot write {self.path}: {error.strerror}. Nothing is lost, the steps are in "
                    f"{self._journal_path}: make room (or correct the permissions) and run the same command again"
                ) from error
            self._serial += 1
            self._changed = False
            self._journal = Journal(self._journal_path, self._header())

    @property
    def _journal_path(self) -> Path:
        return self.path.with_suffix(".journal")

    def _header(self) -> Record:
        return {"record": "header", "serial": self._serial, "secrets": self._at_rest.description}

    def _sealed(self, resource: ResourceState) -> dict[str, Any]:
        return self._at_rest.seal(resource.to_record())

    def _write(self, record: Callable[[], Record], *, durable: bool = False) -> None:
        if not self._in_memory:
            self._journal.append(record(), durable=durable)
            self._changed = True

    def _commit(self, record: Callable[[], Record], change: Callable[[], object]) -> None:
        # Not durable by itself: the next operation's note is, and it comes after this line in the same file.
        with self._lock:
            self._write(record)
            change()

    def _apply(self, record: Record) -> None:
        kind = record["record"]
        if kind == "begin":
            resource = ResourceState.from_record(self._at_rest.unseal(record["resource"]))
            self.pending[record["step"]] = (record["operation"], resource)
            self._next_step = max(self._next_step, record["step"] + 1)
        elif kind == "put":
            resource = ResourceState.from_record(self._at_rest.unseal(record["resource"]))
            self._put(resource, record["step"], record["condemn"])
        elif kind == "drop":
            urn, id_ = record["key"]
            self._drop((urn, id_), record["step"])
        elif kind == "rename":
            self._rename(record["old"], record["new"])
        else:
            self.pending.pop(record["step"], None)

    def _put(self, resource: ResourceState, step: int | None = None, condemn: str = "") -> None:
        if condemn:
            old = self.resources.pop((resource.urn, ""))
            self._put(replace(old, condemned=True))
        self.resources[resource.key] = resource
        self.pending.pop(step or 0, None)

    def _drop(self, key: tuple[str, str], step: int | None) -> None:
        self.resources.pop(key, None)
        self.pending.pop(step or 0, None)

    def _rename(self, old_urn: str, new_urn: str) -> None:
        everything: Iterable[ResourceState] = list(self.resources.values())
        for resource in [*everything, *(resource for _, resource in self.pending.values())]:
            resource.rename(old_urn, new_urn)
        self.resources = {resource.key: resource for resource in everything}


def _read_document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {"serial": 0, "secrets": {}, "resources": [], "pending": []}
    except ValueError as error:
        raise EngineError(_damaged(path, f"it is not valid JSON ({error})")) from error
    except OSError as error:
        raise EngineError(f"cannot read {path}: {error.strerror}") from error
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        raise EngineError(_damaged(path, f"it is not a version {_VERSION} state"))
    missing = [key for key in ("serial", "secrets", "resources", "pending") if key not in document]
    if missing:
        raise EngineError(_damaged(path, f"it lacks {', '.join(missing)}"))
    return document


def _damaged(path: Path, why: str) -> str:
    backup = path.with_suffix(".json.bak")
    advice = f"restore it, or take the version before the last operation: cp {backup} {path}, then refresh and up"
    return f"the state file {path} is damaged: {why}. Nothing was changed. To go on, {advice}"


def _write_atomically(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".json.new")
    try:
        with open(draft, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    if path.exists():
        backup = path.with_suffix(".json.bak")
        backup.unlink(missing_ok=True)
        os.link(path, backup)
    os.replace(draft, path)
    sync_folder(path.parent)
