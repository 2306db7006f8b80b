"""Checks of SageMakerOrigin's arguments, for what is known when it is made."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from .. import validation
from .arguments import (
    CustomDomainArgs,
    EndpointArgs,
    EndpointDeploymentArgs,
    OriginLogsArgs,
    PrivateApiArgs,
    SageMakerOriginArgs,
    ThrottleArgs,
)
from .endpoint_arn import EndpointArn

COMPONENT = "SageMakerOrigin"

# RetentionInDays of CloudWatch Logs; never, the one that is left out, would keep logs for ever.
_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545)
_RETENTION_DAYS += (731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)

_SAGEMAKER_NAME = re.compile(r"[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62}")
_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[A-Za-z0-9-]+")
_VPC_ENDPOINT = re.compile(r"vpce-[0-9a-f]+")
_TEXT_TYPE = re.compile(
    r"text/[a-z0-9.+-]+|application/(?:json|jsonlines|x-ndjson|xml)|application/[a-z0-9.-]+\+(?:json|xml)"
)

Rule = tuple[Callable[[Any], bool], str]


def _matches(pattern: re.Pattern[str], allowed: str) -> Rule:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None, allowed


def _each(pattern: re.Pattern[str], allowed: str, most: int = 100) -> Rule:
    one, _ = _matches(pattern, allowed)

    def holds(values: Any) -> bool:
        some = isinstance(values, list) and 1 <= len(values) <= most
        return some and all(_is_unknown(value) or one(value) for value in values)

    return holds, allowed


def _number(low: float, high: float) -> Rule:
    def holds(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

    return holds, f"must be a number from {low} to {high}"


def _whole(low: int, high: int) -> Rule:
    within, _ = _number(low, high)
    return lambda value: within(value) and value == int(value), f"must be a whole number from {low} to {high}"


def _is_endpoint_arn(value: Any) -> bool:
    try:
        EndpointArn.parse(value)
    except (TypeError, ValueError):
        return False
    return True


_SWITCH: Rule = (lambda value: isinstance(value, bool), "must be true or false")
_NAME = _matches(_SAGEMAKER_NAME, "must be 1 to 63 letters, digits and hyphens, no hyphen at either end")

RULES: dict[str, Rule] = {
    "endpoint_arn": (
        _is_endpoint_arn,
        "must be an endpoint's ARN such as arn:aws:sagemaker:eu-west-1:123456789012:endpoint/digits",
    ),
    "target_variant": _NAME,
    "content_types": _each(
        _TEXT_TYPE,
        "must be text types in lower case without parameters, such as application/json or text/csv: "
        "API Gateway changes binary bodies",
    ),
    "timeout_seconds": _number(1, 60),
    "quota_per_day": _whole(1, 2_147_483_647),
    "tracing": _SWITCH,
    "endpoint.config_name": _NAME,
    "endpoint.name": _NAME,
    "endpoint.deployment.enabled": _SWITCH,
    "endpoint.deployment.canary_percent": _whole(1, 50),
    "endpoint.deployment.bake_seconds": _whole(0, 3600),
    "endpoint.deployment.termination_wait_seconds": _whole(0, 3600),
    "endpoint.deployment.rollback_alarms": _each(
        re.compile(r"(?!\s*$).{1,255}"), "must be 1 to 10 names of alarms", most=10
    ),
    "throttle.rate_per_second": _number(1, 1_000_000),
    "throttle.burst": _whole(1, 1_000_000),
    "logs.enabled": _SWITCH,
    "logs.retention_days": (
        lambda value: value in _RETENTION_DAYS,
        f"must be one of {', '.join(map(str, _RETENTION_DAYS))}",
    ),
    "custom_domain.name": _matches(_HOST, "must be a host name in lower case, such as models.example.com"),
    "custom_domain.certificate_arn": _matches(_CERTIFICATE, "must be the ARN of an ACM certificate"),
    "custom_domain.hosted_zone_id": _matches(re.compile(r"[A-Z0-9]{1,32}"), "must be the id of a Route 53 zone"),
    "private.vpc_endpoint_ids": _each(_VPC_ENDPOINT, "must be at least one id of a VPC endpoint (vpce-...)"),
}

_SECTIONS: dict[str, type] = {
    "": SageMakerOriginArgs,
    "endpoint": EndpointArgs,
    "endpoint.deployment": EndpointDeploymentArgs,
    "throttle": ThrottleArgs,
    "logs": OriginLogsArgs,
    "custom_domain": CustomDomainArgs,
    "private": PrivateApiArgs,
}


def check_arguments(args: SageMakerOriginArgs) -> None:
    """Everything that is known when the component is made. Raises ArgumentError."""
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
    _check_exclusive(args)
    for argument in RULES:
        value = _value(args, argument)
        if value is not None and not _is_unknown(value):
            check_value(argument, value)


def check_value(argument: str, value: Any) -> Any:
    """The value, when it is as the argument's rule says. Raises ArgumentError."""
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


def _check_exclusive(args: SageMakerOriginArgs) -> None:
    arn, endpoint = args.get("endpoint_arn"), args.get("endpoint")
    if arn is None and endpoint is None:
        allowed = "is missing: give it for an existing endpoint, or endpoint to make one"
        raise validation.ArgumentError(COMPONENT, "endpoint_arn", allowed)
    if arn is not None and endpoint is not None:
        allowed = "and endpoint exclude each other: an endpoint either exists or is made here"
        raise validation.ArgumentError(COMPONENT, "endpoint_arn", allowed)
    if args.get("private") is not None and args.get("custom_domain") is not None:
        allowed = "and custom_domain exclude each other: a regional domain name does not reach a private API"
        raise validation.ArgumentError(COMPONENT, "private", allowed)


def _value(args: Any, path: str) -> Any:
    """The value at a path such as throttle.burst; None when it is not there."""
    for name in path.split("."):
        args = args.get(name) if isinstance(args, Mapping) else None
    return args


def _is_unknown(value: Any) -> bool:
    return isinstance(value, pulumi.Output) or hasattr(value, "__await__")
