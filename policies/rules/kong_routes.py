"""What stands together on a route of Kong: cache, key function, access, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pulumi_policy import Severity
from pulumi_policy.policy import PolicyResource

from .firewalls import limits_rates
from .kong_gateway import Route, cached_routes, keeps_bodies, routes
from .kong_types import (
    CACHES,
    DIGEST_HEADER,
    KEY_FUNCTION,
    RATE_LIMITS,
    SIZE_LIMIT,
    TRANSFORMERS,
    cached_methods,
    digest_headers,
    plugin_config,
)
from .reading import all_text, get, number, texts, where_known
from .rule import Settings, Stack, stack_rule

Found = Iterator[tuple[PolicyResource, str]]
_MAX_BODY = re.compile(r"max_?body_?(?:bytes|size)\W{1,6}(\d+)", re.IGNORECASE)
_SIZE_UNITS = {"megabytes": 2**20, "kilobytes": 2**10, "bytes": 1}
_MEGABYTES = "megabytes"
_DEFAULT_SIZE = 128
LOCK_HEADER = {
    "type": "string",
    "default": "origin[-_]?(verify|secret|token)",
    "description": "Regular expression of the names of headers by which an edge proves itself; case is ignored.",
}

NODE_HEADER = {
    "type": "string",
    "default": "prediction(shard|shadow)",
    "description": "Regular expression of the names of headers by which Kong's nodes know each other; case is ignored.",
}


@stack_rule(
    "kong-cache-one-key",
    description="Each cached route has exactly one cache and, for POST, exactly one function that computes its key.",
    mend="give the route, or its service, one proxy-cache and one pre-function that sets the digest header",
    severity=Severity.CRITICAL,
    config={"digestHeaders": DIGEST_HEADER},
)
def one_key(stack: Stack, settings: Settings) -> Found:
    """Without a function the client names the key itself."""
    for route in routes(stack):
        with where_known():
            caches = route.plugins(*CACHES)
            if len(caches) > 1:
                yield route.resource, f"has {len(caches)} caches, of which Kong runs the nearest"
            if caches and keeps_bodies(caches[0]):
                functions = route.plugins(KEY_FUNCTION)
                if not functions:
                    yield route.resource, "has a cache of POST and no pre-function that computes its key"
                headers = digest_headers(plugin_config(caches[0]), settings["digestHeaders"])
                setting = [function for function in functions if _names(function, headers)]
                if functions and headers and len(setting) != 1:
                    yield route.resource, f"has {len(setting)} pre-functions that set the header in its cache's key"


@stack_rule(
    "kong-cache-isolation",
    description="No caller gets an answer that the model gave to another caller's credential.",
    mend="ask for a key at Kong, add the credential's header to the key, or remove it with request-transformer",
    severity=Severity.CRITICAL,
    config={
        "credentialHeaders": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["authorization"],
            "description": "Headers by which a model may know callers.",
        }
    },
)
def isolation(stack: Stack, settings: Settings) -> Found:
    """A consumer of Kong is in proxy-cache's key; a credential that only the model knows is not."""
    for route, cache in cached_routes(stack):
        with where_known():
            if route.is_open:
                headers = set(texts(settings, "credentialHeaders")) - set(texts(plugin_config(cache), "vary_headers"))
                if any(not _handles(route, header) for header in headers):
                    yield cache, "passes callers' credentials to the model and gives one caller's answers to all"


@stack_rule(
    "kong-cache-body-buffer",
    description="Every body that can be answered from the cache fits into Kong's body buffer.",
    mend="lower the largest body that is cached or let in, or raise Kong's client_body_buffer_size and bufferBytes",
    severity=Severity.HIGH,
    config={
        "bufferBytes": {
            "type": "integer",
            "minimum": 1,
            "default": 1048576,
            "description": "client_body_buffer_size of the gateway; Kong's own default is 8192.",
        }
    },
)
def body_buffer(stack: Stack, settings: Settings) -> Found:
    """A larger body goes to a file, where a function that computes its digest does not see it."""
    for route, cache in cached_routes(stack):
        with where_known():
            if keeps_bodies(cache):
                limit = _largest_body(route)
                buffer = settings["bufferBytes"]
                if limit is None:
                    yield (
                        route.resource,
                        f"is cached by bodies of any size, and Kong's buffer holds {buffer:.12g} bytes",
                    )
                elif limit > buffer:
                    yield (
                        route.resource,
                        f"is cached by bodies of up to {limit:.12g} bytes, and Kong's buffer holds {buffer:.12g}",
                    )


