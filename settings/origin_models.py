"""A SageMaker endpoint behind Kong: the API Gateway REST API that signs Kong's requests for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.edge import limits

from .field_types import Choice, Items, Text, Whole
from .section import Section
from .values import CERTIFICATE_ARN, DOMAIN, ENDPOINT_ARN, HOSTED_ZONE_ID, SAGEMAKER_NAME, VPC_ENDPOINT_ID


class DeploymentSettings(Section):
    """How another endpoint configuration takes over: blue/green."""

    enabled: bool = True
    """Off for an endpoint that has no blue/green deployment: a serverless one."""
    canary_percent: Annotated[int, Whole(1, 50, "percent")] | None = None
    """Only with the cache off: the share of the new fleet that gets traffic first; by default all of it at once."""
    bake_seconds: Annotated[int, Whole(0, 3_600, "seconds")] = 120
    """How long the new fleet is watched after each shift of traffic."""
    termination_wait_seconds: Annotated[int, Whole(0, 3_600, "seconds")] = 120
    """How long the old fleet stays after the last shift, ready for a roll back."""
    rollback_alarms: Annotated[
        tuple[Annotated[str, Text(r"(?!\s*$)[^\r\n]{1,255}", "1 to 255 characters, an alarm's name")], ...],
        Items(0, 10, "names of alarms"),
    ] = ()
    """CloudWatch alarms that roll the deployment back."""


class SageMakerEndpointSettings(Section):
    """The SageMaker endpoint that this stack makes."""

    config_name: Annotated[str, SAGEMAKER_NAME]
    """The endpoint configuration to deploy; its name is the model's version."""
    name: Annotated[str, SAGEMAKER_NAME] | None = None
    """The endpoint's name; by default one is generated."""
    deployment: DeploymentSettings = Field(default_factory=DeploymentSettings)
    """How another endpoint configuration takes over: blue/green."""


class ThrottleSettings(Section):
    """What API Gateway lets through to the endpoint, within the account's quotas; more is answered with 429."""

    rate_per_second: Annotated[int, Whole(1, 1_000_000, "requests a second")] = 100
    """Requests a second in the long run."""
    burst: Annotated[int, Whole(1, 1_000_000, "requests")] = 200
    """Requests at once."""


class SageMakerLogSettings(Section):
    """What API Gateway logs, without bodies."""

    enabled: bool = True
    """Access and error logs; they need the role that API Gateway writes logs with, one an account and region."""
    retention_days: Annotated[int, Choice(limits.LOG_RETENTION_DAYS)] = 30
    """How many days the logs are kept."""


class CustomDomainSettings(Section):
    """A name of one's own for the API; its execute-api name is switched off then."""

    name: Annotated[str, DOMAIN]
    """The domain name that Kong calls."""
    certificate_arn: Annotated[str, CERTIFICATE_ARN]
    """The name's ACM certificate, in the API's region."""
    hosted_zone_id: Annotated[str, HOSTED_ZONE_ID] | None = None
    """The Route 53 zone to write the name's record to; by default no record is made."""


class PrivateApiSettings(Section):
    """An API that can be reached from VPC endpoints alone."""

    vpc_endpoint_ids: Annotated[tuple[Annotated[str, VPC_ENDPOINT_ID], ...], Items(1, 20, "VPC endpoints")]
    """The execute-api VPC endpoints that Kong's requests come through."""


class SageMakerSettings(Section):
    """A SageMaker endpoint instead of a URL; exactly one of endpointArn and endpoint."""

    endpoint_arn: Annotated[str, ENDPOINT_ARN] | None = None
    """An endpoint that exists already; its name in upper and lower case as it was created."""
    endpoint: SageMakerEndpointSettings | None = None
    """An endpoint that this stack makes."""
    target_variant: Annotated[str, SAGEMAKER_NAME] | None = None
    """The production variant that answers every request; by default the endpoint chooses."""
    variants: Annotated[tuple[Annotated[str, SAGEMAKER_NAME], ...], Items(0, 10, "variant names")] = ()
    """The endpoint's production variants; by default there is one."""
    content_types: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    r"text/[a-z0-9.+-]+|application/(?:json|jsonlines|x-ndjson|xml)"
                    r"|application/[a-z0-9.-]+\+(?:json|xml)",
                    "a text type in lower case without parameters, such as application/json or text/csv; "
                    "API Gateway changes binary bodies",
                ),
            ],
            ...,
        ],
        Items(1, 20, "content types"),
    ] = ("application/json",)
    """Content types of requests; others are refused with 415."""
    timeout_seconds: Annotated[int, Whole(1, limits.MAX_INVOCATION_SECONDS, "seconds")] = (
        limits.DEFAULT_INTEGRATION_TIMEOUT_SECONDS
    )
    """How long API Gateway waits for the model; above 29, the account's integration timeout quota must be raised."""
    throttle: ThrottleSettings = Field(default_factory=ThrottleSettings)
    """What API Gateway lets through to the endpoint, within the account's quotas; more is answered with 429."""
    quota_per_day: Annotated[int, Whole(1, 2_147_483_647, "requests")] | None = None
    """Requests that Kong may send in a day; by default no quota."""
    tracing: bool = False
    """Trace requests with X-Ray."""
    logs: SageMakerLogSettings = Field(default_factory=SageMakerLogSettings)
    """What API Gateway logs, without bodies."""
    custom_domain: CustomDomainSettings | None = None
    """By default Kong calls the API's execute-api name."""
    private: PrivateApiSettings | None = None
    """By default the API has a public name, and its key is what lets Kong in."""
