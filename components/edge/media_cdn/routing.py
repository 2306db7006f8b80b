"""Route rules of an EdgeCacheService: which requests are kept, which only pass, and as what they reach the gateway.

Media CDN documents no way to match by method, so what tells a prediction's GET from its POST is the parameter `input`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp import networkservices

from .. import limits
from ..arguments import INPUT_PARAMETER, MODEL_VERSION_HEADER, ORIGIN_VERIFY_HEADER, EdgeRouteArgs
from ..google.arguments import CACHE_STATUS_HEADER, HSTS, PATH_MATCHER
from ..google.cors import response_headers
from ..google.unkeyed_headers import INTERNAL, JSON_ACCEPT, REMOVED, unkeyed
from ..route_checks import check_path

Rule = networkservices.EdgeCacheServiceRoutingPathMatcherRouteRuleArgsDict
Match = networkservices.EdgeCacheServiceRoutingPathMatcherRouteRuleMatchRuleArgsDict
HeaderMatch = networkservices.EdgeCacheServiceRoutingPathMatcherRouteRuleMatchRuleHeaderMatchArgsDict
HeaderAction = networkservices.EdgeCacheServiceRoutingPathMatcherRouteRuleHeaderActionArgsDict
CdnPolicy = networkservices.EdgeCacheServiceRoutingPathMatcherRouteRuleRouteActionCdnPolicyArgsDict
Headers = Mapping[str, pulumi.Input[str]]

COMPONENT = "MediaCdnEdge"
# Status -> how long an error is kept. All others are not: with an explicit policy there are no defaults.
_NEGATIVE_CACHING = {"500": "1s", "502": "1s", "503": "1s", "504": "2s"}
_GIVEN: list[Any] = [{"name": INPUT_PARAMETER, "present_match": True}]


@dataclass(frozen=True)
class RoutingParts:
    """What rules refer to. `signed` are the cdn policy's fields that ask for a signature, on what is kept."""

    origin: pulumi.Input[str]
    host: pulumi.Input[str]
    secret: pulumi.Input[str]
    signed: CdnPolicy


def routing(
    aliases: Sequence[str], routes: Sequence[EdgeRouteArgs], parts: RoutingParts
) -> networkservices.EdgeCacheServiceRoutingArgsDict:
    """All rules, ordered by model, so that another order of the models changes nothing.

    No rule is for other paths: Media CDN answers 404 where none matches.
    """
    in_order = sorted(routes, key=lambda route: route["model"])
    rules = [rule for route in in_order for rule in _rules(route, parts)]
    for priority, rule in enumerate(rules, start=1):
        rule["priority"] = str(priority)
    most = limits.MEDIA_CDN_HOSTS
    hosts = [list(aliases[first : first + most]) for first in range(0, len(aliases), most)]
    return {
        "host_rules": [{"hosts": some, "path_matcher": PATH_MATCHER} for some in hosts],
        "path_matchers": [{"name": PATH_MATCHER, "route_rules": rules}],
    }


def _rules(route: EdgeRouteArgs, parts: RoutingParts) -> Iterator[Rule]:
    path = pulumi.Output.from_input(route["path"]).apply(lambda path: check_path(COMPONENT, path))
    model, names = route["model"], unkeyed(route)
    if not route["shareable"]:
        yield _pass(f"{model}: POST", [{"full_path_match": path}], ["POST", "OPTIONS"], parts)
        return
    for first in range(0, len(names), limits.MEDIA_CDN_MATCH_RULES):
        present = [
            _match(path, {"header_name": name, "present_match": True})
            for name in names[first : first + limits.MEDIA_CDN_MATCH_RULES]
        ]
        yield _pass(f"{model}: GET with a header that is not in the key", present, ["GET", "OPTIONS"], parts)
    yield _cached(path, route, parts)
    anything: list[Match] = [{"full_path_match": path}]
    yield _pass(f"{model}: POST, and GET of anything but JSON", anything, ["GET", "POST", "OPTIONS"], parts)


def _cached(path: pulumi.Input[str], route: EdgeRouteArgs, parts: RoutingParts) -> Rule:
    """The one rule whose answers are kept: everything that may change them is in the key, or not there."""
    accept: list[HeaderMatch] = [
        {"header_name": "accept", "present_match": True, "invert_match": True},
        *({"header_name": "accept", "exact_match": value} for value in JSON_ACCEPT),
    ]
    added: Headers = {
        ORIGIN_VERIFY_HEADER: parts.secret,
        MODEL_VERSION_HEADER: route.get("version_token", ""),
        "Accept": "application/json",  # one question, in whatever way it was asked
    }
    policy: CdnPolicy = {
        "cache_mode": "USE_ORIGIN_HEADERS",
        "cache_key_policy": {
            "exclude_host": True,  # the gateway is asked by its own name
            "include_protocol": False,
            "included_query_parameters": [INPUT_PARAMETER],
            "included_header_names": [MODEL_VERSION_HEADER.lower(), *sorted(set(route.get("key_headers") or []))],
        },
        "negative_caching": True,
        "negative_caching_policy": _NEGATIVE_CACHING,
        **parts.signed,
    }
    matches = [_match(path, condition) for condition in accept]
    action = _header_action(added, REMOVED, response_headers(route))
    return _rule(f"{route['model']}: GET", matches, ["GET"], action, policy, parts)


def _pass(description: str, matches: list[Match], methods: list[str], parts: RoutingParts) -> Rule:
    """To the gateway and back, nothing kept; without a version the gateway asks for the caller's own key."""
    action = _header_action({ORIGIN_VERIFY_HEADER: parts.secret}, (MODEL_VERSION_HEADER.lower(),), {})
    return _rule(description, matches, methods, action, {"cache_mode": "BYPASS_CACHE"}, parts)


def _rule(
    description: str,
    matches: list[Match],
    methods: list[str],
    action: HeaderAction,
    policy: CdnPolicy,
    parts: RoutingParts,
) -> Rule:
    return {
        "priority": "",  # its place, see routing()
        "description": description,
        "origin": parts.origin,
        "match_rules": matches,
        "route_methods": {"allowed_methods": methods},
        "header_action": action,
        "route_action": {"url_rewrite": {"host_rewrite": parts.host}, "cdn_policy": policy},
    }


def _header_action(added: Headers, removed: Sequence[str], shown: Headers) -> HeaderAction:
    shown = {
        "Cache-Control": "private, no-store",
        "Strict-Transport-Security": HSTS,
        "X-Content-Type-Options": "nosniff",
        CACHE_STATUS_HEADER: "{cdn_cache_status}",
        **shown,
    }
    return {
        "request_header_to_adds": [
            {"header_name": name, "header_value": value, "replace": True} for name, value in added.items()
        ],
        "request_header_to_removes": [{"header_name": name} for name in removed],
        "response_header_to_adds": [
            {"header_name": name, "header_value": value, "replace": True} for name, value in shown.items()
        ],
        "response_header_to_removes": [{"header_name": name} for name in INTERNAL],
    }


def _match(path: pulumi.Input[str], condition: HeaderMatch) -> Match:
    return {"full_path_match": path, "query_parameter_matches": _GIVEN, "header_matches": [condition]}
