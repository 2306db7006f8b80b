"""Checks of SharedCache's arguments, for what is known when it is made."""

import re
from collections.abc import Mapping
from typing import Any

from .. import validation
from ..rules import SWITCH, ArgumentRules, Rule, each, matches, number, whole
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

_SUBNETS = f"must be {limits.MIN_SUBNETS} to {limits.MAX_SUBNETS} ids of subnets (subnet-...)"
_SECURITY_GROUPS = f"must be 1 to {limits.MAX_GATEWAY_SECURITY_GROUPS} ids of security groups (sg-...)"
_NETWORK = "must be the id of a network, such as projects/shop/global/networks/default"

_ARGUMENTS: dict[str, Rule] = {
    "key_prefix": matches(
        r"[A-Za-z0-9._:-]{1,100}", "must be 1 to 100 letters, digits and . _ : -"
    ),  # no sign that a pattern of SCAN or of an access string gives a meaning to
    "timeout_seconds": number(limits.MIN_TIMEOUT_SECONDS, limits.MAX_TIMEOUT_SECONDS),
    "retry_seconds": number(limits.MIN_RETRY_SECONDS, limits.MAX_RETRY_SECONDS),
    "enterprise": SWITCH,
    "protect": SWITCH,
    "existing.host": matches(
        r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?",
        "must be a host name or an IPv4 address, without scheme, port and credentials",
    ),
    "existing.port": whole(1, 65_535),
    "existing.tls": SWITCH,
    "existing.username": matches(_WORD.pattern, "must be printable ASCII characters without spaces"),
    "existing.password": matches(_WORD.pattern, "must be printable ASCII characters without spaces"),
    "existing.database": whole(0, limits.MAX_DATABASE),
    "elasticache.vpc_id": matches(r"vpc-[0-9a-f]+", "must be the id of a VPC (vpc-...)"),
    "elasticache.subnet_ids": each(r"subnet-[0-9a-f]+", _SUBNETS, limits.MIN_SUBNETS, limits.MAX_SUBNETS),
    "elasticache.gateway_security_group_ids": each(
        r"sg-[0-9a-f]+", _SECURITY_GROUPS, 1, limits.MAX_GATEWAY_SECURITY_GROUPS
    ),
    "elasticache.max_gigabytes": whole(limits.MIN_STORAGE_GIGABYTES, limits.MAX_STORAGE_GIGABYTES),
    "elasticache.max_ecpu_per_second": whole(limits.MIN_ECPU_PER_SECOND, limits.MAX_ECPU_PER_SECOND),
    "elasticache.kms_key_arn": matches(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+", "must be the ARN of a KMS key"
    ),
    "elasticache.snapshot_retention_days": whole(0, limits.MAX_SNAPSHOT_RETENTION_DAYS),
    "elasticache.alarms.enabled": SWITCH,
    "elasticache.alarms.topic_arn": matches(
        r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}", "must be the ARN of an SNS topic"
    ),
    "elasticache.alarms.memory_percent": number(1, 100),
    "elasticache.alarms.latency_ms": whole(1, 5_000),
    "memorystore.region": matches(r"[a-z]+-[a-z]+[0-9]+", "must be a region of Google Cloud such as europe-west3"),
    "memorystore.network": matches(r"projects/[a-z0-9:.-]+/global/networks/[a-z0-9-]+", _NETWORK),
    "memorystore.memory_gigabytes": whole(limits.MIN_MEMORY_GIGABYTES, limits.MAX_MEMORY_GIGABYTES),
    "memorystore.highly_available": SWITCH,
    "memorystore.kms_key": matches(
        r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+", "must be the id of a key in Cloud KMS"
    ),
    "memorystore.alarms.enabled": SWITCH,
    "memorystore.alarms.memory_percent": number(1, 100),
    "memorystore.alarms.latency_ms": whole(1, 5_000),
}

_GROUPS: dict[str, type] = {
    "": SharedCacheArgs,
    "existing": ExistingCacheArgs,
    "elasticache": ElastiCacheArgs,
    "elasticache.alarms": ElastiCacheAlarmArgs,
    "memorystore": MemorystoreArgs,
    "memorystore.alarms": MemorystoreAlarmArgs,
}


_RULES = ArgumentRules(COMPONENT, _ARGUMENTS, _GROUPS)
checked = _RULES.checked


def check_arguments(name: str, args: SharedCacheArgs) -> str:
    """The provider, after everything that is known when the component is made. Raises ArgumentError."""
    most = limits.NAME_CHARACTERS
    if not _NAME.fullmatch(name) or len(name) > most:
        allowed = f"must be 1 to {most} lower-case letters, digits and single hyphens, letter first"
        raise validation.ArgumentError(COMPONENT, "name", allowed)
    _RULES.check_groups(args)
    given = [provider for provider in PROVIDERS if args.get(provider) is not None]
    if len(given) != 1:
        raise validation.ArgumentError(COMPONENT, "arguments", f"must have exactly one of {', '.join(PROVIDERS)}")
    if given == ["existing"] and args.get("protect"):
        raise validation.ArgumentError(COMPONENT, "protect", "cannot be used with existing, which is not made here")
    _RULES.check_values(args)
    _check_existing(args.get("existing") or {})
    return given[0]


def check_tls(tls: bool, host: str) -> str:
    """The host, when it may be asked so. Raises ArgumentError."""
    if not tls and not _LOOPBACK.fullmatch(host):
        allowed = "may be off for localhost alone: predictions and the password would be readable"
        raise validation.ArgumentError(COMPONENT, "existing.tls", allowed)
    return host


def _check_existing(existing: Mapping[str, Any]) -> None:
    if existing.get("username") is not None and existing.get("password") is None:
        raise validation.ArgumentError(COMPONENT, "existing.username", "needs password")
    host = existing.get("host")
    if isinstance(host, str):
        check_tls(bool(existing.get("tls", True)), host)
