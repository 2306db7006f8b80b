"""How long a stored answer may be used, and what Cache-Control says about it."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

_DIRECTIVE = re.compile(r'([A-Za-z0-9_-]+)(?:\s*=\s*("[^"]*"|[^\s,;"]*))?')


@dataclass(frozen=True)
class Lifetime:
    """Seconds that an answer is fresh (0: not stored), then servable while revalidating, then when the origin fails.

    Both stale windows begin when it is no longer fresh.
    """

    fresh_seconds: float
    revalidating_seconds: float = 0
    failing_seconds: float = 0


NOT_STORED = Lifetime(0)


def cache_directives(headers: CIMultiDict[str]) -> dict[str, str]:
    """Return the directives of Cache-Control, names in lower case; of several with one name the least time counts."""
    found: dict[str, str] = {}
    for name, value in _DIRECTIVE.findall(", ".join(headers.getall("Cache-Control", []))):
        name, value = name.lower(), value.strip('"')
        if name not in found or seconds_of(value) < seconds_of(found[name]):
            found[name] = value
    return found


def told_seconds(directives: Mapping[str, str]) -> float | None:
    """Return what the directives say for a shared cache; None: nothing."""
    for name in ("s-maxage", "max-age"):
        if name in directives:
            return seconds_of(directives[name])
    return None


def seconds_of(value: str) -> float:
    """Return the seconds of a directive's value; what is not a number of seconds counts as none."""
    return float(value) if re.fullmatch("[0-9]{1,10}", value) else 0


def seconds_until(date: str, now: float) -> float:
    """Return the seconds from now (Unix time) until an HTTP date; 0 for one that is over or no date."""
    try:
        return max(0, email.utils.parsedate_to_datetime(date).timestamp() - now)
    except ValueError:
        return 0
