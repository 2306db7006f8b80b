"""How Kong is reached, and how it reaches the models."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from .kong_types import PROVIDER, SERVICE
from .places import host_of, is_loopback, is_public
from .reading import get, texts
from .rule import Resource, Settings, resource_rule

_ENCRYPTED = frozenset({"https", "grpcs", "tls", "wss", "tls_passthrough"})


@resource_rule(
    "kong-upstream-https",
    SERVICE,
    description="Kong reaches a public origin by an encrypted protocol.",
    mend="set protocol to https and port to the TLS port of the origin",
    severity=Severity.HIGH,
)
def upstream_https(resource: Resource, _: Settings) -> Iterator[str]:
    """Questions, answers and credentials would be read on the way."""
    protocol = get(resource.props, "protocol", default="http")
    if protocol not in _ENCRYPTED and is_public(str(get(resource.props, "host", default=""))):
        yield "sends requests in clear to a public host"


@resource_rule(
    "kong-admin-https",
    PROVIDER,
    description="Kong's Admin API is called by HTTPS, unless it is on this machine.",
    mend="set kong:kongAdminUri to an https:// URL, or reach the Admin API through a tunnel on 127.0.0.1",
    severity=Severity.CRITICAL,
    config={
        "allowedHosts": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Hosts whose Admin API may be called by plain HTTP.",
        }
    },
)
def admin_https(resource: Resource, settings: Settings) -> Iterator[str]:
    """Who reads the token rules the gateway."""
    uri = str(get(resource.props, "kongAdminUri", default=""))
    host = host_of(uri)
    if uri.lower().startswith("http:") and not is_loopback(host) and host not in texts(settings, "allowedHosts"):
        yield "calls the Admin API by plain HTTP, with its token in clear"


RULES = [upstream_https, admin_https]
