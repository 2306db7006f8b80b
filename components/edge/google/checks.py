"""Checks of what the edges on Google Cloud have in common: what Google would refuse late, or take and do wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from ... import validation
from ...gateway.arguments import CorsArgs
from .. import arguments as edge
from .. import limits
from ..route_checks import check_routes
from .arguments import CloudCdnEdgeArgs, GoogleAlarmArgs, GoogleFirewallArgs, GoogleLogArgs, MediaCdnEdgeArgs

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_ALIAS = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class Product:
    """What sets Google's two edges apart: the component and product that messages name, arguments, limits."""

    component: str
    name: str
    arguments: type
    origin: type
    max_timeout_seconds: int
    max_key_headers: int
    max_certificates: int

    def error(self, argument: str, allowed: str) -> validation.ArgumentError:
        return validation.ArgumentError(self.component, argument, allowed)

    def check_common(self, name: str, args: Any) -> None:
        """Everything that both products have, as far as it is known early. Raises ArgumentError."""
        most = limits.GOOGLE_NAME_CHARACTERS
        if not _NAME.fullmatch(name) or len(name) > most:
            raise self.error("name", f"must be 1 to {most} lower-case letters, digits and hyphens, letter first")
        self._check_names(args)
        check_routes(self.component, args.get("routes") or [])
        for route in args["routes"]:
            self._check_key_headers(route)
        self._check_origin(args)
        self._check_aliases(args)
        self._check_geo_restriction(args.get("geo_restriction") or {})
        self._check_operations(args)

    def _check_names(self, args: Any) -> None:
        self._check_known("", args, self.arguments)
        origin = args.get("origin") or {}
        sections: list[tuple[str, Mapping[str, Any], type]] = [
            ("origin.", origin, self.origin),
            ("firewall.", args.get("firewall") or {}, GoogleFirewallArgs),
            ("logs.", args.get("logs") or {}, GoogleLogArgs),
            ("alarms.", args.get("alarms") or {}, GoogleAlarmArgs),
            ("geo_restriction.", args.get("geo_restriction") or {}, edge.GeoRestrictionArgs),
        ]
        for route in args.get("routes") or []:
            sections += [
                ("routes[].", route, edge.EdgeRouteArgs),
                ("routes[].cors.", route.get("cors") or {}, CorsArgs),
            ]
        for prefix, given, known in sections:
            validation.check_known(self.component, prefix, given, frozenset(known.__annotations__))
        for required in ("origin", "origin_secret"):
            if not args.get(required):
                raise self.error(required, "is missing")
        if not origin.get("domain"):
            raise self.error("origin.domain", "is missing")

    def _check_known(self, prefix: str, given: Mapping[str, Any], known: type) -> None:
        others: dict[str, type] = {
            "CloudFrontEdge": edge.CloudFrontEdgeArgs,
            "MediaCdnEdge": MediaCdnEdgeArgs,
            "CloudCdnEdge": CloudCdnEdgeArgs,
        }
        for name in sorted(set(given) - set(known.__annotations__)):
            owners = [owner for owner, theirs in others.items() if name in theirs.__annotations__]
            if owners:
                raise self.error(f"{prefix}{name}", f"is an argument of {' and '.join(owners)}, {self.name} has none")
        validation.check_known(self.component, prefix, given, frozenset(known.__annotations__))

    def _check_key_headers(self, route: edge.EdgeRouteArgs) -> None:
        if not route["shareable"]:
            return
        names, argument = route.get("key_headers") or [], f"routes {route['model']} key_headers"
        for name in names:
            if name in limits.GOOGLE_NO_KEY_HEADERS or name.startswith(limits.GOOGLE_NO_KEY_HEADER_PREFIXES):
                raise self.error(argument, f"has {name}, by which {self.name} keeps no key")
        if len(set(names)) > self.max_key_headers:
            raise self.error(argument, f"may have {self.max_key_headers} names")

    def _check_origin(self, args: Any) -> None:
        origin = args["origin"]
        domain, protocol = origin["domain"], origin.get("protocol", "https")
        validation.check_choice(self.component, "origin.protocol", protocol, ("https", "http"))
        if isinstance(domain, str):
            if domain not in edge.LOCALHOST and not _HOST.fullmatch(domain):
                raise self.error("origin.domain", "must be a host name without scheme, port and path")
            if protocol == "http" and domain not in edge.LOCALHOST:
                raise self.error("origin.protocol", "must be https: http is for an origin on localhost")
        elif protocol == "http":
            raise self.error("origin.protocol", "must be https for a domain that is known only when it is deployed")
        self.check_whole("origin.port", origin.get("port"), 1, limits.MAX_HIGH_ORIGIN_PORT)
        seconds, most = origin.get("read_timeout_seconds"), self.max_timeout_seconds
        self.check_whole("origin.read_timeout_seconds", seconds, 1, most)
        for route in args["routes"]:
            needed = route.get("timeout_seconds", edge.ROUTE_TIMEOUT_SECONDS)
            if needed > (most if seconds is None else seconds):
                longest = (
                    f"{most}, {self.name}'s own limit" if seconds is None else f"{seconds}, origin.read_timeout_seconds"
                )
                raise self.error(
                    f"routes {route['model']} timeout_seconds", f"must be at most {longest} (it is {needed:g})"
                )

    def _check_aliases(self, args: Any) -> None:
        aliases: Sequence[Any] = args.get("aliases") or []
        certificates, zone = args.get("certificate_ids"), args.get("dns_zone")
        if not aliases:
            raise self.error("aliases", "is missing: Google has no host name and no certificate of its own for an edge")
        if len(aliases) > limits.GOOGLE_ALIASES:
            raise self.error("aliases", f"may have {limits.GOOGLE_ALIASES} names")
        for alias in aliases:
            if not isinstance(alias, str) or not _ALIAS.fullmatch(alias):
                raise self.error("aliases", "must be host names in lower case such as predict.example.com")
        if len(set(aliases)) < len(aliases):
            raise self.error("aliases", "has a name twice")
        if aliases[0].startswith("*"):
            raise self.error("aliases", "must begin with a name without *, that of the edge's URL")
        if certificates and zone is not None:
            raise self.error("certificate_ids", "cannot be used with dns_zone, which makes a certificate")
        if not certificates and zone is None:
            raise self.error("aliases", "need certificate_ids or dns_zone")
        if len(certificates or []) > self.max_certificates:
            raise self.error("certificate_ids", f"may have {self.max_certificates} certificates")

    def _check_geo_restriction(self, given: Mapping[str, Any]) -> None:
        if given.get("allow") and given.get("deny"):
            raise self.error("geo_restriction", "must be allow or deny, not both")
        for argument in given:
            codes = given.get(argument) or []
            if not codes or not all(isinstance(code, str) and _COUNTRY.fullmatch(code) for code in codes):
                raise self.error(
                    f"geo_restriction.{argument}", "must be country codes of two capital letters such as DE"
                )

    def _check_operations(self, args: Any) -> None:
        alarms, rate = args.get("alarms") or {}, "rate_limit_per_5_minutes"
        given = (args.get("firewall") or {}).get(rate)
        self.check_whole(f"firewall.{rate}", given, 1, limits.CLOUD_ARMOR_MAX_REQUESTS)
        share = (args.get("logs") or {}).get("sample_rate")
        if share is not None and not (_is_number(share) and 0 <= share <= 1):
            raise self.error("logs.sample_rate", "must be a number from 0 to 1")
        for percent in ("minimum_hit_ratio_percent", "error_rate_percent"):
            value = alarms.get(percent)
            if value is not None and not (_is_number(value) and 0 < value < 100):
                raise self.error(f"alarms.{percent}", "must be a number between 0 and 100")
        self.check_whole("alarms.minimum_requests", alarms.get("minimum_requests"), 1, 1_000_000_000)
        self.check_whole("alarms.origin_latency_ms", alarms.get("origin_latency_ms"), 1, 120_000)

    def check_whole(self, argument: str, value: Any, low: int, high: int) -> None:
        """A whole number in a range; None and what is known later pass. Raises ArgumentError."""
        if value is None or isinstance(value, pulumi.Output):
            return
        if not _is_number(value) or value != int(value) or not low <= value <= high:
            raise self.error(argument, f"must be a whole number from {low} to {high}")


def read_timeout_seconds(args: Any, product: Product) -> int:
    """How long the edge waits: where it may, longer than the slowest route, whose own error says more."""
    given = args["origin"].get("read_timeout_seconds")
    if given is not None:
        return int(given)
    slowest = max(route.get("timeout_seconds", edge.ROUTE_TIMEOUT_SECONDS) for route in args["routes"])
    return min(int(slowest + edge.TIMEOUT_MARGIN_SECONDS), product.max_timeout_seconds)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
