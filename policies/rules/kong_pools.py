"""Whether an upstream of Kong spreads requests over its targets, and leaves out those that are ill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import Severity
from pulumi_policy.policy import PolicyResource

from .kong_types import FUNCTIONS, TARGET, UPSTREAM, is_plugin, plugin_config
from .reading import all_text, get, number, where_known
from .relations import of_type, refers
from .rule import Resource, Settings, Stack, resource_rule, stack_rule

Found = Iterator[tuple[PolicyResource, str]]
_FAILURES = ("tcpFailures", "timeouts", "httpFailures")
_COUNTS = (("healthy", "successes"), *(("unhealthy", name) for name in _FAILURES))
_LARGEST_COUNT = 254
_MAY_BE_MISSING = ("header", "consumer")  # what else can be hashed is there in every request, or made by Kong


@resource_rule(
    "kong-hash-header-name",
    UPSTREAM,
    description="A header by which Kong chooses a target has a name of letters and digits alone.",
    mend="hash a header without - and _, which a function sets from the other one",
    severity=Severity.HIGH,
)
def hash_header_name(resource: Resource, _: Settings) -> Iterator[str]:
    """Kong 3.9 never finds another one, and sends every request to one target (Kong/kong#14447)."""
    for on, header in (("hashOn", "hashOnHeader"), ("hashFallback", "hashFallbackHeader")):
        if get(resource.props, on) == "header" and set(str(get(resource.props, header, default=""))) & set("-_"):
            yield f"has a name with - or _ in {header}, which Kong 3.9 does not find: one target gets every request"


@stack_rule(
    "kong-hash-fallback",
    description="Requests without what an upstream hashes are spread over its targets, too.",
    mend="set hashFallback to ip, or set the header in a pre-function or post-function of every route",
    severity=Severity.HIGH,
)
def hash_fallback(stack: Stack, _: Settings) -> Found:
    """Kong hashes the empty text then, for all of them."""
    with where_known():
        functions = all_text([plugin_config(item) for item in stack if is_plugin(item, *FUNCTIONS)]).lower()
        for upstream, targets in _pools(stack):
            with where_known():
                on, fallback = (get(upstream.props, name, default="none") for name in ("hashOn", "hashFallback"))
                header = str(get(upstream.props, "hashOnHeader", default="")).lower()
                is_set = on == "header" and header != "" and header in functions
                if on in _MAY_BE_MISSING and fallback in ("none", *_MAY_BE_MISSING) and len(targets) > 1 and not is_set:
                    yield upstream, "sends every request that has nothing to hash to one target"


@stack_rule(
    "kong-target-health",
    description="Kong checks the targets of an upstream, and takes back those that are well again.",
    mend="set healthchecks.active: intervals above 0, successes and failures of at least 1",
    severity=Severity.MEDIUM,
)
def target_health(stack: Stack, _: Settings) -> Found:
    """Without checks a dead target gets its share of the requests; with passive ones alone it never gets one again."""
    for upstream, targets in _pools(stack):
        with where_known():
            active = get(upstream.props, "healthchecks", "active", default={})
            passive = get(upstream.props, "healthchecks", "passive", default={})
            actively = _counts(active, "healthy", "interval") and _counts(active, "unhealthy", *_FAILURES)
            if targets and not actively and not _counts(passive, "unhealthy", *_FAILURES):
                yield upstream, "goes on with targets that are dead"
            elif targets and not (_counts(active, "unhealthy", "interval") and _counts(active, "healthy", "successes")):
                yield upstream, "takes no target back that it has left out once"


@resource_rule(
    "kong-health-count",
    UPSTREAM,
    description="The counts of health checks are such that Kong can work with them.",
    mend="set counts of healthchecks to 254 or less, and to 0 to turn a check off",
    severity=Severity.HIGH,
)
def health_count(resource: Resource, _: Settings) -> Iterator[str]:
    """The Admin API takes 255; the upstream then has no balancer, and answers 500 to every request."""
    for kind in ("active", "passive"):
        checks = get(resource.props, "healthchecks", kind, default={})
        for group, name in _COUNTS:
            if (number(get(checks, group, name)) or 0) > _LARGEST_COUNT:
                yield f"has a count above {_LARGEST_COUNT} in healthchecks.{kind}.{group}.{name}, with which it fails"


@resource_rule(
    "kong-target-weight",
    TARGET,
    description="No target has a weight of 0, which does not get to Kong.",
    mend="take the target out of the program to drain it",
    severity=Severity.HIGH,
)
def target_weight(resource: Resource, _: Settings) -> Iterator[str]:
    """The provider sends no zeros: Kong gives the target its default of 100, and every run wants to replace it."""
    if number(get(resource.props, "weight")) == 0:
        yield "has a weight of 0, which the provider does not send: it gets as many requests as one of 100"


def _pools(stack: Stack) -> Iterator[tuple[PolicyResource, list[PolicyResource]]]:
    """The upstreams and their targets."""
    targets = of_type(stack, TARGET)
    for upstream in of_type(stack, UPSTREAM):
        with where_known():
            yield upstream, [target for target in targets if refers(target, "upstreamId", upstream)]


def _counts(checks: Mapping[str, Any], group: str, *names: str) -> bool:
    """Whether one of these is above 0."""
    return any(number(get(checks, group, name)) for name in names)


RULES = [hash_header_name, hash_fallback, target_health, health_count, target_weight]
