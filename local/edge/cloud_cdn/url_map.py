"""A URL map: host rules, path matchers, and their rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from local.edge.cloud_cdn.backend_service import BackendService
from local.edge.cloud_cdn.route import Route, header_action
from local.edge.fields import Fields
from local.edge.google.header_action import HeaderAction
from local.edge.google.host_rules import host_rule, read_host_rules
from local.edge.google.matching import MatchRule
from local.edge.viewer_request import ViewerRequest

_DEFAULTS = ("defaultService", "defaultUrlRedirect", "defaultRouteAction")


@dataclass(frozen=True)
class PathMatcher:
    """Rules in the order in which they count, each with its conditions, then the default."""

    rules: tuple[tuple[tuple[MatchRule, ...], Route], ...]
    default: Route

    def route(self, request: ViewerRequest) -> tuple[Route, MatchRule | None]:
        for conditions, route in self.rules:
            for condition in conditions:
                if condition.matches(request):
                    return route, condition
        return self.default, None


@dataclass(frozen=True)
class UrlMap:
    """gcp:compute/uRLMap:URLMap with all that it refers to; default None: it answers 404 where no host rule fits.

    Route rules count by their priority; path rules by the longest path, an exact one before one with `/*`. Custom error
    responses are refused. Sources: External Application Load Balancer, "URL maps overview"; API reference, URL maps.
    """

    id: str
    hosts: Mapping[str, PathMatcher]
    default: Route | None

    def route(self, request: ViewerRequest) -> tuple[Route | None, MatchRule | None]:
        """Return what to do with the request, and the condition that it fits."""
        matcher = host_rule(self.hosts, request.host)
        return matcher.route(request) if matcher is not None else (self.default, None)

    @classmethod
    def read(cls, resource_id: str, fields: Fields, services: Mapping[str, BackendService]) -> UrlMap:
        fields.without_effect("name", "description", "project", "deletionPolicy", "tests")
        actions = header_action(fields.child("headerAction"))
        default = Route.read(fields, services, _DEFAULTS)
        matchers = dict(_path_matcher(one, services, actions) for one in fields.children("pathMatchers"))
        url_map = cls(
            id=resource_id,
            hosts=read_host_rules(fields, matchers),
            default=dataclasses.replace(default, actions=actions) if default is not None else None,
        )
        fields.end()
        return url_map


def _path_matcher(
    fields: Fields, services: Mapping[str, BackendService], outer: tuple[HeaderAction, ...]
) -> tuple[str, PathMatcher]:
    fields.without_effect("description")
    name = fields.text("name")
    actions = (*header_action(fields.child("headerAction")), *outer)
    default = Route.read(fields, services, _DEFAULTS)
    if default is None:
        raise fields.error("needs a defaultService, a defaultUrlRedirect or a defaultRouteAction")
    ranked = [_route_rule(one, services, default, actions) for one in fields.children("routeRules")]
    by_path = [rule for one in fields.children("pathRules") for rule in _path_rules(one, services, default, actions)]
    fields.end()
    if ranked and by_path:
        raise fields.error("has both pathRules and routeRules")
    if len({priority for priority, *_ in ranked}) != len(ranked):
        raise fields.error("has two route rules with one priority")
    rules = [(conditions, route) for _, conditions, route in sorted(ranked, key=lambda one: one[0])]
    rules += [(conditions, route) for _, conditions, route in sorted(by_path, key=lambda one: one[0], reverse=True)]
    return name, PathMatcher(tuple(rules), dataclasses.replace(default, actions=actions))


def _route_rule(
    fields: Fields, services: Mapping[str, BackendService], default: Route, outer: tuple[HeaderAction, ...]
) -> tuple[int, tuple[MatchRule, ...], Route]:
    fields.without_effect("description")
    priority = fields.integer("priority", None, 0, 2**31 - 1)
    conditions = tuple(MatchRule.read(one, True) for one in fields.children("matchRules", required=True))
    actions = (*header_action(fields.child("headerAction")), *outer)
    route = dataclasses.replace(_complete(Route.read(fields, services), default), actions=actions)
    fields.end()
    return priority, conditions, route


def _path_rules(
    fields: Fields, services: Mapping[str, BackendService], default: Route, outer: tuple[HeaderAction, ...]
) -> list[tuple[tuple[int, bool], tuple[MatchRule, ...], Route]]:
    paths = fields.texts("paths", required=True)
    route = dataclasses.replace(_complete(Route.read(fields, services), default), actions=outer)
    fields.end()
    return [((len(path), not path.endswith("*")), (_path_condition(fields, path),), route) for path in paths]


def _path_condition(fields: Fields, path: str) -> MatchRule:
    if not path.startswith("/") or "*" in path.removesuffix("/*"):
        raise fields.error(f"has the path {path}, which must start with / and may have * only as /* at its end")
    given = {"prefixMatch": path[:-1]} if path.endswith("/*") else {"fullPathMatch": path}
    return MatchRule.read(Fields(fields.where, given), True)


def _complete(route: Route | None, default: Route) -> Route:
    """A rule without a service of its own has the default one."""
    if route is None:
        return default
    if route.service is None and route.redirect is None and not route.abort_status:
        return dataclasses.replace(route, service=default.service)
    return route
