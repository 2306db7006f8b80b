"""Checks of CloudFrontEdge's arguments: everything that AWS would refuse late, or take and do wrong."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from ... import validation
from ...gateway.arguments import CorsArgs
from .. import arguments as defaults
from .. import limits
from ..arguments import (
    AccessLogArgs,
    AlarmArgs,
    AuthenticationMode,
    CloudFrontEdgeArgs,
    EdgeAuthenticationArgs,
    EdgeOriginArgs,
    EdgeRouteArgs,
    FirewallArgs,
    GeoRestrictionArgs,
    VpcOriginArgs,
)
from ..route_checks import check_routes, key_headers
from .function import COMPONENT

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_ALIAS = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_COUNTRY = re.compile(r"[A-Z]{2}")
_PUBLIC_KEY = re.compile(r"\s*-----BEGIN PUBLIC KEY-----\s[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*")


def check_arguments(name: str, args: CloudFrontEdgeArgs) -> None:
    """Everything that is known when the component is made. Raises ArgumentError."""
    if not _NAME.fullmatch(name) or len(name) > limits.MAX_NAME_CHARACTERS:
        raise _error("name", f"must be 1 to {limits.MAX_NAME_CHARACTERS} letters, digits and hyphens, letter first")
    _check_names(args)
    check_routes(COMPONENT, args.get("routes") or [])
    _check_counts(args["routes"])
    _check_origin(args)
    _check_names_and_certificate(args)
    validation.check_choice(COMPONENT, "price_class", args.get("price_class", "PriceClass_100"), defaults.PRICE_CLASSES)
    version = validation.check_choice(
        COMPONENT, "http_version", args.get("http_version", "http2"), defaults.HTTP_VERSIONS
    )
    if args.get("continuous_deployment_policy_id") is not None and version in ("http3", "http2and3"):
        raise _error("http_version", "must be http1.1 or http2 with continuous_deployment_policy_id")
    _check_authentication(args.get("authentication") or {})
    _check_geo_restriction(args.get("geo_restriction") or {})
    _check_operations(args)


def _check_counts(routes: Sequence[EdgeRouteArgs]) -> None:
    if sum(bool(route["shareable"]) for route in routes) > limits.MAX_SHAREABLE_ROUTES:
        raise _error("routes", f"may have {limits.MAX_SHAREABLE_ROUTES} shareable models: use another edge for more")
    if len(key_headers(routes)) > limits.MAX_KEY_HEADERS:
        raise _error("routes", f"may have {limits.MAX_KEY_HEADERS} different key_headers in all")


def _check_names(args: CloudFrontEdgeArgs) -> None:
    validation.check_known(COMPONENT, "", args, frozenset(CloudFrontEdgeArgs.__annotations__))
    origin = args.get("origin") or {}
    sections: list[tuple[str, Mapping[str, Any], type]] = [
        ("origin.", origin, EdgeOriginArgs),
        ("origin.vpc.", origin.get("vpc") or {}, VpcOriginArgs),
        ("authentication.", args.get("authentication") or {}, EdgeAuthenticationArgs),
        ("firewall.", args.get("firewall") or {}, FirewallArgs),
        ("logs.", args.get("logs") or {}, AccessLogArgs),
        ("alarms.", args.get("alarms") or {}, AlarmArgs),
        ("geo_restriction.", args.get("geo_restriction") or {}, GeoRestrictionArgs),
    ]
    for route in args.get("routes") or []:
        sections += [("routes[].", route, EdgeRouteArgs), ("routes[].cors.", route.get("cors") or {}, CorsArgs)]
    for prefix, given, known in sections:
        validation.check_known(COMPONENT, prefix, given, frozenset(known.__annotations__))
    for required in ("origin", "origin_secret"):
        if not args.get(required):
            raise _error(required, "is missing")
    if not origin.get("domain"):
        raise _error("origin.domain", "is missing")
    vpc = origin.get("vpc")
    if vpc is not None and not vpc.get("arn"):
        raise _error("origin.vpc.arn", "is missing")


def _check_origin(args: CloudFrontEdgeArgs) -> None:
    origin = args["origin"]
    domain, protocol = origin["domain"], origin.get("protocol", "https")
    validation.check_choice(COMPONENT, "origin.protocol", protocol, ("https", "http"))
    if isinstance(domain, str):
        if domain not in defaults.LOCALHOST and not _HOST.fullmatch(domain):
            raise _error("origin.domain", "must be a host name without scheme, port and path")
        if protocol == "http" and domain not in defaults.LOCALHOST:
            raise _error("origin.protocol", "must be https: http is for an origin on localhost")
    elif protocol == "http":
        raise _error("origin.protocol", "must be https for a domain that is known only when it is deployed")
    _check_port(origin.get("port"))
    if origin.get("vpc") and origin.get("client_certificate_arn"):
        raise _error("origin.client_certificate_arn", "cannot be used with origin.vpc")
    _check_us_east_1("origin.client_certificate_arn", origin.get("client_certificate_arn"))
    region = origin.get("shield_region")
    if region is not None:
        validation.check_choice(COMPONENT, "origin.shield_region", region, limits.ORIGIN_SHIELD_REGIONS)
    seconds, most = origin.get("read_timeout_seconds"), limits.MAX_READ_TIMEOUT_SECONDS
    _check_whole("origin.read_timeout_seconds", seconds, limits.MIN_READ_TIMEOUT_SECONDS, most)
    for route in args["routes"]:
        needed = route.get("timeout_seconds", defaults.ROUTE_TIMEOUT_SECONDS)
        if needed > (most if seconds is None else seconds):
            longest = (
                f"{most}, CloudFront's own limit" if seconds is None else f"{seconds}, origin.read_timeout_seconds"
            )
            raise _error(f"routes {route['model']} timeout_seconds", f"must be at most {longest} (it is {needed:g})")


def _check_names_and_certificate(args: CloudFrontEdgeArgs) -> None:
    aliases = args.get("aliases") or []
    certificate, zone = args.get("certificate_arn"), args.get("hosted_zone_id")
    if len(aliases) > limits.MAX_ALIASES:
        raise _error("aliases", f"may have {limits.MAX_ALIASES} names")
    for alias in aliases:
        if not isinstance(alias, str) or not _ALIAS.fullmatch(alias):
            raise _error("aliases", "must be host names in lower case such as predict.example.com")
    if len(set(aliases)) < len(aliases):
        raise _error("aliases", "has a name twice")
    if certificate is not None and zone is not None:
        raise _error("certificate_arn", "cannot be used with hosted_zone_id, which makes a certificate")
    if aliases and certificate is None and zone is None:
        raise _error("aliases", "need certificate_arn or hosted_zone_id")
    if not aliases and (certificate is not None or zone is not None):
        raise _error("certificate_arn" if zone is None else "hosted_zone_id", "needs aliases")
    _check_us_east_1("certificate_arn", certificate)


def _check_authentication(given: EdgeAuthenticationArgs) -> None:
    modes = tuple(each.value for each in AuthenticationMode)
    mode = validation.check_choice(COMPONENT, "authentication.mode", given.get("mode", "none"), modes)
    own = {"public_keys": "signed-url", "secrets": "jwt", "issuer": "jwt", "audience": "jwt"}
    for argument, needed in own.items():
        if given.get(argument) and mode != needed:
            raise _error(f"authentication.{argument}", f"needs authentication.mode {needed}")
    if mode == AuthenticationMode.JWT.value and not 1 <= len(given.get("secrets") or []) <= limits.MAX_JWT_SECRETS:
        raise _error("authentication.secrets", "must be one secret, or two while one replaces the other")
    if mode == AuthenticationMode.SIGNED_URL.value:
        keys = given.get("public_keys") or []
        if not 1 <= len(keys) <= limits.MAX_PUBLIC_KEYS:
            raise _error("authentication.public_keys", f"must be 1 to {limits.MAX_PUBLIC_KEYS} public keys")
        if not all(isinstance(key, str) and _PUBLIC_KEY.fullmatch(key) for key in keys):
            raise _error("authentication.public_keys", "must be PEM texts that begin with -----BEGIN PUBLIC KEY-----")
        if len({key.strip() for key in keys}) < len(keys):
            raise _error("authentication.public_keys", "has a key twice")


def _check_geo_restriction(given: GeoRestrictionArgs) -> None:
    if given.get("allow") and given.get("deny"):
        raise _error("geo_restriction", "must be allow or deny, not both")
    for argument in given:
        codes = given.get(argument) or []
        if not codes or not all(isinstance(code, str) and _COUNTRY.fullmatch(code) for code in codes):
            raise _error(f"geo_restriction.{argument}", "must be country codes of two capital letters such as DE")


def _check_operations(args: CloudFrontEdgeArgs) -> None:
    firewall, logs, alarms = args.get("firewall") or {}, args.get("logs") or {}, args.get("alarms") or {}
    rate, least, most = "rate_limit_per_5_minutes", limits.MIN_RATE_LIMIT_REQUESTS, limits.MAX_RATE_LIMIT_REQUESTS
    _check_whole(f"firewall.{rate}", firewall.get(rate), least, most)
    if logs.get("retention_days") not in (None, *limits.LOG_RETENTION_DAYS):
        allowed = ", ".join(map(str, limits.LOG_RETENTION_DAYS))
        raise _error("logs.retention_days", f"must be one of {allowed}")
    for percent in ("minimum_hit_ratio_percent", "error_rate_percent"):
        value = alarms.get(percent)
        if value is not None and not (_is_number(value) and 0 < value < 100):
            raise _error(f"alarms.{percent}", "must be a number between 0 and 100")
    _check_whole("alarms.minimum_requests", alarms.get("minimum_requests"), 1, 1_000_000_000)
    _check_whole("alarms.origin_latency_ms", alarms.get("origin_latency_ms"), 1, 120_000)
    _check_us_east_1("alarms.topic_arn", alarms.get("topic_arn"))


def _check_port(port: Any) -> None:
    low, high = limits.MIN_HIGH_ORIGIN_PORT, limits.MAX_HIGH_ORIGIN_PORT
    if port not in (None, *limits.LOW_ORIGIN_PORTS) and not (_is_number(port) and low <= port <= high):
        raise _error("origin.port", f"must be 80, 443 or a number from {low} to {high}")


def _check_us_east_1(argument: str, arn: Any) -> None:
    if isinstance(arn, str) and (not arn.startswith("arn:") or f":{defaults.US_EAST_1}:" not in arn):
        raise _error(argument, f"must be an ARN in {defaults.US_EAST_1}, where CloudFront's are")


def _check_whole(argument: str, value: Any, low: int, high: int) -> None:
    if value is None or isinstance(value, pulumi.Output):
        return
    if not _is_number(value) or value != int(value) or not low <= value <= high:
        raise _error(argument, f"must be a whole number from {low} to {high}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _error(argument: str, allowed: str) -> validation.ArgumentError:
    return validation.ArgumentError(COMPONENT, argument, allowed)
