"""API Gateway, and the roles by which it and others ask SageMaker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from .reading import document, get, given, items, texts, where_known
from .rule import Resource, Settings, resource_rule

METHOD = "aws:apigateway/method:Method"
STAGE = "aws:apigateway/stage:Stage"
ROUTE_V2 = "aws:apigatewayv2/route:Route"
STAGE_V2 = "aws:apigatewayv2/stage:Stage"
ROLE_POLICIES = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy", "aws:iam/userPolicy:UserPolicy")
_INVOKE = "sagemaker:invokeendpoint"
_PREFLIGHT = "OPTIONS"


@resource_rule(
    "api-gateway-authorization",
    METHOD,
    ROUTE_V2,
    description="API Gateway asks callers who they are.",
    mend="set authorization (authorizationType) to AWS_IAM, JWT or an authorizer, or apiKeyRequired to true",
    severity=Severity.CRITICAL,
    config={
        "acceptApiKeys": {"type": "boolean", "default": True, "description": "Whether an API key is authorisation."}
    },
)
def authorization(resource: Resource, settings: Settings) -> Iterator[str]:
    """A method without it signs everybody's requests with its own role."""
    own = "authorization" if resource.resource_type == METHOD else "authorizationType"
    if get(resource.props, "httpMethod") == _PREFLIGHT or get(resource.props, own, default="NONE") != "NONE":
        return
    if not (settings["acceptApiKeys"] and get(resource.props, "apiKeyRequired") is True):
        yield "lets everybody in"


@resource_rule(
    "api-gateway-logs",
    STAGE,
    STAGE_V2,
    description="A stage of API Gateway writes access logs.",
    mend="set accessLogSettings with the ARN of a log group and a format",
    severity=Severity.MEDIUM,
)
def logs(resource: Resource, _: Settings) -> Iterator[str]:
    """Without them nobody can tell a slow model from a slow gateway."""
    if not given(resource.props, "accessLogSettings"):
        yield "writes no access logs"


@resource_rule(
    "iam-one-endpoint",
    *ROLE_POLICIES,
    description="A role that asks SageMaker may invoke one endpoint.",
    mend="name sagemaker:InvokeEndpoint alone as Action and one endpoint's ARN as Resource",
    severity=Severity.HIGH,
    config={
        "maxEndpoints": {
            "type": "integer",
            "minimum": 1,
            "default": 1,
            "description": "How many endpoints one policy may name.",
        }
    },
)
def one_endpoint(resource: Resource, settings: Settings) -> Iterator[str]:
    """A stolen or confused role reaches no other model."""
    endpoints: set[str] = set()
    for statement in items(document(resource.props, "policy"), "Statement"):
        with where_known():
            if get(statement, "Effect") != "Allow":
                continue
            actions = texts(statement, "Action")
            if not given(statement, "NotAction") and not any(_allows_invoke(action) for action in actions):
                continue
            if any("*" in action and _allows_invoke(action) for action in actions) or given(statement, "NotAction"):
                yield "may do more at SageMaker than invoke an endpoint"
            resources = [str(item) for item in items(statement, "Resource")]
            if given(statement, "NotResource") or any(_is_wide(item) for item in resources):
                yield "may invoke endpoints that it does not name"
            endpoints.update(resources)
    if len(endpoints) > settings["maxEndpoints"]:
        yield f"may invoke {len(endpoints)} endpoints, more than {settings['maxEndpoints']:.12g}"


def _allows_invoke(action: str) -> bool:
    before, star, _ = action.partition("*")
    return _INVOKE.startswith(before) if star else action.startswith(_INVOKE)


def _is_wide(resource: Any) -> bool:
    return "*" in resource or "?" in resource


RULES = [authorization, logs, one_endpoint]
