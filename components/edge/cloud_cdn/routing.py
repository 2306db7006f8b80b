"""Route rules of the URL map: which requests are kept, which only pass, and which are answered with 404."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi
from pulumi_gcp import compute

from ..arguments import INPUT_PARAMETER, EdgeRouteArgs
from ..google.arguments import PATH_MATCHER
from ..google.rule_counts import PASSING_METHODS, VERSION
from ..google.unkeyed_headers import JSON_ACCEPT, REMOVED, unkeyed
from ..route_checks import check_path

Rule = compute.URLMapPathMatcherRouteRuleArgsDict
Match = compute.URLMapPathMatcherRouteRuleMatchRuleArgsDict
HeaderMatch = compute.URLMapPathMatcherRouteRuleMatchRuleHeaderMatchArgsDict

COMPONENT = "CloudCdnEdge"
_GIVEN: list[Any] = [{"name": INPUT_PARAMETER, "present_match": True}]
# The load balancer answers by itself, before it looks for a backend.
NOT_FOUND: Any = {"fault_injection_policy": {"abort": {"http_status": 404, "percentage": 100.0}}}


def path_matcher(
    routes: Sequence[EdgeRouteArgs],
    cached: Mapping[str, pulumi.Input[str]],
    passing: pulumi.Input[str],
    nowhere: pulumi.Input[str],
) -> compute.URLMapPathMatcherArgsDict:
    """All rules, ordered by model, so that another order of the models changes nothing.

    `cached`: by model, the backend service that keeps its answers; `passing`: the one that keeps nothing; `nowhere`:
    one without backends, for what no rule is for.
    """
    in_order = sorted(routes, key=lambda route: route["model"])
    rules = [rule for route in in_order for rule in _rules(route, cached.get(route["model"]), passing)]
    for priority, rule in enumerate(rules, start=1):
        rule["priority"] = priority
    return {
        "name": PATH_MATCHER,
        "default_service": nowhere,
        "default_route_action": NOT_FOUND,
        "route_rules": rules,
    }


def _rules(route: EdgeRouteArgs, cached: Any, passing: pulumi.Input[str]) -> Iterator[Rule]:
    path = pulumi.Output.from_input(route["path"]).apply(lambda path: check_path(COMPONENT, path))
    if route["shareable"]:
        names = unkeyed(route, VERSION)
        past = [_match(path, {"header_name": name, "present_match": True}) for name in names]
        yield _rule(past, passing, (VERSION,))
        yield _cached(path, cached)
    methods = [*PASSING_METHODS, "GET"] if route["shareable"] else [*PASSING_METHODS]
    yield _rule([_match(path, _method(method)) for method in methods], passing, (VERSION,))


def _cached(path: pulumi.Input[str], service: pulumi.Input[str]) -> Rule:
    """The one rule whose answers are kept: everything that may change them is in the key, or not there."""
    accept: list[HeaderMatch] = [
        {"header_name": "accept", "present_match": True, "invert_match": True},
        *({"header_name": "accept", "exact_match": value} for value in JSON_ACCEPT),
    ]
    matches: list[Match] = [
        {
            "full_path_match": path,
            "query_parameter_matches": _GIVEN,
            "header_matches": [_method("GET"), condition],
        }
        for condition in accept
    ]
    return _rule(matches, service, REMOVED)


def _rule(matches: list[Match], service: pulumi.Input[str], removed: Sequence[str]) -> Rule:
    return {
        "priority": 0,  # its place, see path_matcher()
        "match_rules": matches,
        "service": service,
        "header_action": {"request_headers_to_removes": list(removed)},
        # Without a policy of its own a load balancer repeats a GET that failed: the model would work twice.
        "route_action": {"retry_policy": {"num_retries": 1, "retry_conditions": ["connect-failure"]}},
    }


def _method(method: str) -> HeaderMatch:
    return {"header_name": ":method", "exact_match": method}


def _match(path: pulumi.Input[str], condition: HeaderMatch) -> Match:
    return {"full_path_match": path, "header_matches": [condition]}
