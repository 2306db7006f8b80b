"""Headers that a route adds and removes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from multidict import CIMultiDict

from local.edge.fields import ConfigurationError, Fields

_VARIABLE = re.compile(r"\{([a-z0-9_]+)\}")
RESPONSE_VARIABLES = frozenset({"cdn_cache_id", "cdn_cache_status"})


class Header(NamedTuple):
    """A header to be added; replace: instead of what is there, otherwise after it with a comma."""

    name: str
    value: str
    replace: bool


@dataclass(frozen=True)
class HeaderAction:
    """What is removed from the request and the answer, then what is added; names count in any case.

    Sources: Media CDN, "Define custom headers"; API reference of URL maps, HttpHeaderAction. Variables in request
    headers, and others than cdn_cache_status and cdn_cache_id in those of the answer, are refused.
    """

    request_removed: frozenset[str] = frozenset()
    request_added: tuple[Header, ...] = ()
    response_removed: frozenset[str] = frozenset()
    response_added: tuple[Header, ...] = ()

    def apply_to_request(self, headers: CIMultiDict[str]) -> None:
        _apply(headers, self.request_removed, self.request_added)

    def apply_to_response(self, headers: CIMultiDict[str], variables: Mapping[str, str]) -> None:
        def filled(text: str) -> str:
            return _VARIABLE.sub(lambda found: variables[found[1]], text)

        added = [one._replace(value=filled(one.value)) for one in self.response_added]
        _apply(headers, self.response_removed, added)


def added_header(fields: Fields) -> Header:
    """Read one element of requestHeadersToAdd and the like."""
    header = Header(fields.text("headerName"), fields.text("headerValue"), fields.boolean("replace", False))
    fields.end()
    return header


def check_variables(where: str, headers: Iterable[Header], known: frozenset[str]) -> None:
    """Raise ConfigurationError for a variable that the local edge has no value for."""
    for header in headers:
        unknown = sorted(set(_VARIABLE.findall(header.value)) - known)
        if unknown:
            raise ConfigurationError(
                f"{where} has {{{unknown[0]}}} in {header.name}: the local edge has no such variable there"
            )


def custom_header(where: str, text: str) -> Header:
    """Return a custom header of a backend service, given as `Name: value`; it replaces.

    Source: External Application Load Balancer, "Create custom headers in backend services".
    """
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ConfigurationError(f"{where} must be like Name: value")
    return Header(name.strip(), value.strip(), True)


def _apply(headers: CIMultiDict[str], removed: Iterable[str], added: Iterable[Header]) -> None:
    for name in removed:
        headers.popall(name, None)
    for name, value, replace in added:
        values = [] if replace else headers.getall(name, [])
        headers.popall(name, None)
        headers[name] = ", ".join([*values, value])
