"""Checks of SharedCache's arguments, for what is known when it is made."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from .. import validation
from . import limits
from .arguments import (
    ElastiCacheAlarmArgs,
    ElastiCacheArgs,
    ExistingCacheArgs,
    MemorystoreAlarmArgs,
    MemorystoreArgs,
    SharedCacheArgs,
)

COMPONENT = "SharedCache"
PROVIDERS = ("existing", "elasticache", "memorystore")

_NAME = re.compile(r"[a-z](?:-?[a-z0-9])*")
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}")
_WORD = re.compile(r"[!-~]{1,512}")

Rule = tuple[Callable[[Any], bool], str]


def _matches(pattern: str, allowed: str) -> Rule:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None, allowed


def _each(pattern: str, allowed: str, least: int, most: int) -> Rule:
    one, _ = _matches(pattern, allowed)

    def holds(values: Any) -> bool:
        some = isinstance(values, list) and least <= len(values) <= most
        return some and all(is_unknown(value) or one(value) for value in values)

    return holds, allowed


def _number(low: float, high: float) -> Rule:
    def holds(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

    return holds, f"must be a number from {low:g} to {high:g}"


def _whole(low: int, high: int) -> Rule:
    within, _ = _number(low, high)
    return lambda value: within(value) and value == int(value), f"must be a whole number from {low} to {high}"


_SWITCH: Rule = (lambda value: isinstance(value, bool), "must be true or false")
_SUBNETS = f"must be {limits.MIN_SUBNETS} to {limits.MAX_SUBNETS} ids of subnets (subnet-...)"
_GROUPS = f"must be 1 to {limits.MAX_GATEWAY_SECURITY_GROUPS} ids of security groups (sg-...)"
_NETWORK = "must be the id of a network, such as projects/shop/global/networks/default"

RULES: dict[str, Rule] = {
    "key_prefix": _matches(
        r"[A-Za-z0-9._:-]{1,100}", "must be 1 to 100 letters, digits and . _ : -"
    ),  # no sign that a pattern of SCAN or of an access string gives a meaning to
    "timeout_seconds": _number(limits.MIN_TIMEOUT_SECONDS, limits.MAX_TIMEOUT_SECONDS),
    "retry_seconds": _number(limits.MIN_RETRY_SECONDS, limits.MAX_RETRY_SECONDS),
    "enterprise": _SWITCH,
    "protect": _SWITCH,
    "existing.host": _matches(
        r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?",
        "must be a host name or an IPv4 address, without scheme, port and credentials",
    ),
    "existing.port": _whole(1, 65_535),
    "existing.tls": _SWITCH,
    "existing.username": _matches(_WORD.pattern, "must be printable ASCII characters without spaces"),
    "existing.password": _matches(_WORD.pattern, "must be printable ASCII characters without spaces"),
    "existing.database": _whole(0, limits.MAX_DATABASE),
    "elasticache.vpc_id": _matches(r"vpc-[0-9a-f]+", "must be the id of a VPC (vpc-...)"),
    "elasticache.subnet_ids": _each(r"subnet-[0-9a-f]+", _SUBNETS, limits.MIN_SUBNETS, limits.MAX_SUBNETS),
    "elasticache.gateway_security_group_ids": _each(r"sg-[0-9a-f]+", _GROUPS, 1, limits.MAX_GATEWAY_SECURITY_GROUPS),
    "elasticache.max_gigabytes": _whole(limits.MIN_STORAGE_GIGABYTES, limits.MAX_STORAGE_GIGABYTES),
    "elasticache.max_ecpu_per_second": _whole(limits.MIN_ECPU_PER_SECOND, limits.MAX_ECPU_PER_SECOND),
    "elasticache.kms_key_arn": _matches(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+", "must be the ARN of a KMS key"
    ),
    "elasticache.snapshot_retention_days": _whole(0, limits.MAX_SNAPSHOT_RETENTION_DAYS),
    "elasticache.alarms.enabled": _SWITCH,
    "elasticache.alarms.topic_arn": _matches(
        r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}", "must be the ARN of an SNS topic"
    ),
    "elasticache.alarms.memory_percent": _number(1, 100),
    "elasticache.alarms.latency_ms": _whole(1, 5_000),
    "memorystore.region": _matches(r"[a-z]+-[a-z]+[0-9]+", "must be a region of Google Cloud such as europe-west3"),
    "memorystore.network": _matches(r"projects/[a-z0-9:.-]+/global/networks/[a-z0-9-]+", _NETWORK),
    "memorystore.memory_gigabytes": _whole(limits.MIN_MEMORY_GIGABYTES, limits.MAX_MEMORY_GIGABYTES),
    "memorystore.highly_available": _SWITCH,
    "memorystore.kms_key": _matches(
        r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+", "must be the id of a key in Cloud KMS"
    ),
    "memorystore.alarms.enabled": _SWITCH,
    "memorystore.alarms.memory_percent": _number(1, 100),
    "memorystore.alarms.latency_ms": _whole(1, 5_000),
}

_SECTIONS: dict[str, type] = {
    "": SharedCacheArgs,
    "existing": ExistingCacheArgs,
    "elasticache": ElastiCacheArgs,
    "elasticache.alarms": ElastiCacheAlarmArgs,
    "memorystore": MemorystoreArgs,
    "memorystore.alarms": MemorystoreAlarmArgs,
}


def check_arguments(name: str, args: SharedCacheArgs) -> str:
    """The provider, after everything that is known when the component is made. Raises ArgumentError."""
    most = limits.NAME_CHARACTERS
    if not _NAME.fullmatch(name) or len(name) > most:
        allowed = f"must be 1 to {most} lower-case letters, digits and single hyphens, letter first"
        raise validation.ArgumentError(COMPONENT, "name", allowed)
    for section, known in _SECTIONS.items():
        given = _value(args, section) if section else args
        if given is None:
            continue
        prefix = f"{section}." if section else ""
        if not isinstance(given, Mapping):
            raise validation.ArgumentError(COMPONENT, section, "must be a group of arguments")
        validation.check_known(COMPONENT, prefix, given, frozenset(known.__annotations__))
        for name in sorted(known.__required_keys__):  # type: ignore[attr-defined]
            if given.get(name) is None:
                raise validation.ArgumentError(COMPONENT, f"{prefix}{name}", "is missing")
    given = [provider for provider in PROVIDERS if args.get(provider) is not None]
    if len(given) != 1:
        raise validation.ArgumentError(COMPONENT, "arguments", f"must have exactly one of {', '.join(PROVIDERS)}")
    if given == ["existing"] and args.get("protect"):
        raise validation.ArgumentError(COMPONENT, "protect", "cannot be used with existing, which is not made here")
    for argument in RULES:
        value = _value(args, argument)
        if value is not None and not is_unknown(value):
            check_value(argument, value)
    _check_existing(args.get("existing") or {})
    return given[0]


def check_value(argument: str, value: Any) -> Any:
    """The value, when it is as the argument's rule says. Raises ArgumentError, which never shows the value."""
    holds, allowed = RULES[argument]
    if not holds(value):
        raise validation.ArgumentError(COMPONENT, argument, allowed)
    return value


