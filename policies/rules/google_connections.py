"""Media CDN and Cloud CDN: TLS on both sides, and logs."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity
from pulumi_policy.policy import PolicyResource

from .google_types import (
    BACKEND_SERVICE,
    EDGE_CACHE_ORIGIN,
    EDGE_CACHE_SERVICE,
    ENDPOINT,
    HTTPS_PROXY,
    SSL_POLICY,
    is_cdn,
)
from .places import is_public
from .reading import get, given, where_known
from .relations import of_type, origins
from .rule import Resource, Settings, Stack, resource_rule, stack_rule

_TLS = ("TLS_1_0", "TLS_1_1", "TLS_1_2", "TLS_1_3")


@resource_rule(
    "google-tls-floor",
    SSL_POLICY,
    description="Callers connect by TLS of the floor or newer, with modern ciphers.",
    mend="set minTlsVersion to TLS_1_2 and profile to MODERN or RESTRICTED",
    severity=Severity.HIGH,
    config={
        "minimum": {"type": "string", "enum": list(_TLS), "default": "TLS_1_2", "description": "The oldest version."}
    },
)
def tls_floor(resource: Resource, settings: Settings) -> Iterator[str]:
    """The defaults are TLS 1.0 and COMPATIBLE."""
    with where_known():
        least = get(resource.props, "minTlsVersion", default=_TLS[0])
        if least in _TLS and _TLS.index(least) < _TLS.index(settings["minimum"]):
            yield f"lets callers connect by {least}, older than {settings['minimum']}"
    with where_known():
        if get(resource.props, "profile", default="COMPATIBLE") == "COMPATIBLE":
            yield "lets callers choose outdated ciphers (profile COMPATIBLE)"


@resource_rule(
    "google-tls-policy",
    EDGE_CACHE_SERVICE,
    HTTPS_PROXY,
    description="An edge has a TLS policy, and takes nothing in clear.",
    mend="set sslPolicy, and requireTls on a service of Media CDN",
    severity=Severity.HIGH,
)
def tls_policy(resource: Resource, _: Settings) -> Iterator[str]:
    """Without a policy callers may connect by TLS 1.0."""
    if not given(resource.props, "sslPolicy"):
        yield "has no TLS policy, so that callers may connect by TLS 1.0"
    if resource.resource_type == EDGE_CACHE_SERVICE and get(resource.props, "requireTls") is not True:
        yield "takes requests in clear"


@stack_rule(
    "google-https-origin",
    description="An edge reaches a public origin by HTTPS.",
    mend="set protocol to HTTPS (HTTP2) and the port to the TLS port of the origin",
    severity=Severity.HIGH,
)
def https_origin(stack: Stack, _: Settings) -> Iterator[tuple[PolicyResource, str]]:
    """Questions, answers and the edge's secret would be read on the way."""
    for origin in of_type(stack, EDGE_CACHE_ORIGIN):
        with where_known():
            if get(origin.props, "protocol") == "HTTP" and is_public(get(origin.props, "originAddress", default="")):
                yield origin, "sends requests in clear to a public host"
    for backend in of_type(stack, BACKEND_SERVICE):
        with where_known():
            if get(backend.props, "protocol", default="HTTP") == "HTTP" and _reaches_public_host(backend):
                yield backend, "sends requests in clear to a public host"


@resource_rule(
    "google-logs",
    EDGE_CACHE_SERVICE,
    BACKEND_SERVICE,
    description="An edge writes request logs.",
    mend="set logConfig.enable to true, or name it in this rule's exceptions (Pulumi.<stack>.policies.json)",
    severity=Severity.MEDIUM,
)
def logs(resource: Resource, _: Settings) -> Iterator[str]:
    """Without them nobody knows who asked what, nor why the hit ratio fell."""
    edge = resource.resource_type == EDGE_CACHE_SERVICE or is_cdn(resource)
    if edge and get(resource.props, "logConfig", "enable") is not True:
        yield "writes no request logs"


def _reaches_public_host(backend: PolicyResource) -> bool:
    endpoints = of_type(origins([backend]), ENDPOINT)
    return any(is_public(str(get(endpoint.props, "fqdn", default=""))) for endpoint in endpoints)


RULES = [tls_floor, tls_policy, https_origin, logs]