@stack_rule(
    "kong-cache-methods",
    description="A cache keeps answers of methods that its route takes.",
    mend="set request_method to the methods of the route, and put the body into the key for POST",
    severity=Severity.MEDIUM,
)
def methods(stack: Stack, _: Settings) -> Found:
    """proxy-cache looks at GET and HEAD by default, and predictions are asked with POST."""
    for route, cache in cached_routes(stack):
        with where_known():
            taken, kept = set(texts(route.resource.props, "methods")), cached_methods(plugin_config(cache))
            if taken and not taken & kept:
                shown = " and ".join(sorted(method.upper() for method in kept))
                yield cache, f"keeps nothing: it looks at {shown}, which its route does not take"


@stack_rule(
    "kong-open-route-rate-limit",
    description="A route that anybody may use has a rate limit.",
    mend="add rate-limiting to the route or its service, or ask for a key",
    severity=Severity.HIGH,
    config={"lockHeaders": LOCK_HEADER, "nodeHeaders": NODE_HEADER},
)
def rate_limit(stack: Stack, settings: Settings) -> Found:
    """An edge of this stack whose firewall limits rates will do, where Kong lets nobody in past the edge."""
    firewalled = any(limits_rates(resource) for resource in stack)
    for route in routes(stack):
        with where_known():
            if route.is_open and not route.plugins(*RATE_LIMITS) and not _is_for_nodes(route, settings):
                lock = re.compile(settings["lockHeaders"], re.IGNORECASE)
                if not firewalled or not lock.search(_functions_text(route)):
                    yield route.resource, "is open to everybody without a rate limit"


@stack_rule(
    "kong-open-route-size-limit",
    description="A route that anybody may use has a limit for the size of requests.",
    mend="add request-size-limiting to the route or its service, or ask for a key",
    severity=Severity.MEDIUM,
    config={"nodeHeaders": NODE_HEADER},
)
def size_limit(stack: Stack, settings: Settings) -> Found:
    """Kong takes bodies of any size by default."""
    for route in routes(stack):
        with where_known():
            if route.is_open and not route.plugins(SIZE_LIMIT) and not _is_for_nodes(route, settings):
                yield route.resource, "is open to everybody without a limit for the size of requests"


def _is_for_nodes(route: Route, settings: Settings) -> bool:
    """Whether the route is one by which Kong's nodes ask each other, after the limits of the route that was called."""
    return re.search(settings["nodeHeaders"], _functions_text(route), re.IGNORECASE) is not None


def _names(function: PolicyResource, headers: list[str]) -> bool:
    text = all_text(plugin_config(function)).lower()
    return any(header.lower() in text for header in headers)


def _handles(route: Route, header: str) -> bool:
    """Whether the header does not get to the model, or has been thought of by the key function."""
    removed = [
        name for plugin in route.plugins(*TRANSFORMERS) for name in texts(plugin_config(plugin), "remove", "headers")
    ]
    return header in removed or header in _functions_text(route).lower()


def _functions_text(route: Route) -> str:
    return all_text([plugin_config(function) for function in route.plugins(KEY_FUNCTION)])


def _largest_body(route: Route) -> float | None:
    """Of what is cached, as the key function says; else of what is let in."""
    said = _MAX_BODY.search(_functions_text(route))
    if said:
        return int(said[1])
    sizes = []
    for plugin in route.plugins(SIZE_LIMIT):
        config = plugin_config(plugin)
        size = number(get(config, "allowed_payload_size", default=_DEFAULT_SIZE)) or 0
        sizes.append(size * _SIZE_UNITS.get(get(config, "size_unit"), _SIZE_UNITS[_MEGABYTES]))
    return min(sizes, default=None)


RULES = [one_key, isolation, body_buffer, methods, rate_limit, size_limit]
