"""Arguments that SageMakerOrigin refuses, each with its message."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.origin.checks import check_arguments
from components.validation import ArgumentError
from local.engine import EngineError
from tests.components.origin.arguments import full, made, minimal, private
from tests.components.origin.aws_stack import CERTIFICATE_ARN, ENDPOINT_ARN, AwsStack
from tests.components.origin.programs import origin

ARN = "must be an endpoint's ARN such as arn:aws:sagemaker:eu-west-1:123456789012:endpoint/digits"
NAME = "must be 1 to 63 letters, digits and hyphens, no hyphen at either end"
TYPES = (
    "must be text types in lower case without parameters, such as application/json or text/csv: "
    "API Gateway changes binary bodies"
)
SWITCH = "must be true or false"
DAYS = (
    "must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, "
    "3288, 3653"
)
VPC_ENDPOINTS = "must be at least one id of a VPC endpoint (vpce-...)"
HOST = "must be a host name in lower case, such as models.example.com"
DOMAIN = {"name": "models.example.com", "certificate_arn": CERTIFICATE_ARN}


def deployment(**args: Any) -> Any:
    return {"endpoint": {"config_name": "digits-1", "deployment": args}}


REFUSED = [
    ({}, "endpoint_arn is missing: give it for an existing endpoint, or endpoint to make one"),
    (
        minimal(**made()),
        "endpoint_arn and endpoint exclude each other: an endpoint either exists or is made here",
    ),
    (minimal(endpoint_arn="digits"), f"endpoint_arn {ARN}"),
    (minimal(endpoint_arn=ENDPOINT_ARN.replace(":endpoint/", ":model/")), f"endpoint_arn {ARN}"),
    (minimal(endpoint_arn=ENDPOINT_ARN.replace("123456789012", "12345678901")), f"endpoint_arn {ARN}"),
    (minimal(endpoint_arn=f"{ENDPOINT_ARN}/invocations"), f"endpoint_arn {ARN}"),
    (minimal(endpoint_arn=f"{ENDPOINT_ARN}\n"), f"endpoint_arn {ARN}"),
    (minimal(endpoint_arn=f"{ENDPOINT_ARN[:-6]}*"), f"endpoint_arn {ARN}"),
    ({"endpoint": {}}, "endpoint.config_name is missing"),
    ({"endpoint": "digits"}, "endpoint must be a group of arguments"),
    ({"endpoint": {"config_name": "digits_1"}}, f"endpoint.config_name {NAME}"),
    ({"endpoint": {"config_name": "digits-1", "name": "x" * 64}}, f"endpoint.name {NAME}"),
    (deployment(enabled="yes"), f"endpoint.deployment.enabled {SWITCH}"),
    (deployment(canary_percent=51), "endpoint.deployment.canary_percent must be a whole number from 1 to 50"),
    (deployment(bake_seconds=3601), "endpoint.deployment.bake_seconds must be a whole number from 0 to 3600"),
    (
        deployment(termination_wait_seconds=-1),
        "endpoint.deployment.termination_wait_seconds must be a whole number from 0 to 3600",
    ),
    (deployment(rollback_alarms=[]), "endpoint.deployment.rollback_alarms must be 1 to 10 names of alarms"),
    (deployment(rollback_alarms=["a"] * 11), "endpoint.deployment.rollback_alarms must be 1 to 10 names of alarms"),
    (
        deployment(linear=1),
        "endpoint.deployment.linear is not an argument; known are bake_seconds, canary_percent, enabled, "
        "rollback_alarms, termination_wait_seconds",
    ),
    (minimal(target_variant="blue-"), f"target_variant {NAME}"),
    (minimal(target_variant="blue'"), f"target_variant {NAME}"),
    (minimal(target_variant=""), f"target_variant {NAME}"),
    (minimal(content_types=[]), f"content_types {TYPES}"),
    (minimal(content_types="application/json"), f"content_types {TYPES}"),
    (minimal(content_types=["application/x-npy"]), f"content_types {TYPES}"),
    (minimal(content_types=["application/json; charset=utf-8"]), f"content_types {TYPES}"),
    (minimal(content_types=[7]), f"content_types {TYPES}"),
    (minimal(timeout_seconds=0.9), "timeout_seconds must be a number from 1 to 60"),
    (minimal(timeout_seconds=60.1), "timeout_seconds must be a number from 1 to 60"),
    (minimal(timeout_seconds=True), "timeout_seconds must be a number from 1 to 60"),
    (minimal(timeout_seconds="29"), "timeout_seconds must be a number from 1 to 60"),
    (minimal(throttle={"rate_per_second": 0}), "throttle.rate_per_second must be a number from 1 to 1000000"),
    (minimal(throttle={"burst": 0}), "throttle.burst must be a whole number from 1 to 1000000"),
    (minimal(throttle={"burst": 2.5}), "throttle.burst must be a whole number from 1 to 1000000"),
    (minimal(throttle={"rate": 5}), "throttle.rate is not an argument; known are burst, rate_per_second"),
    (minimal(quota_per_day=0), "quota_per_day must be a whole number from 1 to 2147483647"),
    (minimal(tracing="on"), f"tracing {SWITCH}"),
    (minimal(logs={"enabled": 1}), f"logs.enabled {SWITCH}"),
    (minimal(logs={"retention_days": 31}), f"logs.retention_days {DAYS}"),
    (minimal(logs={"retention_days": 0}), f"logs.retention_days {DAYS}"),
    (minimal(custom_domain={"name": "models.example.com"}), "custom_domain.certificate_arn is missing"),
    (minimal(custom_domain={**DOMAIN, "name": "*.example.com"}), f"custom_domain.name {HOST}"),
    (minimal(custom_domain={**DOMAIN, "name": "https://models.example.com"}), f"custom_domain.name {HOST}"),
    (minimal(custom_domain={**DOMAIN, "name": "Models.example.com"}), f"custom_domain.name {HOST}"),
    (
        minimal(custom_domain={**DOMAIN, "certificate_arn": "arn:aws:iam::123456789012:server-certificate/x"}),
        "custom_domain.certificate_arn must be the ARN of an ACM certificate",
    ),
    (
        minimal(custom_domain={**DOMAIN, "hosted_zone_id": "/hostedzone/Z1"}),
        "custom_domain.hosted_zone_id must be the id of a Route 53 zone",
    ),
    (minimal(private={}), "private.vpc_endpoint_ids is missing"),
    (minimal(private={"vpc_endpoint_ids": []}), f"private.vpc_endpoint_ids {VPC_ENDPOINTS}"),
    (minimal(private={"vpc_endpoint_ids": ["vpc-0a1b"]}), f"private.vpc_endpoint_ids {VPC_ENDPOINTS}"),
    (
        private(custom_domain=DOMAIN),
        "private and custom_domain exclude each other: a regional domain name does not reach a private API",
    ),
    (
        minimal(variant="blue"),
        "variant is not an argument; known are content_types, custom_domain, endpoint, endpoint_arn, logs, private, "
        "quota_per_day, target_variant, throttle, timeout_seconds, tracing",
    ),
]


@pytest.mark.parametrize(("args", "message"), REFUSED, ids=[message[:60] for _, message in REFUSED])
def test_refused_with_the_argument_and_what_is_allowed(args: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        check_arguments(args)
    assert str(refused.value) == f"SageMakerOrigin: {message}"


@pytest.mark.parametrize(
    "args",
    [
        minimal(),
        made(),
        full(),
        private(),
        minimal(timeout_seconds=1),
        minimal(timeout_seconds=60),
        minimal(throttle={"burst": 2.0}),
        minimal(content_types=["text/csv", "application/vnd.digits+json", "application/jsonlines"]),
        minimal(throttle=None, logs=None, private=None, custom_domain=None, quota_per_day=None),
    ],
)
def test_taken(args: Any) -> None:
    check_arguments(args)


def test_a_refused_argument_makes_nothing(stack: AwsStack) -> None:
    with pytest.raises(EngineError, match="timeout_seconds must be a number from 1 to 60"):
        stack.up(origin(minimal(timeout_seconds=61)))
    assert stack.steps() == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (lambda known: minimal(endpoint_arn=known("digits")), "endpoint_arn must be an endpoint's ARN"),
        (lambda known: minimal(timeout_seconds=known(61)), "timeout_seconds must be a number from 1 to 60"),
        (
            lambda known: minimal(private={"vpc_endpoint_ids": [known("vpc-1")]}),
            "private.vpc_endpoint_ids must be at least one id",
        ),
        (lambda known: minimal(throttle={"burst": known(0)}), "throttle.burst must be a whole number"),
        (lambda known: {"endpoint": {"config_name": known("a_b")}}, "endpoint.config_name must be 1 to 63"),
    ],
    ids=["endpoint_arn", "timeout", "vpc endpoint", "burst", "config name"],
)
def test_a_value_that_comes_later_is_held_to_the_same_rule(stack: AwsStack, args: Any, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        stack.up(lambda: origin(args(pulumi.Output.from_input))())
