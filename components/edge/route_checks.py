"""Checks of the routes that an edge is to serve; `component` is the name that errors begin with."""

import re
from collections.abc import Sequence
from typing import Any

from .. import validation
from . import limits
from .arguments import EdgeRouteArgs

_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def check_routes(component: str, routes: Sequence[EdgeRouteArgs]) -> None:
    """Every route that is known when the component is made. Raises ArgumentError."""
    if not routes:
        raise validation.ArgumentError(component, "routes", "must name at least one route")
    for route in routes:
        _check_route(component, route)
    check_distinct(component, "model", [route["model"] for route in routes])
    check_distinct(component, "path", [route["path"] for route in routes if isinstance(route["path"], str)])


def check_distinct(component: str, what: str, values: Sequence[str]) -> None:
    """No model or path twice. Raises ArgumentError."""
    for twice in sorted({value for value in values if values.count(value) > 1}):
        raise validation.ArgumentError(component, "routes", f"has the {what} {twice} twice")


def check_path(component: str, path: str) -> str:
    """A path that the edge and the gateway take for the same. Raises ArgumentError."""
    validation.check_path(component, path)
    # An edge chooses the rule by the normalised path; CloudFront passes it on as it was sent.
    if len(path) > limits.MAX_PATH_CHARACTERS or {".", ".."} & set(path.split("/")):
        most = limits.MAX_PATH_CHARACTERS
        raise validation.ArgumentError(component, "path", f"must have at most {most} characters and no segment . or ..")
    return path


def key_headers(routes: Sequence[EdgeRouteArgs]) -> list[str]:
    """The headers that are part of any shareable model's key."""
    return sorted({name for route in routes if route["shareable"] for name in route.get("key_headers") or []})


def _check_route(component: str, route: EdgeRouteArgs) -> None:
    model = validation.check_name(component, "routes[].model", route.get("model"))
    for required in ("path", "shareable"):
        if route.get(required) is None:
            raise validation.ArgumentError(component, f"routes {model} {required}", "is missing")
    if isinstance(route["path"], str):
        check_path(component, route["path"])
    if route["shareable"]:
        _check_sharing(component, model, route)
    cors = route.get("cors")
    if cors is not None and not cors.get("origins"):
        raise validation.ArgumentError(component, f"routes {model} cors.origins", "is missing")
    seconds: Any = route.get("timeout_seconds", 1)
    if not isinstance(seconds, int | float) or not seconds > 0:
        raise validation.ArgumentError(
            component, f"routes {model} timeout_seconds", "must be a number of seconds above 0"
        )


def _check_sharing(component: str, model: str, route: EdgeRouteArgs) -> None:
    for needed in ("version_token", "ttl_seconds"):
        if not route.get(needed):
            raise validation.ArgumentError(component, f"routes {model} {needed}", "is needed by a shareable model")
    ttl: Any = route.get("ttl_seconds")
    if isinstance(ttl, int | float) and not (ttl == int(ttl) and 1 <= ttl <= limits.MAX_TTL_SECONDS):
        raise validation.ArgumentError(
            component, f"routes {model} ttl_seconds", f"must be a whole number from 1 to {limits.MAX_TTL_SECONDS}"
        )
    for name in route.get("key_headers") or []:
        if not isinstance(name, str) or not _HEADER.fullmatch(name) or name in limits.NO_KEY_HEADERS:
            raise validation.ArgumentError(
                component,
                f"routes {model} key_headers",
                "must be header names in lower case that the edge does not set or remove itself",
            )
