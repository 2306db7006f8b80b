"""How a rule is declared: one function that says what is wrong, made into a policy of CrossGuard."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.policy import PolicyResource

from .reading import where_known

Settings = Mapping[str, Any]
Stack = Sequence[PolicyResource]
ResourceCheck = Callable[["Resource", Settings], Iterable[str]]
StackCheck = Callable[[Stack, Settings], Iterable[tuple[PolicyResource, str]]]

EXCEPTIONS = "exceptions"
_EXCEPTIONS_SCHEMA = {
    "type": "array",
    "items": {"type": "string"},
    "default": [],
    "description": "Names or URNs of resources that may break the rule; `*` stands for any text.",
}


class Resource(Protocol):
    """What rules read of a resource: its inputs in a resource rule, its outputs in a stack rule."""

    resource_type: str
    props: Mapping[str, Any]
    urn: str
    name: str
    opts: Any
    provider: Any


def resource_rule(
    name: str,
    *types: str,
    description: str,
    mend: str,
    severity: Severity,
    config: Mapping[str, Mapping[str, Any]] | None = None,
) -> Callable[[ResourceCheck], ResourceValidationPolicy]:
    """A rule about one resource at a time.

    Usage: ``@resource_rule("kong-...", PLUGIN, description="...", mend="set ...", severity=Severity.HIGH)`` above a
    function that yields each problem: what follows the resource's name in a sentence. The function may raise
    UnknownValueError where a value is not known yet; the rule is asked again when it is. `mend` says how to mend it.
    """

    def declare(check: ResourceCheck) -> ResourceValidationPolicy:
        schema = _schema(config)

        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            settings = _settings(schema, args.get_config())
            if args.resource_type in types and not _excepted(args, settings):
                with where_known():
                    for problem in check(args, settings):
                        report(_sentence(args, problem, mend), None)

        return ResourceValidationPolicy(
            name, description, validate, _level(severity), schema, severity=severity, remediation_steps=mend
        )

    return declare


def stack_rule(
    name: str,
    *,
    description: str,
    mend: str,
    severity: Severity,
    config: Mapping[str, Mapping[str, Any]] | None = None,
) -> Callable[[StackCheck], StackValidationPolicy]:
    """A rule about how the resources of a stack go together.

    Usage: as `resource_rule`; the function gets all resources and yields each resource at fault with its problem.
    """

    def declare(check: StackCheck) -> StackValidationPolicy:
        schema = _schema(config)

        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            settings = _settings(schema, args.get_config())
            with where_known():
                for resource, problem in check(args.resources, settings):
                    if not _excepted(resource, settings):
                        report(_sentence(resource, problem, mend), resource.urn)

        return StackValidationPolicy(
            name, description, validate, _level(severity), schema, severity=severity, remediation_steps=mend
        )

    return declare


def _level(severity: Severity) -> EnforcementLevel:
    return EnforcementLevel.ADVISORY if severity is Severity.LOW else EnforcementLevel.MANDATORY


def _schema(config: Mapping[str, Mapping[str, Any]] | None) -> PolicyConfigSchema:
    return PolicyConfigSchema(
        {**{key: dict(value) for key, value in (config or {}).items()}, EXCEPTIONS: _EXCEPTIONS_SCHEMA}
    )


def _settings(schema: PolicyConfigSchema, given: Mapping[str, Any] | None) -> Settings:
    return {**{key: value["default"] for key, value in schema.properties.items()}, **(given or {})}


def _excepted(resource: Resource, settings: Settings) -> bool:
    names = (resource.name, resource.urn)
    return any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in settings[EXCEPTIONS])


def _sentence(resource: Resource, problem: str, mend: str) -> str:
    kind = resource.resource_type.rpartition(":")[2]
    kind = "Provider" if resource.resource_type.startswith("pulumi:providers:") else kind
    return f"{kind} '{resource.name}' {problem}; {mend}."
