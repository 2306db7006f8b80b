"""One run of a program: every registration becomes a step."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pulumi.runtime.proto import resource_pb2

from local.engine.deletion import delete_in_order, deletion_order
from local.engine.difference import (
    Change,
    change_lines,
    creation_lines,
    find_changes,
    keep_ignored,
    parse_path,
    path_covers,
    summarize,
)
from local.engine.errors import EngineError
from local.engine.goal import Goal
from local.engine.guard import Guard
from local.engine.policies.check import PolicyCheck
from local.engine.providers.base import Preflight, Provider, Replacement
from local.engine.providers.registry import ProviderRegistry
from local.engine.results import Operation, Step
from local.engine.state.resource import ResourceState
from local.engine.state.store import StateStore
from local.engine.steps import StepRunner, unknown_for
from local.engine.urns import STACK_TYPE
from local.engine.values import Properties, Secret, holds_secret, reveal


class Deployment:
    """Compares what the program registers with the state and carries out the difference.

    Usage: the monitor calls `register` from many threads, then the engine calls `delete_unregistered`.
    Raises EngineError; `guard` keeps the first failure and lets no new step start after it.
    """

    def __init__(
        self,
        store: StateStore,
        registry: ProviderRegistry,
        guard: Guard,
        *,
        project: str,
        stack: str,
        preview: bool,
        parallel: int,
        policies: PolicyCheck | None = None,
    ) -> None:
        self.guard, self.policies = guard, policies
        self.project, self.stack, self.preview = project, stack, preview
        self.goals: dict[str, Goal] = {}
        self.stack_outputs: Properties = {}
        self._store, self._registry = store, registry
        self._runner = StepRunner(store, self.provider_of, preview=preview)
        self._parallel = parallel
        self._slots = threading.BoundedSemaphore(parallel)
        self._lock = threading.RLock()
        self._renamed: dict[str, str] = {}  # URN now -> URN in the state
        self._alias_owner: dict[str, str] = {}  # the reverse
        self._deleted_first: dict[str, ResourceState] = {}
        self._settled: set[str] = set()
        self._steps: dict[str, Step] = {}
        self._deletions: list[Step] = []

    # Registration

    def register(self, request: resource_pb2.RegisterResourceRequest) -> ResourceState:
        """Deploy one resource; gives its state, in a preview with unknowns and without an id if it is new."""
        with self.guard.part(request.name):
            goal = self._admit(request)
        if self.policies:
            with self.guard.part(""):
                self.policies.resource(goal, self.goals)
        with self._slots, self.guard.part(f"{goal.type} {goal.name}"):
            state = self._deploy(goal)
        with self._lock:
            self._settled.add(goal.urn)
        return state

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Keep the outputs of a component or of the stack."""
        with self._lock:
            if self.goals[urn].type == STACK_TYPE:
                self.stack_outputs = outputs
            state = self._store.get(urn)
            if state is not None and state.outputs != outputs:
                self._store.put(replace(state, outputs=outputs))

    def _admit(self, request: resource_pb2.RegisterResourceRequest) -> Goal:
        with self._lock:
            parent = self.goals.get(request.parent)
            goal = Goal.from_request(
                request, stack=self.stack, project=self.project, parent=parent, renamed=self._renamed
            )
            if goal.urn in self.goals:
                raise EngineError(f"Duplicate resource URN '{goal.urn}'; try giving it a unique name")
            owner = self._alias_owner.get(goal.urn)
            if owner:
                raise EngineError(f"Duplicate resource URN '{goal.urn}' conflicting with alias on resource '{owner}'")
            self.goals[goal.urn] = goal
            self._steps[goal.urn] = Step("same", goal.urn, goal.type, goal.name)
            if self._store.get(goal.urn) is None:
                self._take_alias(goal)
            return goal

    def _take_alias(self, goal: Goal) -> None:
        for alias in goal.alias_urns:
            if alias in self._alias_owner:
                raise EngineError(f"Duplicate resource alias '{alias}' applied to resource '{goal.urn}'")
            if alias not in self.goals and self._store.get(alias) is not None:
                self._store.rename(alias, goal.urn)
                self._renamed[goal.urn] = alias
                self._alias_owner[alias] = goal.urn
                return

    # One resource

    def _deploy(self, goal: Goal) -> ResourceState:
        old = self._store.get(goal.urn)
        if goal.custom and not goal.is_provider:
            return self._deploy_custom(goal, old)
        state = self._state_of(goal, goal.inputs)
        if goal.is_provider:
            state.id = old.id if old else "" if self.preview else str(uuid.uuid4())
            self._registry.configure(goal.package, goal.urn, goal.inputs)
        changes = find_changes(old.inputs, goal.inputs) if old else []
        operation: Operation = "create" if old is None else "update" if changes else "same"
        with self._step(goal, operation, goal.inputs, changes):
            state.outputs = old.outputs if old and not goal.is_provider else goal.inputs
            if old is None or old.to_record() != state.to_record():
                self._store.put(state)
        return replace(state, outputs=goal.inputs)

    def _deploy_custom(self, goal: Goal, old: ResourceState | None) -> ResourceState:
        former = old or self._deleted_first.get(goal.urn)
        provider = self._provider(goal.package, goal.provider)
        inputs = self._checked(goal, provider, former)
        state = self._state_of(goal, inputs)
        changes = find_changes(former.inputs, inputs) if former else []
        if old is None:
            with self._step(goal, "replace" if former else "create", inputs, changes):
                return self._runner.create(state, provider)
        state.id = old.id
        replacement = _replacement(provider, goal.type, changes, goal.replace_on_changes)
        if replacement.properties:
            with self._step(goal, "replace", inputs, changes):
                return self._replace(goal, old, state, provider, replacement)
        if changes or old.dirty:
            with self._step(goal, "update", inputs, changes):
                return self._runner.update(old, state, provider)
        return self._runner.keep(old, state, provider)

    def _checked(self, goal: Goal, provider: Provider, former: ResourceState | None) -> Properties:
        old_inputs = former.inputs if former else {}
        secret = {name for name, value in goal.inputs.items() if holds_secret(value)}
        checked = provider.check(goal.type, goal.name, reveal(goal.inputs), reveal(old_inputs))
        inputs = {name: Secret(value) if name in secret else value for name, value in checked.items()}
        return keep_ignored(inputs, old_inputs, goal.ignore_changes) if former else inputs

    def _replace(
        self, goal: Goal, old: ResourceState, state: ResourceState, provider: Provider, replacement: Replacement
    ) -> ResourceState:
        _refuse_protected([old], "replaced")
        delete_first = replacement.delete_first
        if goal.delete_before_replace is not None:
            delete_first = goal.delete_before_replace
        if not delete_first:
            return self._runner.create(replace(state, id=""), provider, replaced_id=old.id)
        with self._lock:
            doomed = deletion_order([*self._dependents_to_replace(old), old])
            _refuse_protected(doomed, "replaced")
            self._deleted_first |= {item.urn: item for item in doomed}
        for item in doomed:
            self._runner.delete(item)
        return self._runner.create(replace(state, id=""), provider)

    def _dependents_to_replace(self, root: ResourceState) -> list[ResourceState]:
        """Resources that a change of `root`'s properties would replace, directly or through others."""
        candidates = [
            item for (urn, _), item in self._store.resources.items() if urn not in self._settled and item.custom
        ]
        replaced, found = {root.urn}, {}
        grown = True
        while grown:
            grown = False
            for item in candidates:
                names = {name for name, urns in item.property_dependencies.items() if replaced & set(urns)}
                if item.urn in replaced or item.condemned or item.is_provider or not names & set(item.inputs):
                    continue
                changes = find_changes(item.inputs, unknown_for(item.inputs, names))
                provider = self.provider_of(item)
                if _replacement(provider, item.type, changes, item.replace_on_changes).properties:
                    replaced.add(item.urn)
                    found[item.urn] = item
                    grown = True
        return list(found.values())

    def _state_of(self, goal: Goal, inputs: Properties) -> ResourceState:
        return ResourceState(
            urn=goal.urn,
            type=goal.type,
            custom=goal.custom,
            parent=goal.parent,
            provider=goal.provider,
            inputs=inputs,
            dependencies=goal.dependencies,
            property_dependencies={name: urns for name, urns in goal.property_dependencies.items() if urns},
            protect=goal.protect,
            retain_on_delete=goal.retain_on_delete,
            replace_on_changes=goal.replace_on_changes,
            additional_secret_outputs=goal.additional_secret_outputs,
        )

    # Deletion

    def delete_unregistered(self) -> None:
        """Delete what the program no longer has, and what was replaced, dependents first."""
        doomed = [item for item in self._store.resources.values() if item.condemned or item.urn not in self.goals]
        _refuse_protected((item for item in doomed if not item.condemned), "deleted")
        if self.preview:
            for item in deletion_order(doomed):
                self._delete(item)
        else:
            delete_in_order(doomed, self._delete, parallel=self._parallel)

    def _delete(self, state: ResourceState) -> None:
        step = Step("delete", state.urn, state.type, state.name, creation_lines(state.inputs))
        with self.guard.part(f"{state.type} {state.name}"):
            if state.condemned:  # the end of a replacement, which is a step already
                self._runner.delete(state)
                return
            with self._lock:
                self._deletions.append(step)
            with self.guard.step(step):
                self._runner.delete(state)

    # Providers

    def require_ready(self) -> None:
        """After a preview: ask every provider with changes whether it can carry them out. Raises EngineError."""
        types: dict[Provider, set[str]] = {}
        for provider, type_ in self._runner.planned:
            types.setdefault(provider, set()).add(type_)
        for provider, changed in types.items():
            if isinstance(provider, Preflight):
                try:
                    provider.require_ready(changed)
                except EngineError as error:
                    raise EngineError(f"nothing was changed: {error}") from error

    def provider_of(self, state: ResourceState) -> Provider:
        """The provider of a resource in the state."""
        return self._provider(state.package, state.provider)

    def _provider(self, package: str, reference: str) -> Provider:
        urn = reference.rpartition("::")[0]
        goal, stored = self.goals.get(urn), self._store.get(urn)
        inputs = goal.inputs if goal else stored.inputs if stored else {}
        return self._registry.get(package, urn, inputs)

    @property
    def steps(self) -> list[Step]:
        """What was done: registered resources in the program's order, then deletions."""
        return [*self._steps.values(), *self._deletions]

    @contextlib.contextmanager
    def _step(self, goal: Goal, operation: Operation, inputs: Properties, changes: list[Change]) -> Iterator[None]:
        lines = creation_lines(inputs) if operation == "create" else change_lines(changes)
        step = Step(operation, goal.urn, goal.type, goal.name, lines, summarize(changes))
        with self._lock:
            self._steps[goal.urn] = step
        with self.guard.step(step) if operation != "same" else contextlib.nullcontext():
            yield


def _replacement(provider: Provider, type_: str, changes: list[Change], replace_on_changes: list[str]) -> Replacement:
    """The provider's answer with replaceOnChanges added."""
    replacement = provider.replacement(type_, changes)
    patterns = [parse_path(text) for text in replace_on_changes]
    forced = {str(change.path[0]) for change in changes if any(path_covers(item, change.path) for item in patterns)}
    return replace(replacement, properties=replacement.properties | forced)


def _refuse_protected(resources: Iterable[ResourceState], what: str) -> None:
    protected = [item.urn for item in resources if item.protect]
    if protected:
        names = "\n".join(f"  {urn}" for urn in protected)
        raise EngineError(
            f"these resources are protected and would be {what}; nothing of this was done:\n{names}\n"
            "remove the `protect` option in the program, run up, and try again"
        )
