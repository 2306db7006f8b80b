"""Kong's traditional_compatible router: which route answers a request, and the path that its upstream gets."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from multidict import MultiMapping

Row = Mapping[str, Any]
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_RESERVED = b"!*'();:@&=+$,/?%#[]"
_TO_ESCAPE = re.compile(rb"[^!#$&'()*+,/:;=?@\[\]A-Za-z0-9\-_.~%]")


def _decoded(match: re.Match[bytes]) -> bytes:
    char = bytes([int(match[1], 16)])
    return match[0].upper() if char in _RESERVED else char


@lru_cache(4096)
def normalized(raw_path: str) -> str:
    """The path without `//`, dot segments and escaped characters; those that are reserved stay, as `%2F`.

    Like kong.tools.uri's normalize. Bytes that are no UTF-8 are surrogates.
    """
    path = raw_path
    if "%" in path:
        path = _ESCAPED.sub(_decoded, path.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
    if "//" not in path and "/." not in path:
        return path or "/"
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", "."):
            kept.append(segment)
    directory = segments[-1] in ("", ".", "..") and kept
    return "/" + "/".join(kept) + ("/" if directory else "")


def upstream_path(route: Row, service: Row, path: str, matched: str) -> str:
    """The service's path and what strip_path leaves of the request's, as Kong's path_handling v0 joins them."""
    base = service["path"] or "/"
    rest = path[len(matched) :] if route["strip_path"] else path
    if route["strip_path"] and rest == "":
        return base + "/" if len(path) > 1 and path.endswith("/") and not base.endswith("/") else base
    if not route["strip_path"] and path == "/" and not base.endswith("/"):
        return base
    return base.rstrip("/") + "/" + rest.removeprefix("/")


@lru_cache(4096)
def escaped(path: str) -> str:
    """A path for a request line, as kong.tools.uri's escape makes it of a normalised one."""
    raw = path.encode("utf-8", "surrogateescape")
    return _TO_ESCAPE.sub(lambda found: b"%%%02X" % found[0][0], raw).decode("ascii")


@lru_cache(1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """A path's regular expression, with PCRE's form of named groups."""
    return re.compile(re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", pattern))


def captures(route: Row, path: str) -> dict[str, str | None]:
    """The named groups of the route's regular expression that matches the path."""
    for pattern in route["paths"] or ():
        found = compiled(pattern[1:]).match(path) if pattern.startswith("~") else None
        if found:
            return found.groupdict()
    return {}


def _shifted(value: int, bits: int) -> int:
    """Lua's bit.lshift of a number: 32 bits, then sign-extended to 64. Kong's route priorities depend on it."""
    low = (value << (bits % 32)) & 0xFFFFFFFF
    return low | 0xFFFFFFFF00000000 if low & 0x80000000 else low


@dataclass(frozen=True)
class Candidate:
    """One route with paths of one length (or one regex), ready to be compared with requests."""

    priority: int
    route: Row
    service: Row | None
    methods: frozenset[str]
    hosts: tuple[Callable[[str, int], bool], ...]
    paths: tuple[Callable[[str], str | None], ...]
    headers: tuple[tuple[str, tuple[Callable[[str], Any], ...]], ...]

    def match(self, method: str, host: str, port: int, path: str, headers: MultiMapping[str]) -> str | None:
        """The matched part of the path ("" when paths do not matter), or None."""
        if (
            self.methods
            and method not in self.methods
            or self.hosts
            and not any(same(host, port) for same in self.hosts)
        ):
            return None
        for name, tests in self.headers:
            if not any(test(value.lower()) for value in headers.getall(name, ()) for test in tests):
                return None
        if not self.paths:
            return ""
        return next((matched for test in self.paths if (matched := test(path)) is not None), None)


def _host_test(pattern: str) -> Callable[[str, int], bool]:
    name, _, port_text = pattern.partition(":")
    port = int(port_text) if port_text else None
    if name.startswith("*"):
        return lambda host, at: host.endswith(name[1:]) and port in (None, at)
    if name.endswith("*"):
        return lambda host, at: host.startswith(name[:-1]) and port in (None, at)
    return lambda host, at: host == name and port in (None, at)


def _path_test(pattern: str) -> Callable[[str], str | None]:
    if pattern.startswith("~"):
        regex = compiled(pattern[1:])
        return lambda path: found[0] if (found := regex.match(path)) else None
    return lambda path: pattern if path.startswith(pattern) else None


def _header_test(pattern: str) -> Callable[[str], Any]:
    if pattern.startswith("~*"):
        return re.compile(pattern[2:].lower()).search
    wanted = pattern.lower()
    return lambda value: value == wanted


def _candidates(route: Row, service: Row | None) -> list[Candidate]:
    by_length: dict[int, list[str]] = {}
    for path in route["paths"] or []:
        by_length.setdefault(-1 if path.startswith("~") else len(path), []).append(path)
    headers = route["headers"] or {}
    fields = sum(bool(route[name]) for name in ("methods", "hosts", "headers", "snis", "paths"))
    plain_hosts = bool(route["hosts"]) and not any("*" in host for host in route["hosts"])
    made = []
    for length, paths in (by_length or {0: []}).items():
        priority = (
            _shifted(fields, 61)
            | (1 << 60 if plain_hosts else 0)
            | (1 << 51 if length == -1 else 0)
            | _shifted(min(len(headers), 255), 52)
            | _shifted((route["regex_priority"] or 0) if length == -1 else 0, 19)
            | max(length, 0)
        )
        made.append(
            Candidate(
                priority,
                route,
                service,
                frozenset(route["methods"] or ()),
                tuple(_host_test(host) for host in route["hosts"] or ()),
                tuple(_path_test(path) for path in paths),
                tuple((name, tuple(_header_test(value) for value in values)) for name, values in headers.items()),
            )
        )
    return made


Found = tuple[Row, Row | None, str]
CACHED, CACHED_CHARACTERS = 5000, 1000


class Router:
    """Finds the route of a request among all routes of one state of the gateway; as Kong's it remembers its finds."""

    def __init__(self, routes: Sequence[Row], services: Mapping[str, Row]) -> None:
        self._candidates: list[Candidate] = []
        for route in routes:
            service = services[route["service"]["id"]] if route["service"] else None
            if (service is None or service["enabled"]) and {"http", "https"} & set(route["protocols"]):
                self._candidates += _candidates(route, service)
        self._candidates.sort(key=lambda candidate: (candidate.priority, candidate.route["id"]), reverse=True)
        self._header_names = sorted({name.lower() for one in self._candidates for name, _ in one.headers})
        self._found: dict[tuple[object, ...], Found | None] = {}

    def match(self, method: str, authority: str, own_port: int, path: str, headers: MultiMapping[str]) -> Found | None:
        """The route, its service and the matched part of the path; None when nothing matches."""
        values = tuple(tuple(headers.getall(name, ())) for name in self._header_names)
        key = method, authority, own_port, path, values
        if key in self._found:
            return self._found[key]
        found = self._search(method, authority, own_port, path, headers)
        if len(authority) + len(path) + sum(map(len, itertools.chain(*values))) <= CACHED_CHARACTERS:
            if len(self._found) >= CACHED:
                self._found.clear()
            self._found[key] = found
        return found

    def _search(
        self, method: str, authority: str, own_port: int, path: str, headers: MultiMapping[str]
    ) -> Found | None:
        host, colon, port_text = authority.partition(":")
        port = int(port_text) if colon and port_text.isdigit() else own_port
        for candidate in self._candidates:
            matched = candidate.match(method, host, port, path, headers)
            if matched is not None:
                return candidate.route, candidate.service, matched
        return None
