"""Parameters are held against all that an API's model says; botocore's own validation is a part of it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.validate import ParamValidator

from tests.aws_models.api_shapes import api_problems
from tests.aws_models.convert import to_api
from tests.aws_models.models import api_shape
from tests.aws_models.mutants import mutants
from tests.aws_models.registered import Registered
from tests.aws_models.twins import TWINS

_KEY = {"keyId": "a", "keyType": "API_KEY", "usagePlanId": "b"}
_BEHAVIOR = {"TargetOriginId": "a", "ViewerProtocolPolicy": "https-only"}


@pytest.mark.parametrize(
    ("where", "parameters", "problem"),
    [
        ("apigateway.CreateUsagePlanKey", _KEY, None),
        ("apigateway.CreateUsagePlanKey", {"keyId": "a", "keyType": "b"}, "usagePlanId is required"),
        ("apigateway.CreateUsagePlanKey", {**_KEY, "other": 1}, "other is unknown"),
        ("apigateway.CreateUsagePlanKey", {**_KEY, "keyId": 1}, "is not of type string"),
        ("wafv2:RateBasedStatement", {"Limit": True, "AggregateKeyType": "IP"}, "is not of type long"),
        ("wafv2:RateBasedStatement", {"Limit": 2_000, "AggregateKeyType": "Ip"}, "is not one of"),
        ("wafv2:RateBasedStatement", {"Limit": 9, "AggregateKeyType": "IP"}, "9 is below 10"),
        ("wafv2:RateBasedStatement", {"Limit": 2_000_000_001, "AggregateKeyType": "IP"}, "is above 2000000000"),
        ("wafv2:VisibilityConfig", {"SampledRequestsEnabled": 1}, "is not of type boolean"),
        ("logs:S3DeliveryConfiguration", {"suffixPath": "x" * 257}, "257 is above 256"),
        ("logs.PutRetentionPolicy", {"logGroupName": "no space", "retentionInDays": 1}, "does not match"),
        ("logs.CreateLogGroup", {"logGroupName": "a", "tags": {"": "x"}}, "0 is below 1"),
        ("cloudwatch:EvaluationWindow", {"SlidingWindow": {}, "WallClockWindow": {}}, "exactly one member"),
        ("cloudfront:DefaultCacheBehavior", {**_BEHAVIOR, "MinTTL": 1}, "MinTTL: deprecated"),
        ("cloudfront:DefaultCacheBehavior", _BEHAVIOR, None),
    ],
)
def test_a_problem_is_named(where: str, parameters: dict[str, Any], problem: str | None) -> None:
    found = api_problems(where, parameters)
    assert any(problem in one for one in found) if problem else found == []


def test_what_botocore_refuses_is_refused_here(registered: list[Registered]) -> None:
    validator, refused = ParamValidator(), 0
    for mutant in mutants(registered):
        for where, parameters in to_api(TWINS[mutant.kind], mutant.inputs) if mutant.kind in TWINS else ():
            if isinstance(parameters, dict) and validator.validate(parameters, api_shape(where)).has_errors():
                refused += 1
                assert api_problems(where, parameters), mutant
    assert refused > 100
