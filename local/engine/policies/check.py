"""Holds one deployment against a policy pack."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from pulumi.runtime.proto import analyzer_pb2

from local.engine.errors import EngineError
from local.engine.goal import Goal
from local.engine.policies.pack import PolicyPack
from local.engine.policies.violation import Violation, policies_text
from local.engine.state.resource import ResourceState
from local.engine.state.store import StateStore
from local.engine.urns import PROVIDER_PREFIX, STACK_TYPE, make_urn
from local.engine.values import Properties, reveal, to_struct


class PolicyCheck:
    """The violations of one deployment; a preview collects them, a deployment stops at the first mandatory one.

    Usage: `resource` before each resource is deployed, then `stack`, which gives the section Policies for people.
    Raises EngineError for mandatory violations.
    """

    def __init__(self, pack: PolicyPack, config: Mapping[str, str], store: StateStore, *, preview: bool) -> None:
        self._pack, self._config, self._store, self._preview = pack, config, store, preview
        self._lock = threading.Lock()
        self._providers: set[str] = set()
        self._violations: list[Violation] = []

    def resource(self, goal: Goal, goals: Mapping[str, Goal]) -> None:
        """Check the inputs of one resource, and its default provider with the first resource that has it."""
        provider = goals.get(goal.provider.rpartition("::")[0])
        server = _provider(provider.type, provider.name, provider.urn, provider.inputs) if provider else None
        if goal.custom and not goal.is_provider and server is None:
            server = self._default_provider(goal)
        request = analyzer_pb2.AnalyzeRequest(
            type=goal.type,
            urn=goal.urn,
            name=goal.name,
            properties=to_struct(reveal(goal.inputs)),
            options=_options(goal),
            provider=server,
        )
        self._note(self._pack.analyze(request))

    def stack(self, goals: Mapping[str, Goal]) -> str:
        """Check all resources together, by their outputs. After a preview all mandatory violations are raised."""
        resources = [_stack_resource(goal, self._store.get(urn)) for urn, goal in sorted(goals.items())]
        root = next((urn for urn, goal in goals.items() if goal.type == STACK_TYPE), "")
        if root:
            self._note(self._pack.analyze_stack(analyzer_pb2.AnalyzeStackRequest(resources=resources), root))
        text = policies_text(self._pack.label, self._violations)
        if any(violation.level == "mandatory" for violation in self._violations):
            raise EngineError(f"the policies do not allow it, nothing was changed\n{text}")
        return text

    def _note(self, violations: Iterable[Violation]) -> None:
        found = list(violations)
        with self._lock:
            self._violations += found
        mandatory = [violation for violation in found if violation.level == "mandatory"]
        if mandatory and not self._preview:
            raise EngineError(f"the policies do not allow it\n{policies_text(self._pack.label, mandatory)}")

    def _default_provider(self, goal: Goal) -> analyzer_pb2.AnalyzerProviderResource:
        """The provider that the program does not make: the config has its inputs."""
        prefix = f"{goal.package}:"
        inputs = {key.removeprefix(prefix): value for key, value in self._config.items() if key.startswith(prefix)}
        stack, project = goal.urn.removeprefix("urn:pulumi:").split("::")[:2]
        type_ = PROVIDER_PREFIX + goal.package
        urn = make_urn(stack, project, "", type_, "default")
        with self._lock:
            known = type_ in self._providers
            self._providers.add(type_)
        if not known:
            request = analyzer_pb2.AnalyzeRequest(type=type_, urn=urn, name="default", properties=to_struct(inputs))
            self._note(self._pack.analyze(request))
        return _provider(type_, "default", urn, inputs)


def _provider(type_: str, name: str, urn: str, inputs: Properties) -> analyzer_pb2.AnalyzerProviderResource:
    return analyzer_pb2.AnalyzerProviderResource(type=type_, name=name, urn=urn, properties=to_struct(reveal(inputs)))


def _options(goal: Goal) -> analyzer_pb2.AnalyzerResourceOptions:
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=goal.protect,
        ignoreChanges=goal.ignore_changes,
        deleteBeforeReplace=bool(goal.delete_before_replace),
        deleteBeforeReplaceDefined=goal.delete_before_replace is not None,
        additionalSecretOutputs=goal.additional_secret_outputs,
        aliases=goal.alias_urns,
        parent=goal.parent,
    )


def _stack_resource(goal: Goal, state: ResourceState | None) -> analyzer_pb2.AnalyzerResource:
    outputs = reveal(state.outputs) if state else {}
    if state and state.id:
        outputs = {**outputs, "id": state.id}
    return analyzer_pb2.AnalyzerResource(
        type=goal.type,
        urn=goal.urn,
        name=goal.name,
        properties=to_struct(outputs),
        options=_options(goal),
        parent=goal.parent,
        dependencies=goal.dependencies,
        propertyDependencies={
            name: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
            for name, urns in goal.property_dependencies.items()
        },
    )
