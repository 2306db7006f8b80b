"""Kong's routes with the plugins that work on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_policy.policy import PolicyResource

from .kong_types import (
    AUTHENTICATION,
    BODY_METHODS,
    CACHES,
    PLUGIN,
    ROUTE,
    SERVICE,
    cached_methods,
    is_plugin,
    plugin_config,
)
from .reading import get
from .relations import is_set, of_type, refers
from .rule import Stack


@dataclass(frozen=True)
class Route:
    """A route. Usage: ``for route in routes(stack): route.plugins("proxy-cache")``.

    Reading a plugin raises UnknownValueError while it is not known what it works on, or which one it is.
    """

    resource: PolicyResource
    service: PolicyResource | None
    stack: Stack

    def plugins(self, *names: str) -> list[PolicyResource]:
        """The plugins of these names that work on every request of the route, whoever sends it."""
        return [
            plugin
            for plugin in of_type(self.stack, PLUGIN)
            if is_plugin(plugin, *names) and not is_set(plugin, "consumerId") and self._has(plugin)
        ]

    @property
    def is_open(self) -> bool:
        """Whether anybody may come: no plugin asks who it is, or one lets the anonymous in."""
        return not any(not get(plugin_config(plugin), "anonymous") for plugin in self.plugins(*AUTHENTICATION))

    def _has(self, plugin: PolicyResource) -> bool:
        if is_set(plugin, "routeId"):
            return refers(plugin, "routeId", self.resource)
        if not is_set(plugin, "serviceId"):
            return True
        if self.service is not None:
            return refers(plugin, "serviceId", self.service)
        return is_set(self.resource, "serviceId") and get(plugin.props, "serviceId") == get(
            self.resource.props, "serviceId"
        )


def routes(stack: Stack) -> Iterator[Route]:
    """All routes of a stack."""
    services = of_type(stack, SERVICE)
    for route in of_type(stack, ROUTE):
        service = next((service for service in services if refers(route, "serviceId", service)), None)
        yield Route(route, service, stack)


def cached_routes(stack: Stack) -> Iterator[tuple[Route, PolicyResource]]:
    """Every route that has a cache, with each of its caches."""
    for route in routes(stack):
        for cache in route.plugins(*CACHES):
            yield route, cache


def keeps_bodies(cache: PolicyResource) -> bool:
    """Whether a cache answers requests that have a body."""
    return bool(cached_methods(plugin_config(cache)) & BODY_METHODS)
