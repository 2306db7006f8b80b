"""Resources as a policy pack gets them, and what a rule says about them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi_policy import Policy, ResourceValidationArgs, ResourceValidationPolicy, StackValidationArgs
from pulumi_policy.policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

UNKNOWN = UNKNOWN_STRING_VALUE


@dataclass(frozen=True)
class Res:
    """A resource. `refs` says which properties are made from which other resources, by name or URN."""

    type: str
    name: str
    props: Mapping[str, Any]
    refs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    protect: bool = False
    provider: Mapping[str, Any] = field(default_factory=dict)
    stack: str = "dev"
    urn_: str = ""

    @property
    def urn(self) -> str:
        return self.urn_ or f"urn:pulumi:{self.stack}::shop::{self.type}::{self.name}"

    def but(self, **props: Any) -> Res:
        """The same with other properties; None takes one away."""
        merged = {**self.props, **props}
        return replace(self, props={name: value for name, value in merged.items() if value is not None})


def violations(rule: Policy, resources: Sequence[Res], config: Mapping[str, Any] | None = None) -> list[str]:
    """What a rule reports, as the pack's process would; numbers of a config arrive as floats."""
    found: list[str] = []

    def report(message: str, urn: str | None = None) -> None:
        found.append(message)

    settings = json.loads(json.dumps(config or {}), parse_int=float)
    if isinstance(rule, ResourceValidationPolicy):
        for item in resources:
            props, provider = _proxy(item.props), _provider(item)
            rule.validate(
                ResourceValidationArgs(item.type, props, item.urn, item.name, _options(item), provider, settings),
                report,
            )
    else:
        assert isinstance(rule, StackValidationPolicy)
        rule.validate(StackValidationArgs(_linked(resources), settings), report)
    return found


def _linked(resources: Sequence[Res]) -> list[PolicyResource]:
    made = {
        item.urn: PolicyResource(
            item.type, _proxy(item.props), item.urn, item.name, _options(item), _provider(item), None, [], {}
        )
        for item in resources
    }
    named = made | {resource.name: resource for resource in made.values()}
    for item in resources:
        for name, others in item.refs.items():
            made[item.urn].property_dependencies[name] = [named[other] for other in others if other in named]
    return list(made.values())


def _proxy(props: Mapping[str, Any]) -> Any:
    return unknown_checking_proxy(json.loads(json.dumps(props), parse_int=float))


def _options(item: Res) -> PolicyResourceOptions:
    return PolicyResourceOptions(item.protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])


def _provider(item: Res) -> PolicyProviderResource:
    kind = f"pulumi:providers:{item.type.split(':')[0]}"
    return PolicyProviderResource(kind, _proxy(item.provider), f"urn:pulumi:dev::shop::{kind}::default", "default")
