"""The embedded engine: a project, a stack, and the operations on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from local.engine.deployment import Deployment
from local.engine.errors import EngineError, Interrupted
from local.engine.guard import Guard
from local.engine.passphrase import passphrase_from_environment
from local.engine.policies.check import PolicyCheck
from local.engine.policies.pack import PolicyPack
from local.engine.program import Program, run_program
from local.engine.project import Project
from local.engine.providers.registry import FACTORIES, Factory, ProviderRegistry
from local.engine.refresh import Refresh
from local.engine.results import Event, Result
from local.engine.state.lock import StackLock
from local.engine.state.store import StateStore
from local.engine.steps import StepRunner, recover
from local.engine.urns import STACK_TYPE
from local.engine.values import Properties, mask, reveal

_PARALLEL_STEPS = 8


class EmbeddedEngine:
    """Deploys a Pulumi Python project without the pulumi CLI; for trying out and for tests.

    Usage::

        engine = EmbeddedEngine(project_dir=Path("."), stack="dev")
        print(engine.preview().changes)
        print(engine.up().outputs)
        engine.destroy()

    `config` goes over Pulumi.yaml and Pulumi.<stack>.yaml: texts, values that become JSON, or `Secret`. `passphrase`
    defaults to the environment's. `program` is a callable to run instead of ``__main__.py``. `on_event` is called
    from one thread at a time. `policy_pack` is the folder of a CrossGuard pack and `policy_pack_config` a JSON file:
    what preview and up hold every resource against. Every operation raises EngineError.
    """

    def __init__(
        self,
        project_dir: Path,
        stack: str,
        state_dir: Path = Path(".state"),
        config: Mapping[str, Any] | None = None,
        passphrase: str | None = None,
        program: Program | None = None,
        on_event: Callable[[Event], None] | None = None,
        providers: Mapping[str, Factory] = FACTORIES,
        policy_pack: Path | None = None,
        policy_pack_config: Path | None = None,
    ) -> None:
        self._project_dir, self._stack, self._state_dir = Path(project_dir), stack, Path(state_dir)
        self._overrides = dict(config or {})
        self._passphrase = passphrase
        self._program, self._factories = program, providers
        self._on_event = on_event
        self._policy_pack, self._policy_pack_config = policy_pack, policy_pack_config

    def preview(self) -> Result:
        """What `up` would do; calls no provider and writes nothing."""
        project = self._load_project()
        with self._policies() as pack, self._previewing(project, Guard(self._notify), pack) as deployment:
            return self._run(project, deployment)

    def up(self) -> Result:
        """Preview, and if that goes well deploy."""
        project = self._load_project()
        guard = Guard(self._notify)
        with self._policies() as pack, self._changing(project) as (store, registry), _telling_what_was_done(guard):
            # What cannot succeed (bad input, protected resource, provider not ready) must not get half-way.
            with self._previewing(project, Guard(_ignore), pack) as preview:
                self._run(project, preview)
                preview.require_ready()
            return self._run(project, self._deployment(project, store, registry, guard, pack))

    def destroy(self) -> Result:
        """Delete every resource of the stack, dependents first; runs no program."""
        project = self._load_project()
        guard = Guard(self._notify)
        with self._changing(project) as (store, registry), _telling_what_was_done(guard):
            with self._previewing(project, Guard(_ignore)) as preview:
                _delete_rest(preview)
                preview.require_ready()
            deployment = self._deployment(project, store, registry, guard)
            _delete_rest(deployment)
            return Result(deployment.steps, {})

    def refresh(self) -> Result:
        """Take what really exists into the state: drift becomes state, what is gone is dropped."""
        project = self._load_project()
        guard = Guard(self._notify)
        with self._changing(project) as (store, registry):
            find_provider = self._deployment(project, store, registry, guard).provider_of
            runner = StepRunner(store, find_provider, preview=False)
            return Result(Refresh(store, runner, find_provider, guard).run(_PARALLEL_STEPS), _stack_outputs(store))

    def outputs(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """The stack outputs of the last deployment."""
        return mask(_stack_outputs(self._load_state(self._load_project())), show_secrets)

    def resources(self) -> list[dict[str, Any]]:
        """What the stack has deployed: urn, type, parent, inputs and outputs of each resource, secrets in clear."""
        store = self._load_state(self._load_project())
        return [
            {name: reveal(getattr(item, name)) for name in ("urn", "type", "parent", "inputs", "outputs")}
            for item in store.resources.values()
            if not item.condemned
        ]

    def _load_project(self) -> Project:
        passphrase = self._passphrase if self._passphrase is not None else passphrase_from_environment()
        self._passphrase = passphrase
        return Project.load(self._project_dir, self._stack, passphrase=passphrase, overrides=self._overrides)

    def _load_state(self, project: Project) -> StateStore:
        return StateStore.load(
            self._state_dir / project.name / f"{self._stack}.json",
            passphrase=self._passphrase,
            salt_line=project.salt_line,
            key_file=self._state_dir / "key",
        )

    @contextlib.contextmanager
    def _changing(self, project: Project) -> Iterator[tuple[StateStore, ProviderRegistry]]:
        """The locked state, with what a killed run left settled; saved at the end, whatever happens."""
        with (
            StackLock(self._state_dir / project.name / f"{self._stack}.lock"),
            ProviderRegistry(project.config, self._factories) as registry,
        ):
            store = self._load_state(project)
            try:
                find_provider = self._deployment(project, store, registry, Guard(_ignore)).provider_of
                recover(store, StepRunner(store, find_provider, preview=False), find_provider)
                yield store, registry
            except BaseException:
                with contextlib.suppress(EngineError):  # the journal has every step
                    store.fold()
                raise
            store.fold()

    @contextlib.contextmanager
    def _previewing(self, project: Project, guard: Guard, pack: PolicyPack | None = None) -> Iterator[Deployment]:
        """A deployment that changes nothing, neither the state."""
        store = self._load_state(project)
        store.keep_in_memory()
        with ProviderRegistry(project.config, self._factories) as registry:
            yield self._deployment(project, store, registry, guard, pack, preview=True)

    def _run(self, project: Project, deployment: Deployment) -> Result:
        run_program(self._program, self._project_dir, deployment, project.config, project.secret_keys, _PARALLEL_STEPS)
        _delete_rest(deployment)
        policies = deployment.policies.stack(deployment.goals) if deployment.policies else ""
        return Result(deployment.steps, deployment.stack_outputs, list(deployment.goals.values()), policies)

    def _policies(self) -> contextlib.AbstractContextManager[PolicyPack | None]:
        if self._policy_pack is None:
            return contextlib.nullcontext()
        return PolicyPack(self._policy_pack, self._policy_pack_config)

    def _deployment(
        self,
        project: Project,
        store: StateStore,
        registry: ProviderRegistry,
        guard: Guard,
        pack: PolicyPack | None = None,
        *,
        preview: bool = False,
    ) -> Deployment:
        return Deployment(
            store,
            registry,
            guard,
            project=project.name,
            stack=self._stack,
            preview=preview,
            parallel=_PARALLEL_STEPS,
            policies=PolicyCheck(pack, project.config, store, preview=preview) if pack else None,
        )

    def _notify(self, event: Event) -> None:
        if self._on_event is not None:
            self._on_event(event)


@contextlib.contextmanager
def _telling_what_was_done(guard: Guard) -> Iterator[None]:
    try:
        yield
    except Interrupted:
        raise
    except EngineError as error:
        if not guard.done:
            raise
        steps = "1 step was" if guard.done == 1 else f"{guard.done} steps were"
        raise EngineError(f"{error}\n{steps} done and saved; correct the cause, and run it again to go on") from error


def _delete_rest(deployment: Deployment) -> None:
    try:
        deployment.delete_unregistered()
    except KeyboardInterrupt:
        deployment.guard.cancel()
        deployment.guard.raise_failure()


def _stack_outputs(store: StateStore) -> Properties:
    return next((item.outputs for item in store.resources.values() if item.type == STACK_TYPE), {})


def _ignore(_: Event) -> None:
    """Listen to no progress."""
