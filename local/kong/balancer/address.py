"""Host names and IP addresses with a port, as Kong reads them (kong/tools/ip.lua)."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

DEFAULT_TARGET_PORT = 8000


class HostPort(NamedTuple):
    """`kind`: name, ipv4 or ipv6; an IPv6 address is written out in full, without brackets."""

    kind: str
    host: str
    port: int | None


def parse(text: str) -> HostPort | None:
    """`name`, `name:port`, `1.2.3.4`, `1.2.3.4:port`, `::1`, `[::1]` or `[::1]:port`; None for anything else."""
    if text.count(":") > 1:
        found = re.fullmatch(r"\[([0-9A-Fa-f:]+)\](?::(\d+))?|([0-9A-Fa-f:]+)", text)
        return _address("ipv6", found[1] or found[3], found[2]) if found else None
    found = re.fullmatch(r"([A-Za-z0-9._-]+)(?::(\d+))?", text)
    if not found:
        return None
    if re.fullmatch(r"[\d.]+", found[1]):
        return _address("ipv4", found[1], found[2])
    *front, last = found[1].split(".")
    if any(not segment or segment.endswith("-") for segment in front) or last.endswith("-"):
        return None
    return _ported("name", found[1], found[2])


def joined(host: str, port: int) -> str:
    """`host:port`, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _address(kind: str, text: str, port: str | None) -> HostPort | None:
    try:
        return _ported(kind, ipaddress.ip_address(text).exploded, port)
    except ValueError:
        return None


def _ported(kind: str, host: str, port: str | None) -> HostPort | None:
    if port is not None and int(port) > 65535:
        return None
    return HostPort(kind, host, None if port is None else int(port))
