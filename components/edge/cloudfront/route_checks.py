"""Checks of the routes that an edge is to serve."""

import re
from collections.abc import Sequence
from typing import Any

from ... import validation
from .. import limits
from ..arguments import EdgeRouteArgs
from .function import COMPONENT

_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def check_routes(routes: Sequence[EdgeRouteArgs]) -> None:
    """Every route that is known when the component is made. Raises ArgumentError."""
    if not routes:
        raise _error("routes", "must name at least one route")
    for route in routes:
        _check_route(route)
    check_distinct("model", [route["model"] for route in routes])
    check_distinct("path", [route["path"] for route in routes if isinstance(route["path"], str)])
    if sum(bool(route["shareable"]) for route in routes) > limits.MAX_SHAREABLE_ROUTES:
        raise _error("routes", f"may have {limits.MAX_SHAREABLE_ROUTES} shareable models: use another edge for more")
    if len(key_headers(routes)) > limits.MAX_KEY_HEADERS:
        raise _error("routes", f"may have {limits.MAX_KEY_HEADERS} different key_headers in all")


def check_distinct(what: str, values: Sequence[str]) -> None:
    """No model or path twice. Raises ArgumentError."""
    for twice in sorted({value for value in values if values.count(value) > 1}):
        raise _error("routes", f"has the {what} {twice} twice")


def check_path(path: str) -> str:
    """A path that CloudFront and the gateway take for the same. Raises ArgumentError."""
    validation.check_path(COMPONENT, path)
    # CloudFront chooses the behaviour by the normalised path and passes on the path as it was sent.
    if len(path) > limits.MAX_PATH_CHARACTERS or {".", ".."} & set(path.split("/")):
        most = limits.MAX_PATH_CHARACTERS
        raise _error("path", f"must have at most {most} characters and no segment . or ..")
    return path


def key_headers(routes: Sequence[EdgeRouteArgs]) -> list[str]:
    """The headers that are part of any shareable model's key."""
    return sorted({name for route in routes if route["shareable"] for name in route.get("key_headers") or []})


def _check_route(route: EdgeRouteArgs) -> None:
    model = validation.check_name(COMPONENT, "routes[].model", route.get("model"))
    for required in ("path", "shareable"):
        if route.get(required) is None:
            raise _error(f"routes {model} {required}", "is missing")
    if isinstance(route["path"], str):
        check_path(route["path"])
    for needed in ("version_token", "ttl_seconds"):
        if route["shareable"] and not route.get(needed):
            raise _error(f"routes {model} {needed}", "is needed by a shareable model")
    ttl: Any = route.get("ttl_seconds")
    if isinstance(ttl, int | float) and not (ttl == int(ttl) and 1 <= ttl <= limits.MAX_TTL_SECONDS):
        raise _error(f"routes {model} ttl_seconds", f"must be a whole number from 1 to {limits.MAX_TTL_SECONDS}")
    for name in route.get("key_headers") or []:
        if not isinstance(name, str) or not _HEADER.fullmatch(name) or name in limits.NO_KEY_HEADERS:
            raise _error(
                f"routes {model} key_headers",
                "must be header names in lower case that the edge does not set or remove itself",
            )
    cors = route.get("cors")
    if cors is not None and not cors.get("origins"):
        raise _error(f"routes {model} cors.origins", "is missing")
    seconds: Any = route.get("timeout_seconds", 1)
    if not isinstance(seconds, int | float) or not seconds > 0:
        raise _error(f"routes {model} timeout_seconds", "must be a number of seconds above 0")


def _error(argument: str, allowed: str) -> validation.ArgumentError:
    return validation.ArgumentError(COMPONENT, argument, allowed)
