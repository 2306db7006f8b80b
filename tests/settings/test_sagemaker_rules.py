"""Models on SageMaker: what the endpoint, API Gateway and the cache allow together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.settings.support import ENDPOINT_ARN, model, parsed, problems, sagemaker_model, stack

CUSTOM_DOMAIN = {
    "name": "models.example.com",
    "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/0",
}
PRIVATE = {"vpcEndpointIds": ["vpce-0123456789abcdef0"]}
MADE = {"configName": "digits-7"}


def made(endpoint: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A model on an endpoint that the stack makes, without a version of its own."""
    return {"name": "digits", "sagemaker": {"endpoint": {**MADE, **(endpoint or {})}}, **changes}


BAD: list[tuple[dict[str, Any], str]] = [
    (
        stack({"name": "digits", "version": "1"}),
        "models[0].endpoint: required but missing; must be http:// or https://, a host, and optionally a port and a "
        "path; no user, password, query or fragment, or give sagemaker or pool instead",
    ),
    (
        stack(model(sagemaker={"endpointArn": ENDPOINT_ARN})),
        'models[0].endpoint = "http://127.0.0.1:8080/invocations": '
        "must be left out with sagemaker: a request goes to one of the two",
    ),
    (
        stack({"name": "digits", "sagemaker": {"endpointArn": ENDPOINT_ARN}}),
        "models[0].version: required but missing; must be 1 to 128 printable ASCII characters",
    ),
    (
        stack({"name": "digits", "version": "1", "sagemaker": {}}),
        "models[0].sagemaker.endpointArn: required but missing; must be the ARN of a SageMaker endpoint, such as "
        "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/digits, or give endpoint instead",
    ),
    (
        stack(sagemaker_model({"endpoint": MADE})),
        f'models[0].sagemaker.endpointArn = "{ENDPOINT_ARN}": '
        "must be left out with endpoint: that one is made by this stack",
    ),
    (
        stack(sagemaker_model({"endpointArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/digits"})),
        'models[0].sagemaker.endpointArn = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/dig...": '
        "must be the ARN of a SageMaker endpoint, such as arn:aws:sagemaker:eu-west-1:123456789012:endpoint/digits",
    ),
    (
        stack(sagemaker_model({"variants": ["blue", "green"]})),
        "models[0].sagemaker.variants = a list: must be one alone, or targetVariant must name the one that answers, "
        "or cache.enabled be false: the cache would give one variant's answer for another's",
    ),
    (
        stack(sagemaker_model({"variants": ["blue", "green"], "targetVariant": "red"})),
        'models[0].sagemaker.targetVariant = "red": must be one of variants (blue, green): the endpoint knows no other',
    ),
    (
        stack(made({"deployment": {"canaryPercent": 10}})),
        "models[0].sagemaker.endpoint.deployment.canaryPercent = 10: must be left out unless cache.enabled is false: "
        "two versions would answer at a time, and the cache would give one's answer for the other's",
    ),
    (
        stack(sagemaker_model({"customDomain": CUSTOM_DOMAIN, "private": PRIVATE})),
        "models[0].sagemaker.customDomain = a mapping: "
        "must be left out with private: a private API is reached by the name of its VPC endpoint",
    ),
    (
        stack(sagemaker_model(timeouts={"readSeconds": 28})),
        "models[0].timeouts.readSeconds = 28.0: must be at least sagemaker.timeoutSeconds (29): "
        "Kong would give up while the model still works, and its answer would be lost",
    ),
    (
        stack(sagemaker_model({"timeoutSeconds": 61})),
        "models[0].sagemaker.timeoutSeconds = 61: must be a whole number from 1 to 60 (seconds)",
    ),
    (
        stack(sagemaker_model(access={"maxRequestBytes": 6_291_457})),
        "models[0].access.maxRequestBytes = 6291457: must be at most 6291456 with sagemaker: "
        "InvokeEndpoint takes no larger request, and API Gateway none above 10485760",
    ),
    (
        stack(sagemaker_model({"throttle": {"burst": 0}})),
        "models[0].sagemaker.throttle.burst = 0: must be a whole number from 1 to 1000000 (requests)",
    ),
    (
        stack(sagemaker_model({"private": {}})),
        "models[0].sagemaker.private.vpcEndpointIds: required but missing; must be a list of 1 to 20 VPC endpoints",
    ),
    (
        stack(sagemaker_model({"endpointArn": None, "endpoint": {}})),
        "models[0].sagemaker.endpoint.configName: required but missing; "
        "must be 1 to 63 letters, digits and hyphens, beginning and ending with a letter or digit",
    ),
    (
        stack(sagemaker_model({"contentTypes": ["application/x-npy"]})),
        'models[0].sagemaker.contentTypes[0] = "application/x-npy": must be a text type in lower case without '
        "parameters, such as application/json or text/csv; API Gateway changes binary bodies",
    ),
]


@pytest.mark.parametrize(("document", "problem"), BAD, ids=[problem.partition(":")[0][:60] for _, problem in BAD])
def test_refuses_with_these_words(document: dict[str, Any], problem: str) -> None:
    assert problems(document) == [problem]


@pytest.mark.parametrize(
    "document",
    [
        stack(sagemaker_model()),
        stack(made()),
        stack(made(version="7")),
        stack(made({"deployment": {"canaryPercent": 10}}, cache={"enabled": False})),
        stack(sagemaker_model({"variants": ["blue"]})),
        stack(sagemaker_model({"variants": ["blue", "green"], "targetVariant": "green"})),
        stack(sagemaker_model({"variants": ["blue", "green"]}, cache={"enabled": False})),
        stack(sagemaker_model({"timeoutSeconds": 60})),
        stack(sagemaker_model({"timeoutSeconds": 5}, timeouts={"readSeconds": 5})),
        stack(sagemaker_model({"customDomain": CUSTOM_DOMAIN})),
        stack(sagemaker_model({"private": PRIVATE})),
        stack(sagemaker_model({"endpointArn": "arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012:endpoint/Digits"})),
        stack(sagemaker_model(access={"maxRequestBytes": 6_291_456})),
    ],
)
def test_accepts_what_goes_together(document: dict[str, Any]) -> None:
    assert problems(document) == []


def test_defaults_are_those_of_a_real_time_endpoint_behind_api_gateway() -> None:
    (digits,) = parsed(stack(made())).models
    assert digits.sagemaker is not None and digits.sagemaker.endpoint is not None
    assert digits.version is None
    assert digits.endpoint is None
    assert digits.sagemaker.timeout_seconds == 29
    assert digits.sagemaker.content_types == ("application/json",)
    assert digits.sagemaker.endpoint.deployment.canary_percent is None


def test_a_misspelt_endpoint_is_told_once() -> None:
    document = stack({"name": "digits", "version": "1", "endpint": "http://model/x"})
    assert problems(document) == ["models[0].endpint: unknown key; did you mean endpoint?"]
