"""API Gateway and the roles of SageMaker."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.cases.case import Case, Configured
from tests.policies.resources import UNKNOWN, Res

METHOD, ROUTE_V2 = "aws:apigateway/method:Method", "aws:apigatewayv2/route:Route"
STAGE, STAGE_V2 = "aws:apigateway/stage:Stage", "aws:apigatewayv2/stage:Stage"
_ENDPOINT = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/digits"
_OTHER = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/words"


def _method(**props: Any) -> Res:
    return Res(METHOD, "predict", {"httpMethod": "POST", "authorization": "NONE", **props})


def _policy(*statements: Any) -> Res:
    return Res("aws:iam/rolePolicy:RolePolicy", "invoke", {"policy": json.dumps({"Statement": list(statements)})})


def _allow(resource: Any, action: Any = "sagemaker:InvokeEndpoint") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


CASES = [
    Case(
        "api-gateway-authorization",
        [
            [_method(authorization="AWS_IAM")],
            [_method(apiKeyRequired=True)],
            [_method(httpMethod="OPTIONS")],
            [Res(ROUTE_V2, "predict", {"authorizationType": "JWT"})],
        ],
        [
            ([_method()], "lets everybody in"),
            ([_method(apiKeyRequired=False)], "lets everybody in"),
            ([Res(ROUTE_V2, "predict", {"routeKey": "POST /predict"})], "lets everybody in"),
        ],
        [[_method(authorization=UNKNOWN)], [_method(apiKeyRequired=UNKNOWN)], [_method(httpMethod=UNKNOWN)]],
        [Configured({"acceptApiKeys": False}, [_method(apiKeyRequired=True)], True)],
    ),
    Case(
        "api-gateway-logs",
        [[Res(STAGE, "live", {"accessLogSettings": {"destinationArn": "arn", "format": "{}"}})]],
        [
            ([Res(STAGE, "live", {"stageName": "live"})], "writes no access logs"),
            ([Res(STAGE_V2, "live", {"name": "live"})], "writes no access logs"),
        ],
        [[Res(STAGE, "live", {"accessLogSettings": UNKNOWN})]],
    ),
    Case(
        "iam-one-endpoint",
        [
            [_policy(_allow(_ENDPOINT))],
            [_policy(_allow("*", "logs:PutLogEvents"))],
            [_policy({"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*"})],
            [Res("aws:iam/rolePolicy:RolePolicy", "invoke", {"policy": {"Statement": [_allow([_ENDPOINT])]}})],
        ],
        [
            ([_policy(_allow("*"))], "may invoke endpoints that it does not name"),
            ([_policy(_allow(f"{_ENDPOINT}*"))], "may invoke endpoints that it does not name"),
            ([_policy(_allow(_ENDPOINT, "sagemaker:*"))], "may do more at SageMaker than invoke an endpoint"),
            ([_policy(_allow("*", "*"))], "may invoke endpoints that it does not name"),
            (
                [_policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": _ENDPOINT})],
                "may do more at SageMaker than invoke an endpoint",
            ),
            ([_policy(_allow([_ENDPOINT, _OTHER]))], "may invoke 2 endpoints, more than 1"),
            ([_policy(_allow(_ENDPOINT), _allow(_OTHER))], "may invoke 2 endpoints, more than 1"),
        ],
        [
            [Res("aws:iam/rolePolicy:RolePolicy", "invoke", {"policy": UNKNOWN})],
            [Res("aws:iam/rolePolicy:RolePolicy", "invoke", {"policy": {"Statement": [_allow(UNKNOWN)]}})],
        ],
        [Configured({"maxEndpoints": 2}, [_policy(_allow([_ENDPOINT, _OTHER]))], False)],
    ),
]
