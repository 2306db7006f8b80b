"""CloudFront: what it keeps, for whom, and what it passes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity
from pulumi_policy.policy import PolicyResource

from .cloudfront_types import (
    CACHE_POLICY,
    DISTRIBUTION,
    MANAGED_ALL,
    MANAGED_ALL_VIEWER_EXCEPT_HOST,
    MANAGED_CACHING,
    ORIGIN_REQUEST_POLICY,
    behaviors,
)
from .reading import get, number, texts, where_known
from .relations import of_type, referred
from .rule import Resource, Settings, Stack, resource_rule, stack_rule

_EVERYTHING = ("allViewer", "allViewerAndWhitelistCloudFront")
_CREDENTIAL = "authorization"
_DAY = 86400


@resource_rule(
    "cloudfront-min-ttl",
    CACHE_POLICY,
    DISTRIBUTION,
    description="CloudFront obeys an origin that says that an answer is private.",
    mend="set minTtl to 0",
    severity=Severity.CRITICAL,
)
def min_ttl(resource: Resource, _: Settings) -> Iterator[str]:
    """With a greater one it keeps what is marked private or no-store."""
    for what, caching in _cachings(resource):
        with where_known():
            seconds = number(get(caching, "minTtl")) or 0
            if seconds > 0:
                yield f"keeps{what} private and no-store answers for {seconds:.12g} seconds"


@resource_rule(
    "cloudfront-ttl",
    CACHE_POLICY,
    DISTRIBUTION,
    description="CloudFront keeps answers no longer than the limit.",
    mend="lower defaultTtl and maxTtl, or raise maxTtlSeconds of this rule",
    severity=Severity.MEDIUM,
    config={
        "maxTtlSeconds": {"type": "integer", "minimum": 0, "default": _DAY, "description": "The greatest lifetime."}
    },
)
def ttl(resource: Resource, settings: Settings) -> Iterator[str]:
    """A cache policy without maxTtl keeps for a year."""
    for what, caching in _cachings(resource):
        with where_known():
            missing = 365 * _DAY if resource.resource_type == CACHE_POLICY else 0
            longest = max(number(get(caching, "maxTtl", default=missing)) or 0, number(get(caching, "defaultTtl")) or 0)
            if longest > settings["maxTtlSeconds"]:
                limit = settings["maxTtlSeconds"]
                yield f"keeps{what} answers for up to {longest:.12g} seconds, more than {limit:.12g}"


@resource_rule(
    "cloudfront-all-viewer",
    ORIGIN_REQUEST_POLICY,
    DISTRIBUTION,
    description="CloudFront does not pass on everything that viewers send.",
    mend="pass on all headers except Host (allExcept), or those that the model needs",
    severity=Severity.MEDIUM,
)
def all_viewer(resource: Resource, __: Settings) -> Iterator[str]:
    """With the viewer's Host the origin takes the edge for itself; API Gateway answers 403."""
    if resource.resource_type == ORIGIN_REQUEST_POLICY:
        if get(resource.props, "headersConfig", "headerBehavior") in _EVERYTHING:
            yield "passes on every header of viewers, Host too"
        return
    for _, what, behavior in behaviors(resource):
        with where_known():
            policy = get(behavior, "originRequestPolicyId")
            if policy in MANAGED_ALL or "*" in texts(behavior, "forwardedValues", "headers"):
                yield f"passes on every header of viewers, Host too, by {what}"


@stack_rule(
    "cloudfront-authorization-not-shared",
    description="An edge gives no caller an answer to another caller's Authorization.",
    mend="take authorization out of the origin request policy, or put it into the cache policy's headers",
    severity=Severity.CRITICAL,
)
def authorization_not_shared(stack: Stack, _: Settings) -> Iterator[tuple[PolicyResource, str]]:
    """A header that reaches the origin and is not in the key: the first caller's answer is everybody's."""
    for distribution in of_type(stack, DISTRIBUTION):
        for place, what, behavior in behaviors(distribution):
            with where_known():
                if _caches_for_all(distribution, place, behavior) and _passes_credential(distribution, place, behavior):
                    yield distribution, f"passes Authorization on and shares the answers by {what}"


def _cachings(resource: Resource) -> Iterator[tuple[str, Any]]:
    """What has TTLs: a cache policy, or behaviors without one."""
    if resource.resource_type == CACHE_POLICY:
        yield "", resource.props
        return
    for _, what, behavior in behaviors(resource):
        yield f" by {what}", behavior


def _caches_for_all(distribution: PolicyResource, place: str, behavior: Any) -> bool:
    """Whether answers are kept under a key without the credential; of another stack's policy nobody knows.

    With forwardedValues what is passed on is also in the key.
    """
    policies = [_keeps_for_all(policy) for policy in _policies(distribution, place, behavior, CACHE_POLICY)]
    if policies:
        return all(policies)
    return get(behavior, "cachePolicyId") in MANAGED_CACHING


def _keeps_for_all(policy: PolicyResource) -> bool:
    key = get(policy.props, "parametersInCacheKeyAndForwardedToOrigin", "headersConfig")
    return (number(get(policy.props, "maxTtl", default=1)) or 0) > 0 and _CREDENTIAL not in texts(
        key, "headers", "items"
    )


def _passes_credential(distribution: PolicyResource, place: str, behavior: Any) -> bool:
    policies = [_passes(policy) for policy in _policies(distribution, place, behavior, ORIGIN_REQUEST_POLICY)]
    if policies:
        return all(policies)
    return get(behavior, "originRequestPolicyId") in (*MANAGED_ALL, MANAGED_ALL_VIEWER_EXCEPT_HOST)


def _passes(policy: PolicyResource) -> bool:
    config = get(policy.props, "headersConfig")
    how, named = get(config, "headerBehavior"), _CREDENTIAL in texts(config, "headers", "items")
    return how in _EVERYTHING or (how == "allExcept" and not named) or (how == "whitelist" and named)


def _policies(distribution: PolicyResource, place: str, behavior: Any, kind: str) -> list[PolicyResource]:
    """The policy of a behavior; all that its property is made from while ids are unknown."""
    made_from = [policy for policy in referred(distribution, place) if policy.resource_type == kind]
    name = "cachePolicyId" if kind == CACHE_POLICY else "originRequestPolicyId"
    with where_known():
        wanted = get(behavior, name)
        return [policy for policy in made_from if get(policy.props, "id", default=wanted) == wanted] if wanted else []
    return made_from


RULES = [min_ttl, ttl, all_viewer, authorization_not_shared]
