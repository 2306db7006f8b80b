"""One route rule of an EdgeCacheService."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.edge.fields import Fields
from local.edge.google.cors import CorsPolicy
from local.edge.google.header_action import RESPONSE_VARIABLES, HeaderAction, added_header, check_variables
from local.edge.google.matching import MatchRule
from local.edge.google.redirect import UrlRedirect, UrlRewrite
from local.edge.media_cdn.cdn_policy import CdnPolicy
from local.edge.media_cdn.origin import EdgeCacheOrigin
from local.edge.media_cdn.signed_request import Keyset
from local.edge.viewer_request import ViewerRequest

_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH")


@dataclass(frozen=True)
class RouteRule:
    """A route rule with everything that it refers to; it has either an origin or a redirect.

    compressionMode has no effect: the local edge compresses nothing. Source: API reference, EdgeCacheService.RouteRule.
    """

    priority: int
    match_rules: tuple[MatchRule, ...]
    action: HeaderAction
    methods: frozenset[str]
    origin: EdgeCacheOrigin | None
    redirect: UrlRedirect | None
    rewrite: UrlRewrite
    cdn: CdnPolicy
    cors: CorsPolicy | None

    def fitting(self, request: ViewerRequest) -> MatchRule | None:
        """Return the matchRule that the request fits."""
        return next((one for one in self.match_rules if one.matches(request)), None)

    @classmethod
    def read(cls, fields: Fields, origins: Mapping[str, EdgeCacheOrigin], keysets: Mapping[str, Keyset]) -> RouteRule:
        fields.without_effect("description")
        priority = fields.text("priority")
        if not priority.isdigit() or not 1 <= int(priority) <= 999:
            raise fields.error(f"has the priority '{priority}', which is no number from 1 to 999 in a string")
        route = fields.child("routeAction") or Fields(f"{fields.where}.routeAction", {})
        route.without_effect("compressionMode")
        origin = fields.text("origin", "").rpartition("/")[2]
        if origin and origin not in origins:
            raise fields.error(f"names the origin {origin}, which is not registered")
        rule = cls(
            priority=int(priority),
            match_rules=tuple(MatchRule.read(one, False) for one in fields.children("matchRules", required=True)),
            action=_header_action(fields.child("headerAction")),
            methods=_methods(fields.child("routeMethods")),
            origin=origins.get(origin),
            redirect=UrlRedirect.read(fields.child("urlRedirect")),
            rewrite=UrlRewrite.read(route.child("urlRewrite")),
            cdn=CdnPolicy.read(route.child("cdnPolicy") or Fields(f"{route.where}.cdnPolicy", {}), keysets),
            cors=CorsPolicy.read(route.child("corsPolicy")),
        )
        if (rule.origin is None) == (rule.redirect is None):
            raise fields.error("needs either an origin or a urlRedirect")
        route.end()
        fields.end()
        return rule


def _methods(fields: Fields | None) -> frozenset[str]:
    given = fields.texts("allowedMethods") if fields else []
    wrong = [method for method in given if method not in _METHODS]
    if fields:
        fields.end()
        if wrong:
            raise fields.error(f"has the methods {', '.join(wrong)}, which Media CDN does not know")
    return frozenset(given or ("GET", "HEAD", "OPTIONS"))


def _header_action(fields: Fields | None) -> HeaderAction:
    if fields is None:
        return HeaderAction()
    action = HeaderAction(
        request_removed=frozenset(_name(one) for one in fields.children("requestHeaderToRemoves")),
        request_added=tuple(added_header(one) for one in fields.children("requestHeaderToAdds")),
        response_removed=frozenset(_name(one) for one in fields.children("responseHeaderToRemoves")),
        response_added=tuple(added_header(one) for one in fields.children("responseHeaderToAdds")),
    )
    check_variables(fields.where, action.request_added, frozenset())
    check_variables(fields.where, action.response_added, RESPONSE_VARIABLES)
    fields.end()
    return action


def _name(fields: Fields) -> str:
    name = fields.text("headerName")
    fields.end()
    return name
