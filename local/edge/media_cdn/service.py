"""One EdgeCacheService: its hosts and their route rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from local.edge.fields import Fields
from local.edge.google.host_rules import host_rule, read_host_rules
from local.edge.google.matching import MatchRule
from local.edge.media_cdn.origin import EdgeCacheOrigin
from local.edge.media_cdn.route_rule import RouteRule
from local.edge.media_cdn.signed_request import Keyset
from local.edge.resource import Resource
from local.edge.viewer_request import ViewerRequest

_KEYSET = "gcp:networkservices/edgeCacheKeyset:EdgeCacheKeyset"
_ORIGIN = "gcp:networkservices/edgeCacheOrigin:EdgeCacheOrigin"
_SERVICE = "gcp:networkservices/edgeCacheService:EdgeCacheService"
# What these ask for cannot be had on one machine (certificates, protocols, firewall, logs) or changes no answer.
_WITHOUT_EFFECT = (
    "deletionPolicy",
    "description",
    "disableHttp2",
    "disableQuic",
    "edgeSecurityPolicy",
    "edgeSslCertificates",
    "labels",
    "logConfig",
    "name",
    "project",
    "requireTls",
    "sslPolicy",
)


@dataclass(frozen=True)
class EdgeCacheService:
    """gcp:networkservices/edgeCacheService:EdgeCacheService with all that it refers to.

    Source: API reference, EdgeCacheService; Media CDN, "Configure service routes".
    """

    id: str
    name: str
    hosts: Mapping[str, tuple[RouteRule, ...]]
    enabled: ClassVar[bool] = True

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.hosts) - {"*"}

    def route(self, request: ViewerRequest) -> tuple[RouteRule, MatchRule] | None:
        """Return the rule of the lowest priority number that the request fits, and how; None: there is none."""
        for rule in host_rule(self.hosts, request.host) or ():
            fitting = rule.fitting(request)
            if fitting is not None:
                return rule, fitting
        return None

    @classmethod
    def read(
        cls, resource: Resource, origins: Mapping[str, EdgeCacheOrigin], keysets: Mapping[str, Keyset]
    ) -> EdgeCacheService:
        fields = resource.fields
        fields.without_effect(*_WITHOUT_EFFECT)
        routing = fields.child("routing", required=True)
        assert routing is not None
        matchers = dict(_path_matcher(one, origins, keysets) for one in routing.children("pathMatchers", required=True))
        service = cls(id=resource.id, name=short_name(resource), hosts=read_host_rules(routing, matchers))
        routing.end()
        fields.end()
        return service


def edge_cache_services(resources: Iterable[Resource]) -> dict[str, EdgeCacheService]:
    """Return the services by name."""
    resources = list(resources)
    origins = {
        short_name(one): EdgeCacheOrigin.read(short_name(one), one.fields) for one in resources if one.type == _ORIGIN
    }
    keysets = {short_name(one): Keyset.read(one.fields) for one in resources if one.type == _KEYSET}
    services = (EdgeCacheService.read(one, origins, keysets) for one in resources if one.type == _SERVICE)
    return {one.name: one for one in services}


def short_name(resource: Resource) -> str:
    """Return the last part of a resource's id, which is its name."""
    return resource.id.rpartition("/")[2]


def _path_matcher(
    fields: Fields, origins: Mapping[str, EdgeCacheOrigin], keysets: Mapping[str, Keyset]
) -> tuple[str, tuple[RouteRule, ...]]:
    fields.without_effect("description")
    name = fields.text("name")
    rules = [RouteRule.read(one, origins, keysets) for one in fields.children("routeRules", required=True)]
    fields.end()
    if len({one.priority for one in rules}) != len(rules):
        raise fields.error("has two route rules with one priority")
    return name, tuple(sorted(rules, key=lambda one: one.priority))
