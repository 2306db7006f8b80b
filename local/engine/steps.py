"""Carries out single steps: provider call and state, in an order that a crash cannot break."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from local.engine.errors import EngineError
from local.engine.providers.base import Provider
from local.engine.state.resource import ResourceState
from local.engine.state.store import StateStore
from local.engine.values import UNKNOWN, Properties, Secret, holds_secret, reveal

FindProvider = Callable[[ResourceState], Provider]


class StepRunner:
    """Creates, updates and deletes one resource; a preview only pretends.

    Usage: ``runner.create(state, provider)``; gives the state with id and outputs. What a preview would change,
    and by which provider, is in `planned`.
    Each operation is noted in the store before the provider is called, and its outcome after.
    Raises what the provider raises; the note then stays for the next run to look into.
    """

    def __init__(self, store: StateStore, find_provider: FindProvider, *, preview: bool) -> None:
        self._store, self._find_provider, self._preview = store, find_provider, preview
        self.planned: set[tuple[Provider, str]] = set()

    def create(self, state: ResourceState, provider: Provider, *, replaced_id: str = "") -> ResourceState:
        """Create a resource; `replaced_id` is the id of the one that it replaces and that still exists."""
        inputs = reveal(state.inputs)
        if self._preview:
            self.planned.add((provider, state.type))
            state = self.with_outputs(state, provider, provider.planned_outputs(state.type, inputs, {}))
            self._store.put(state, condemn=replaced_id)
            return state
        state = replace(state, id=provider.new_id(state.type, inputs))
        step = self._store.begin("create", state)
        live = provider.create(state.type, state.id, inputs, lambda: self._owned_ids(state.type))
        state = replace(self.with_outputs(state, provider, live.outputs), id=live.id)
        self._store.put(state, step, condemn=replaced_id)
        return state

    def update(self, old: ResourceState, state: ResourceState, provider: Provider) -> ResourceState:
        """Bring a resource to new inputs."""
        inputs, old_outputs = reveal(state.inputs), reveal(old.outputs)
        if self._preview:
            self.planned.add((provider, state.type))
            state = self.with_outputs(state, provider, provider.planned_outputs(state.type, inputs, old_outputs))
            self._store.put(state)
            return state
        step = self._store.begin("update", old)
        try:
            live = provider.update(state.type, state.id, inputs, old_outputs)
        except EngineError:
            # What the provider got done is unknown: send everything again next time.
            self._store.put(replace(old, dirty=True), step)
            raise
        state = self.with_outputs(state, provider, live.outputs)
        self._store.put(state, step)
        return state

    def keep(self, old: ResourceState, state: ResourceState, provider: Provider) -> ResourceState:
        """Leave a resource as it is; options and edges may still have changed."""
        state = self.with_outputs(state, provider, reveal(old.outputs))
        self.save(old, state)
        return state

    def save(self, old: ResourceState, state: ResourceState) -> None:
        """Store a resource if its state changed."""
        if state.to_record() != old.to_record():
            self._store.put(state)

    def delete(self, state: ResourceState) -> None:
        """Delete a resource, or only forget it (component, provider, retainOnDelete)."""
        if not state.custom or state.is_provider or state.retain_on_delete:
            self._store.drop(state)
            return
        provider = self._find_provider(state)
        if self._preview:
            self.planned.add((provider, state.type))
            self._store.drop(state)
            return
        step = self._store.begin("delete", state)
        provider.delete(state.type, state.id)
        self._store.drop(state, step)

    def with_outputs(self, state: ResourceState, provider: Provider, outputs: Properties) -> ResourceState:
        """The state with these outputs, wrapped as secrets where type, inputs or options say so."""
        secret_inputs = {name for name, value in state.inputs.items() if holds_secret(value)}
        secret = {
            *secret_inputs,
            *state.additional_secret_outputs,
            *provider.secret_outputs(state.type, secret_inputs),
        }
        wrapped = {
            name: Secret(value) if name in secret and value is not None else value for name, value in outputs.items()
        }
        return replace(state, outputs=wrapped)

    def _owned_ids(self, type_: str) -> Collection[str]:
        return {item.id for item in list(self._store.resources.values()) if item.type == type_ and item.id}


def recover(store: StateStore, runner: StepRunner, find_provider: FindProvider) -> None:
    """Settle what a killed or failed run left open, by looking at what is really there.

    A creation that did happen is taken into the state, one that did not is forgotten; whatever was cut off
    is marked to be sent again.
    """
    for step, (operation, state) in list(store.pending.items()):
        provider = find_provider(state)
        live = provider.read(state.type, state.id, reveal(state.inputs), reveal(state.outputs))
        if live is None:
            if operation == "create":
                store.forget_pending(step)
            else:
                store.drop(state, step)
            continue
        state = replace(runner.with_outputs(state, provider, live.outputs), dirty=True)
        living = store.get(state.urn)
        replaced = operation == "create" and living is not None and living.id != state.id
        store.put(state, step, condemn=living.id if replaced and living else "")


def unknown_for(value: Properties, names: Collection[str]) -> Properties:
    """The properties with some of them unknown."""
    return {name: UNKNOWN if name in names else item for name, item in value.items()}