def checked(argument: str, value: Any, default: Any = None) -> pulumi.Output[Any]:
    """The value or its default, held to the argument's rule as soon as it is known; whole numbers as int."""

    def resolved(known: Any) -> Any:
        check_value(argument, known)
        return int(known) if isinstance(known, float) and known.is_integer() else known

    return pulumi.Output.from_input(default if value is None else value).apply(resolved)


def check_tls(tls: bool, host: str) -> str:
    """The host, when it may be asked so. Raises ArgumentError."""
    if not tls and not _LOOPBACK.fullmatch(host):
        allowed = "may be off for localhost alone: predictions and the password would be readable"
        raise validation.ArgumentError(COMPONENT, "existing.tls", allowed)
    return host


def is_unknown(value: Any) -> bool:
    """Whether the value is an output, whose rule waits until it is known."""
    return isinstance(value, pulumi.Output) or hasattr(value, "__await__")


def _check_existing(existing: Mapping[str, Any]) -> None:
    if existing.get("username") is not None and existing.get("password") is None:
        raise validation.ArgumentError(COMPONENT, "existing.username", "needs password")
    host = existing.get("host")
    if isinstance(host, str):
        check_tls(bool(existing.get("tls", True)), host)


def _value(args: Any, path: str) -> Any:
    """The value at a path such as elasticache.alarms; None when it is not there."""
    for name in path.split("."):
        args = args.get(name) if isinstance(args, Mapping) else None
    return args
