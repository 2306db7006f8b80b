"""Refresh: takes what really exists into the state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from local.engine.difference import change_lines, find_changes, summarize
from local.engine.guard import Guard
from local.engine.results import Step
from local.engine.state.resource import ResourceState
from local.engine.state.store import StateStore
from local.engine.steps import FindProvider, StepRunner
from local.engine.values import Secret, holds_secret, reveal


class Refresh:
    """Reads every deployed resource once. Usage: ``steps = Refresh(store, runner, find_provider, guard).run(8)``."""

    def __init__(self, store: StateStore, runner: StepRunner, find_provider: FindProvider, guard: Guard) -> None:
        self._store, self._runner, self._find_provider, self._guard = store, runner, find_provider, guard

    def run(self, parallel: int) -> list[Step]:
        """The steps in the order of the state; raises EngineError when one cannot be read."""
        pool = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="pulumi-refresh")
        try:
            return list(pool.map(self._refresh, list(self._store.resources.values())))
        finally:
            pool.shutdown(cancel_futures=True)

    def _refresh(self, state: ResourceState) -> Step:
        if not state.custom or state.is_provider:
            return Step("same", state.urn, state.type, state.name)
        with self._guard.part(f"{state.type} {state.name}"):
            provider = self._find_provider(state)
            live = provider.read(state.type, state.id, reveal(state.inputs), reveal(state.outputs))
            if live is None:
                step = Step("delete", state.urn, state.type, state.name)
                with self._guard.step(step):
                    self._store.drop(state)
                return step
            secret = {name for name, value in state.inputs.items() if holds_secret(value)}
            inputs = {name: Secret(value) if name in secret else value for name, value in live.inputs.items()}
            fresh = self._runner.with_outputs(replace(state, inputs=inputs), provider, live.outputs)
            changes = find_changes(state.inputs, inputs)
            if not changes:
                self._runner.save(state, fresh)
                return Step("same", state.urn, state.type, state.name)
            step = Step("update", state.urn, state.type, state.name, change_lines(changes), summarize(changes))
            with self._guard.step(step):
                self._runner.save(state, fresh)
            return step
