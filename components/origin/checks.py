"""Checks of SageMakerOrigin's arguments, for what is known when it is made."""

from typing import Any

from .. import validation
from ..rules import SWITCH, ArgumentRules, Rule, each, matches, number, whole
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

_SAGEMAKER_NAME = r"[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62}"
_HOST = r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
_CERTIFICATE = r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[A-Za-z0-9-]+"
_VPC_ENDPOINT = r"vpce-[0-9a-f]+"
_TEXT_TYPE = r"text/[a-z0-9.+-]+|application/(?:json|jsonlines|x-ndjson|xml)|application/[a-z0-9.-]+\+(?:json|xml)"


def _is_endpoint_arn(value: Any) -> bool:
    try:
        EndpointArn.parse(value)
    except (TypeError, ValueError):
        return False
    return True


_NAME = matches(_SAGEMAKER_NAME, "must be 1 to 63 letters, digits and hyphens, no hyphen at either end")

_ARGUMENTS: dict[str, Rule] = {
    "endpoint_arn": (
        _is_endpoint_arn,
        "must be an endpoint's ARN such as arn:aws:sagemaker:eu-west-1:123456789012:endpoint/digits",
    ),
    "target_variant": _NAME,
    "content_types": each(
        _TEXT_TYPE,
        "must be text types in lower case without parameters, such as application/json or text/csv: "
        "API Gateway changes binary bodies",
    ),
    "timeout_seconds": number(1, 60),
    "quota_per_day": whole(1, 2_147_483_647),
    "tracing": SWITCH,
    "endpoint.config_name": _NAME,
    "endpoint.name": _NAME,
    "endpoint.deployment.enabled": SWITCH,
    "endpoint.deployment.canary_percent": whole(1, 50),
    "endpoint.deployment.bake_seconds": whole(0, 3600),
    "endpoint.deployment.termination_wait_seconds": whole(0, 3600),
    "endpoint.deployment.rollback_alarms": each(r"(?!\s*$).{1,255}", "must be 1 to 10 names of alarms", most=10),
    "throttle.rate_per_second": number(1, 1_000_000),
    "throttle.burst": whole(1, 1_000_000),
    "logs.enabled": SWITCH,
    "logs.retention_days": (
        lambda value: value in _RETENTION_DAYS,
        f"must be one of {', '.join(map(str, _RETENTION_DAYS))}",
    ),
    "custom_domain.name": matches(_HOST, "must be a host name in lower case, such as models.example.com"),
    "custom_domain.certificate_arn": matches(_CERTIFICATE, "must be the ARN of an ACM certificate"),
    "custom_domain.hosted_zone_id": matches(r"[A-Z0-9]{1,32}", "must be the id of a Route 53 zone"),
    "private.vpc_endpoint_ids": each(_VPC_ENDPOINT, "must be at least one id of a VPC endpoint (vpce-...)"),
}

_GROUPS: dict[str, type] = {
    "": SageMakerOriginArgs,
    "endpoint": EndpointArgs,
    "endpoint.deployment": EndpointDeploymentArgs,
    "throttle": ThrottleArgs,
    "logs": OriginLogsArgs,
    "custom_domain": CustomDomainArgs,
    "private": PrivateApiArgs,
}


_RULES = ArgumentRules(COMPONENT, _ARGUMENTS, _GROUPS)
checked = _RULES.checked


def check_arguments(args: SageMakerOriginArgs) -> None:
    """Everything that is known when the component is made. Raises ArgumentError."""
    _RULES.check_groups(args)
    _check_exclusive(args)
    _RULES.check_values(args)


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
