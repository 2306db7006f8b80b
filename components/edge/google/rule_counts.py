"""How much of a product's limits a route takes, known before anything is made."""

from .. import limits
from ..arguments import MODEL_VERSION_HEADER, EdgeRouteArgs
from .unkeyed_headers import JSON_ACCEPT, unkeyed

PASSING_METHODS = ("POST", "OPTIONS")  # of every route; shareable ones also pass the GETs that are not kept
VERSION = MODEL_VERSION_HEADER.lower()  # a viewer's own goes past Cloud CDN, which cannot overwrite it by a rule


def route_rule_count(route: EdgeRouteArgs) -> int:
    """Route rules of Media CDN: those past the cache, the one that keeps, the one for the rest."""
    if not route["shareable"]:
        return 1
    return -(-len(unkeyed(route)) // limits.MEDIA_CDN_MATCH_RULES) + 2


def predicate_count(route: EdgeRouteArgs) -> int:
    """Conditions of a URL map: path and header; path, query, method and Accept; path and method."""
    passing = 2 * len(PASSING_METHODS)
    if not route["shareable"]:
        return passing
    return 2 * len(unkeyed(route, VERSION)) + 4 * (1 + len(JSON_ACCEPT)) + passing + 2
