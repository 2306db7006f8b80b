"""Media CDN and Cloud CDN: what they keep, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity
from pulumi_policy.policy import PolicyResource

from .google_types import (
    BACKEND_BUCKET,
    BACKEND_SERVICE,
    EDGE_CACHE_KEYSET,
    EDGE_CACHE_SERVICE,
    FORCE_CACHE_ALL,
    NO_SIGNATURE,
    SIGNED_URL_KEYS,
    URL_MAP,
    cdn_policy,
    is_cdn,
    route_rules,
    seconds,
)
from .reading import get, given, items, texts, where_known
from .relations import of_type, referred
from .rule import Resource, Settings, Stack, resource_rule, stack_rule

Found = Iterator[tuple[PolicyResource, str]]
_CREDENTIAL = "authorization"
_TTLS = ("defaultTtl", "maxTtl", "clientTtl")


@resource_rule(
    "google-force-cache-all",
    EDGE_CACHE_SERVICE,
    BACKEND_SERVICE,
    BACKEND_BUCKET,
    description="No route that tells callers apart keeps every answer.",
    mend="set cacheMode to USE_ORIGIN_HEADERS, or remove Authorization and the signature from the route",
    severity=Severity.CRITICAL,
)
def force_cache_all(resource: Resource, _: Settings) -> Iterator[str]:
    """FORCE_CACHE_ALL keeps private and no-store answers, too, and gives them to everybody."""
    if resource.resource_type == EDGE_CACHE_SERVICE:
        for what, rule in route_rules(resource):
            with where_known():
                policy = cdn_policy(rule)
                if get(policy, "cacheMode") == FORCE_CACHE_ALL and (_is_signed(policy) or not _strips(rule)):
                    yield f"keeps every answer, private ones too, by {what}, which tells callers apart"
    elif _forces(resource) and _tells_callers_apart(resource):
        yield "keeps every answer, private ones too, and may tell callers apart"


@stack_rule(
    "google-signatures",
    description="Where one route asks for a signature, every route that keeps answers does.",
    mend="set signedRequestMode to REQUIRE_SIGNATURES or REQUIRE_TOKENS and signedRequestKeyset on each cached route",
    severity=Severity.CRITICAL,
)
def signatures(stack: Stack, _: Settings) -> Found:
    """A keyset says that the answers are not for everybody."""
    for service in of_type(stack, EDGE_CACHE_SERVICE):
        with where_known():
            policies = [(what, cdn_policy(rule)) for what, rule in route_rules(service)]
            kept = [(what, policy) for what, policy in policies if policy is not None]
            keysets = [found for found in referred(service) if found.resource_type == EDGE_CACHE_KEYSET]
            if keysets or any(_is_signed(policy) for _, policy in kept):
                for what, policy in kept:
                    if not _is_signed(policy):
                        yield service, f"gives kept answers to everybody by {what}, and asks for a signature elsewhere"
                    elif not given(policy, "signedRequestKeyset"):
                        yield service, f"asks for a signature by {what} and has no keyset to check it"


@resource_rule(
    "cloud-cdn-signed-urls",
    *SIGNED_URL_KEYS,
    description="Cloud CDN's signed URLs do not stand for authentication.",
    mend="use Media CDN or CloudFront for answers that not everybody may have, or ask for a key at the gateway",
    severity=Severity.HIGH,
)
def signed_urls(_: Resource, __: Settings) -> Iterator[str]:
    """cdn/docs/using-signed-urls: unsigned requests pass, and Cache-Control of the origin counts no more."""
    yield "makes Cloud CDN keep answers to signed requests whatever the origin says, and lets unsigned ones pass"


@resource_rule(
    "google-ttl",
    EDGE_CACHE_SERVICE,
    BACKEND_SERVICE,
    BACKEND_BUCKET,
    description="Google's edges keep answers no longer than the limit.",
    mend="lower defaultTtl, maxTtl and clientTtl, or raise maxTtlSeconds of this rule",
    severity=Severity.MEDIUM,
    config={
        "maxTtlSeconds": {"type": "integer", "minimum": 0, "default": 86400, "description": "The greatest lifetime."}
    },
)
def ttl(resource: Resource, settings: Settings) -> Iterator[str]:
    """A stale answer is a wrong answer."""
    if resource.resource_type == EDGE_CACHE_SERVICE:
        policies = [(f" by {what}", cdn_policy(rule)) for what, rule in route_rules(resource)]
    else:
        policies = [("", get(resource.props, "cdnPolicy") if is_cdn(resource) else None)]
    for what, policy in policies:
        with where_known():
            longest = max(seconds(get(policy, name)) for name in _TTLS)
            if longest > settings["maxTtlSeconds"]:
                limit = settings["maxTtlSeconds"]
                yield f"keeps answers{what} for up to {longest:.12g} seconds, more than {limit:.12g}"


@stack_rule(
    "google-authorization-not-shared",
    description="An edge gives no caller an answer to another caller's Authorization.",
    mend="remove authorization in the route's headerAction, or put it into the cache key",
    severity=Severity.CRITICAL,
)
def authorization_not_shared(stack: Stack, _: Settings) -> Found:
    """An answer with s-maxage is kept although the request had the header (RFC 9111, 3.5)."""
    for service in of_type(stack, EDGE_CACHE_SERVICE):
        with where_known():
            for what, rule in route_rules(service):
                with where_known():
                    policy = cdn_policy(rule)
                    key = texts(get(policy, "cacheKeyPolicy"), "includedHeaderNames")
                    if policy is not None and _CREDENTIAL not in key and not _strips(rule):
                        yield service, f"passes Authorization on and shares the answers by {what}"
    for backend in of_type(stack, BACKEND_SERVICE):
        with where_known():
            if is_cdn(backend) and not _keys_or_bypasses(backend) and _gets_credentials(backend, stack):
                yield backend, "gets Authorization from a route that does not remove it, and shares the answers"


def _is_signed(policy: Any) -> bool:
    return get(policy, "signedRequestMode", default=NO_SIGNATURE) != NO_SIGNATURE


def _strips(rule: Any) -> bool:
    """Whether a route rule removes the credential; Media CDN lists objects, a URL map lists names."""
    action = get(rule, "headerAction")
    names = [str(get(item, "headerName")).lower() for item in items(action, "requestHeaderToRemoves")]
    return _CREDENTIAL in [*names, *texts(action, "requestHeadersToRemoves")]


def _keys_or_bypasses(backend: Resource) -> bool:
    policy = get(backend.props, "cdnPolicy")
    bypassing = [str(get(item, "headerName")).lower() for item in items(policy, "bypassCacheOnRequestHeaders")]
    return _CREDENTIAL in [*bypassing, *texts(get(policy, "cacheKeyPolicy"), "includeHttpHeaders")]


def _forces(backend: Resource) -> bool:
    return is_cdn(backend) and get(backend.props, "cdnPolicy", "cacheMode") == FORCE_CACHE_ALL


def _tells_callers_apart(backend: Resource) -> bool:
    policy = get(backend.props, "cdnPolicy")
    asked = get(backend.props, "iap", "enabled") is True or given(policy, "signedUrlCacheMaxAgeSec")
    return asked or not _keys_or_bypasses(backend)


def _gets_credentials(backend: PolicyResource, stack: Stack) -> bool:
    """Whether a URL map leads to a backend by a rule that lets the credential through.

    While ids are not known, a map that has enough rules which remove it is taken to remove it.
    """
    for url_map in of_type(stack, URL_MAP):
        led = [found for found in referred(url_map) if found.urn == backend.urn]
        if not led:
            continue
        if any(found.urn == backend.urn for found in referred(url_map, "defaultService")):
            return True
        rules = [rule for _, rule in route_rules(url_map)]
        own = _rules_to(backend, rules)
        stripping = sum(_strips(rule) for rule in (rules if own is None else own))
        backends = {found.urn for found in referred(url_map) if found.resource_type == BACKEND_SERVICE}
        cdns = sum(is_cdn(found) for found in of_type(stack, BACKEND_SERVICE) if found.urn in backends)
        if stripping < (cdns if own is None else len(own)):
            return True
    return False


def _rules_to(backend: PolicyResource, rules: list[Any]) -> list[Any] | None:
    """The rules that lead to a backend; None while that is not known."""
    with where_known():
        wanted = get(backend.props, "id")
        return None if wanted is None else [rule for rule in rules if get(rule, "service") == wanted]
    return None


RULES = [force_cache_all, signatures, signed_urls, ttl, authorization_not_shared]
