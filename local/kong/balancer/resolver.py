"""Addresses of host names: the hosts file, then SRV and A records, in the order of Kong's dns_order."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.rdatatype
import dns.resolver

HOSTS_FILE = Path("/etc/hosts")
SYSTEM_TTL_SECONDS, HOSTS_FILE_TTL_SECONDS = 10.0, 3600.0
QUERY_SECONDS = 5.0
NAME_ERROR = "dns server error: 3 name error"
NO_ANSWER = "dns client error: 101 empty record received"


@dataclass(frozen=True)
class Record:
    """One address. Only SRV records have a port (0: none of their own), a weight and the name that they point to."""

    ip: str
    port: int = 0
    weight: int | None = None
    name: str | None = None


@dataclass(frozen=True)
class Records:
    """All addresses of a name, in Kong's order, and how long they hold."""

    records: Sequence[Record]
    ttl_seconds: float


@dataclass
class ResolveError(Exception):
    """No address. `is_final`: the name has none; else its servers gave no answer, and what was known may still hold."""

    message: str
    is_final: bool


class Resolver:
    """Asks these name servers, or the system (for addresses alone) when there are none.

    Usage: ``await Resolver([("127.0.0.1", 5353)]).resolve("replicas.internal")``; raises ResolveError.
    """

    def __init__(self, nameservers: Sequence[tuple[str, int]] = ()) -> None:
        self._client: dns.asyncresolver.Resolver | None = None
        self._last: dict[str, dns.rdatatype.RdataType] = {}
        self._cache: dict[str, tuple[float, Records]] = {}
        self._turns: defaultdict[str, int] = defaultdict(int)
        if nameservers:
            self._client = dns.asyncresolver.Resolver(configure=False)
            self._client.nameservers = [dns.nameserver.Do53Nameserver(*address) for address in nameservers]
            self._client.lifetime = QUERY_SECONDS

    async def resolve(self, host: str) -> Records:
        """Asks anew."""
        if self._client is None:
            return await _from_the_system(host)
        if known := _from_the_hosts_file(host):
            return Records(known, HOSTS_FILE_TTL_SECONDS)
        return await self._ask(host)

    async def pick(self, host: str, port: int) -> tuple[str, int]:
        """One address after the other, as long as they hold; for a host that no upstream is named after."""
        expires, found = self._cache.get(host, (0.0, None))
        if found is None or expires <= time.monotonic():
            found = await self.resolve(host)
            self._cache[host] = time.monotonic() + found.ttl_seconds, found
        record = found.records[self._turns[host] % len(found.records)]
        self._turns[host] += 1
        return record.ip, record.port or port

    async def _ask(self, host: str) -> Records:
        assert self._client is not None
        kinds = dict.fromkeys((self._last.get(host, dns.rdatatype.SRV), dns.rdatatype.SRV, dns.rdatatype.A))
        failure = ResolveError(NAME_ERROR, True)
        for kind in kinds:
            try:
                answer = await self._client.resolve(host, kind, search=False)
            except dns.resolver.NXDOMAIN:
                raise ResolveError(NAME_ERROR, True) from None
            except dns.resolver.NoAnswer:
                failure = ResolveError(NO_ANSWER, True)
                continue
            except dns.exception.DNSException as error:
                raise ResolveError(f"dns server error: {type(error).__name__}", False) from None
            self._last[host] = kind
            ttl = answer.rrset.ttl if answer.rrset is not None else 0
            if kind is dns.rdatatype.A:
                return Records(sorted({Record(one.address) for one in answer}, key=lambda one: one.ip), ttl)
            return Records(await self._followed([*answer]), ttl)
        raise failure

    async def _followed(self, services: list[object]) -> list[Record]:
        """The addresses of SRV records: those of the first priority, by name and port."""
        entries = [(one.priority, str(one.target).rstrip("."), one.port, one.weight) for one in services]  # pyright: ignore[reportAttributeAccessIssue]
        first = min(entry[0] for entry in entries)
        records = []
        for _, name, port, weight in sorted(entry for entry in entries if entry[0] == first):
            ip = name if _is_ip(name) else (await self.resolve(name)).records[0].ip
            # A weight of 0 means rarely, not never.
            records.append(Record(ip, port, weight or 1, name))
        return records


def _is_ip(text: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    except OSError:
        return False
    return True


def _from_the_hosts_file(host: str) -> list[Record]:
    try:
        lines = [line.partition("#")[0].split() for line in HOSTS_FILE.read_text().splitlines()]
    except OSError:
        return []
    found = [line[0] for line in lines if host.lower() in (name.lower() for name in line[1:])]
    addresses = [ip for ip in found if "." in ip] or found
    return [Record(ip) for ip in addresses[:1]]


async def _from_the_system(host: str) -> Records:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise ResolveError(NAME_ERROR, True) from None
    addresses = {family: {str(address[0]) for kind, *_, address in found if kind is family} for family, *_ in found}
    ips = addresses.get(socket.AF_INET) or addresses.get(socket.AF_INET6) or set()
    return Records([Record(ip) for ip in sorted(ips)], SYSTEM_TTL_SECONDS)
