"""Checks of InferencePool's arguments, for what is known when it is made."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from .. import validation
from ..rules import ArgumentRules, Rule, is_unknown, matches, whole
from .arguments import (
    AFFINITY_HEADER,
    WEIGHT,
    AffinityArgs,
    CircuitBreakerArgs,
    DiscoveryArgs,
    HealthArgs,
    InferencePoolArgs,
    PoolProtocol,
    TargetArgs,
)
from .use_checks import check_affinity, check_algorithm

COMPONENT = "InferencePool"
MAX_COUNT = 254  # Kong takes 255, cannot make such a check (lua-resty-healthcheck), and answers 500 to everything
MAX_TARGETS = 100  # the provider looks for a target among the first page of an upstream's, which has so many

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_ADDRESS = re.compile(rf"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>{_HOST})):(?P<port>[0-9]{{1,5}})")
_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
_DIGITS_AND_DOTS = re.compile(r"[0-9.]+")
_ADDRESSES = "must be host:port such as 10.0.3.7:8080, an IPv6 address in brackets"


def _are_statuses(codes: Any) -> bool:
    holds, _ = whole(400, 599)
    known = [code for code in codes if not is_unknown(code)] if isinstance(codes, list) else []
    return (
        bool(codes)
        and isinstance(codes, list)
        and len(known) == len({str(code) for code in known})
        and all(map(holds, known))
    )


_ARGUMENTS: dict[str, Rule] = {
    "host_header": matches(rf"{_HOST}(?::[0-9]{{1,5}})?", "must be a host name, and a port if need be"),
    "discovery.name": (
        lambda name: isinstance(name, str) and re.fullmatch(_HOST, name) is not None and not _is_number(name),
        "must be a DNS name without scheme and port",
    ),
    "discovery.port": whole(1, 65_535),
    "health.path": matches(
        r"/[A-Za-z0-9._~:/-]*", "must be a path such as /ping: letters, digits and . _ ~ : - without a query"
    ),
    "health.interval_seconds": whole(1, 3_600),
    "health.timeout_seconds": whole(1, 60),
    "health.successes": whole(1, MAX_COUNT),
    "health.failures": whole(1, MAX_COUNT),
    "circuit_breaker.connection_failures": whole(0, MAX_COUNT),
    "circuit_breaker.timeouts": whole(0, MAX_COUNT),
    "circuit_breaker.errors": whole(0, MAX_COUNT),
    "circuit_breaker.statuses": (_are_statuses, "must be different status codes from 400 to 599, at least one"),
}
_WEIGHT = whole(0, 65_535)

_GROUPS: dict[str, type] = {
    "": InferencePoolArgs,
    "discovery": DiscoveryArgs,
    "affinity": AffinityArgs,
    "health": HealthArgs,
    "circuit_breaker": CircuitBreakerArgs,
}


_RULES = ArgumentRules(COMPONENT, _ARGUMENTS, _GROUPS)
checked = _RULES.checked


def check_arguments(args: InferencePoolArgs) -> None:
    """Everything that is known when the component is made. Raises ArgumentError."""
    _RULES.check_groups(args)
    validation.check_name(COMPONENT, "name", args.get("name"))
    protocols = tuple(one.value for one in PoolProtocol)
    validation.check_choice(COMPONENT, "protocol", args.get("protocol", PoolProtocol.HTTP), protocols)
    _check_targets(args)
    _check_affinity(args)
    check_algorithm(COMPONENT, "", args)
    _RULES.check_values(args)


def kong_address(argument: str, address: Any) -> str:
    """The address as Kong writes it, so that what it says is what was sent. Raises ArgumentError."""
    found = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if found is None or not 1 <= int(found["port"]) <= 65_535:
        raise validation.ArgumentError(COMPONENT, argument, _ADDRESSES)
    host, port = found["ipv6"] or found["host"], int(found["port"])
    try:
        if found["ipv6"]:
            return f"[{ipaddress.IPv6Address(host).exploded}]:{port}"
        return f"{ipaddress.IPv4Address(host) if _is_number(host) else host.lower()}:{port}"
    except ValueError:
        raise validation.ArgumentError(COMPONENT, argument, _ADDRESSES) from None


def weight_of(target: TargetArgs) -> int:
    """A checked target's weight."""
    given = target.get("weight")
    return WEIGHT if given is None else int(given)


def target_key(target: TargetArgs, place: int) -> str:
    """What a target is called among the stack's resources. Raises ArgumentError."""
    name, argument = target.get("name"), f"targets[{place}]"
    if name is not None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            allowed = "must be 1 to 40 lower-case letters, digits and hyphens, letter first"
            raise validation.ArgumentError(COMPONENT, f"{argument}.name", allowed)
        return name
    if is_unknown(target["address"]):
        raise validation.ArgumentError(COMPONENT, f"{argument}.name", "is missing: the address is not known yet")
    address = kong_address(f"{argument}.address", target["address"])
    return re.sub(r"[\[\]]", "", address).replace(":", "-")


def discovery_key(discovery: DiscoveryArgs) -> str:
    """The same for a DNS name: another one is there before the old one goes."""
    name, port = discovery["name"], discovery["port"]
    return f"{name}-{int(port)}".lower() if isinstance(name, str) and isinstance(port, int | float) else "discovery"


def _check_affinity(args: InferencePoolArgs) -> None:
    affinity = args.get("affinity") or {}
    check_affinity(COMPONENT, "affinity.", affinity)
    header = affinity.get("header")
    if isinstance(header, str) and header.lower() == AFFINITY_HEADER.lower():
        raise validation.ArgumentError(COMPONENT, "affinity.header", f"may not be {AFFINITY_HEADER}, the pool's own")


def _check_targets(args: InferencePoolArgs) -> None:
    targets = args.get("targets")
    if (targets is None) == (args.get("discovery") is None):
        raise validation.ArgumentError(COMPONENT, "arguments", "must have exactly one of targets, discovery")
    if targets is None:
        return
    if not isinstance(targets, list) or not 1 <= len(targets) <= MAX_TARGETS:
        raise validation.ArgumentError(COMPONENT, "targets", f"must be a list of 1 to {MAX_TARGETS} targets")
    seen: set[str] = set()
    for place, target in enumerate(targets):
        own = _checked_target(place, target)
        if own & seen:
            raise validation.ArgumentError(COMPONENT, f"targets[{place}]", "is another target once more")
        seen |= own
    if not any(weight_of(target) for target in targets):
        raise validation.ArgumentError(COMPONENT, "targets", "must have one with a weight over 0: nobody would answer")


def _checked_target(place: int, target: Any) -> set[str]:
    """What no other target may have, too: its name and, if known, its address. Raises ArgumentError."""
    argument = f"targets[{place}]"
    if not isinstance(target, Mapping):
        raise validation.ArgumentError(COMPONENT, argument, "must be a group of arguments")
    validation.check_known(COMPONENT, f"{argument}.", target, frozenset(TargetArgs.__annotations__))
    if target.get("address") is None:
        raise validation.ArgumentError(COMPONENT, f"{argument}.address", "is missing")
    holds, allowed = _WEIGHT
    if target.get("weight") is not None and not holds(target["weight"]):
        raise validation.ArgumentError(COMPONENT, f"{argument}.weight", allowed)
    own = {target_key(target, place)}  # type: ignore[arg-type]
    address = target["address"]
    return own if is_unknown(address) else own | {kong_address(f"{argument}.address", address)}


def _is_number(host: str) -> bool:
    """Whether this is meant as an IPv4 address."""
    return _DIGITS_AND_DOTS.fullmatch(host) is not None
