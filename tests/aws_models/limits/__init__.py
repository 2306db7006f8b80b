"""Limits that AWS documents and neither of its models has, and rules of this project: by Pulumi type."""

from __future__ import annotations

from tests.aws_models.limits import (
    acm,
    apigateway,
    cloudfront_distribution,
    cloudfront_parts,
    cloudwatch,
    elasticache,
    iam,
    route53,
    s3,
    sagemaker,
    wafv2,
)
from tests.aws_models.limits.rules import Rules, Whole, problems
from tests.aws_models.registered import Inputs

_MODULES = (
    *(acm, apigateway, cloudfront_distribution, cloudfront_parts, cloudwatch, elasticache, iam, route53, s3),
    *(sagemaker, wafv2),
)
PATHS: dict[str, Rules] = {kind: rules for module in _MODULES for kind, rules in module.PATHS.items()}
WHOLE: dict[str, Whole] = {kind: check for module in _MODULES for kind, check in module.WHOLE.items()}


def limit_problems(kind: str, inputs: Inputs) -> list[str]:
    """Return what is beyond a limit in the inputs of a resource."""
    whole = WHOLE.get(kind)
    return [*problems(PATHS[kind], inputs), *(whole(inputs) if whole else [])]
