"""Checks of component arguments whose values are known when the component is made."""

import re
from typing import Any
from urllib.parse import urlsplit

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_PATH = re.compile(r"/(?:[A-Za-z0-9._~:-]+(?:/[A-Za-z0-9._~:-]+)*)?")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")  # a name or an address


class ArgumentError(ValueError):
    """An argument that a component cannot work with; names the component, the argument and what is allowed."""

    def __init__(self, component: str, argument: str, allowed: str) -> None:
        super().__init__(f"{component}: {argument} {allowed}")


def check_name(component: str, argument: str, value: Any) -> str:
    """A name that may stand in Kong names and tags."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ArgumentError(component, argument, "must be 1 to 40 lower-case letters, digits and hyphens, letter first")
    return value


def check_choice(component: str, argument: str, value: Any, choices: tuple[str, ...]) -> str:
    """One of the given words; an enum member passes for its value."""
    word = getattr(value, "value", value)
    if word not in choices:
        raise ArgumentError(component, argument, f"must be one of {', '.join(choices)}")
    return str(word)


def check_path(component: str, value: str) -> str:
    """An exact path of a route."""
    if not _PATH.fullmatch(value):
        raise ArgumentError(
            component, "path", "must be an exact path such as /digits/predict: letters, digits and . _ ~ : -"
        )
    return value


def check_known(component: str, argument: str, given: Any, known: frozenset[str]) -> None:
    """No argument that the component does not have: a misspelt one would silently do nothing."""
    for name in sorted(set(given) - known):
        raise ArgumentError(component, f"{argument}{name}", f"is not an argument; known are {', '.join(sorted(known))}")


def split_endpoint(component: str, url: str) -> tuple[str, str, int, str]:
    """protocol, host, port and path of an http(s) URL; path "/" when it has none. Raises ArgumentError."""
    invalid_port = ArgumentError(component, "endpoint", "must be a URL with a valid port")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise invalid_port from None
    if port == 0:
        raise invalid_port
    has_more = parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.hostname or "") or has_more:
        raise ArgumentError(
            component, "endpoint", "must be an http or https URL with a host and no query, fragment or credentials"
        )
    return parts.scheme, str(parts.hostname), port or (443 if parts.scheme == "https" else 80), parts.path or "/"
