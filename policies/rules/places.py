"""Where a host is, and which stack a resource is of."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

# Names that no public DNS knows: RFC 6761, RFC 6762, RFC 8375, ICANN's .internal, Kubernetes.
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".svc", ".test", ".invalid")

PRODUCTION = {
    "type": "string",
    "default": "^(prod|production)([-_.].*)?$",
    "description": "Regular expression of the names of production stacks.",
}


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    address = _address(host)
    return address.is_loopback if address else host.lower() == "localhost" or host.lower().endswith(".localhost")


def is_public(host: str) -> bool:
    """Whether requests to a host may leave private networks; names without a dot are names of containers."""
    address = _address(host)
    if address:
        return address.is_global
    name = host.lower().rstrip(".")
    return "." in name and not name.endswith(_PRIVATE_SUFFIXES)


def host_of(url: str) -> str:
    """The host of a URL."""
    return urlsplit(url).hostname or ""


def is_production(urn: str, pattern: str) -> bool:
    """Whether a resource is one of a production stack."""
    return re.search(pattern, urn.split("::")[0].rpartition(":")[2]) is not None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
