"""Arguments of SageMakerOrigin, and their defaults in one place."""

from typing import NotRequired, TypedDict

import pulumi


class EndpointDeploymentArgs(TypedDict):
    enabled: NotRequired[bool]
    """Off for an endpoint that has no blue/green deployment: a serverless one."""
    canary_percent: NotRequired[pulumi.Input[int]]
    """Share of the new fleet that gets traffic first, 1 to 50; by default all of it at once, so that no two versions
    answer at a time."""
    bake_seconds: NotRequired[pulumi.Input[int]]
    """How long the new fleet is watched after each shift of traffic."""
    termination_wait_seconds: NotRequired[pulumi.Input[int]]
    """How long the old fleet stays after the last shift, ready for a roll back."""
    rollback_alarms: NotRequired[list[pulumi.Input[str]]]
    """Names of CloudWatch alarms that roll the deployment back, at most 10."""


class EndpointArgs(TypedDict):
    config_name: pulumi.Input[str]
    """The endpoint configuration's name: the model's version. Another one is deployed onto the same endpoint."""
    name: NotRequired[pulumi.Input[str]]
    """The endpoint's name; by default one is generated."""
    deployment: NotRequired[EndpointDeploymentArgs]
    """How another configuration takes over."""


class ThrottleArgs(TypedDict):
    rate_per_second: NotRequired[pulumi.Input[float]]
    """Requests allowed in a second, on average."""
    burst: NotRequired[pulumi.Input[int]]
    """Requests allowed at once."""


class OriginLogsArgs(TypedDict):
    enabled: NotRequired[bool]
    """Access logs, and execution logs of errors; without bodies. Needs the role that API Gateway writes logs with,
    one an account and region (aws.apigateway.Account)."""
    retention_days: NotRequired[pulumi.Input[int]]
    """How long logs are kept: one of the periods that CloudWatch Logs knows."""


class CustomDomainArgs(TypedDict):
    name: pulumi.Input[str]
    """The host name, such as models.example.com. The API's own host name is switched off."""
    certificate_arn: pulumi.Input[str]
    """An ACM certificate for the name, in the API's region."""
    hosted_zone_id: NotRequired[pulumi.Input[str]]
    """The Route 53 zone that gets the name's record; by default no record is made."""


class PrivateApiArgs(TypedDict):
    vpc_endpoint_ids: list[pulumi.Input[str]]
    """The interface VPC endpoints (execute-api) that alone reach the API; the URL goes by the first."""


class SageMakerOriginArgs(TypedDict):
    endpoint_arn: NotRequired[pulumi.Input[str]]
    """An existing endpoint. Its name in upper and lower case as it was created, although AWS shows ARNs in lower case:
    InvokeEndpoint takes the name in no other case."""
    endpoint: NotRequired[EndpointArgs]
    """An endpoint to make, instead of endpoint_arn."""
    target_variant: NotRequired[str]
    """The one production variant that answers; part of the URL. By default SageMaker chooses by weight."""
    content_types: NotRequired[list[str]]
    """Content types of requests; others are refused with 415. Text only: API Gateway changes binary bodies, so the
    model's answers must be text as well."""
    timeout_seconds: NotRequired[pulumi.Input[float]]
    """How long the model may take, 1 to 60. Above 29 the account needs a higher quota "Maximum integration timeout in
    milliseconds" of API Gateway."""
    throttle: NotRequired[ThrottleArgs]
    """Limits of API Gateway; above them it answers 429."""
    quota_per_day: NotRequired[pulumi.Input[int]]
    """Requests allowed in a day; by default any number."""
    tracing: NotRequired[bool]
    """Trace requests with X-Ray."""
    logs: NotRequired[OriginLogsArgs]
    """What is logged."""
    custom_domain: NotRequired[CustomDomainArgs]
    """A host name of one's own; not with private."""
    private: NotRequired[PrivateApiArgs]
    """Reachable from VPC endpoints alone; by default from the internet, with the API key."""


CONTENT_TYPES = ["application/json"]
TIMEOUT_SECONDS = 29
RATE_PER_SECOND = 100
BURST = 200
RETENTION_DAYS = 30
BAKE_SECONDS = 120
TERMINATION_WAIT_SECONDS = 120
