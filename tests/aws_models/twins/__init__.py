"""The table of Pulumi types: which AWS models each is held against, or why there is none."""

from __future__ import annotations

from tests.aws_models.convert import Twin
from tests.aws_models.twins import (
    acm,
    apigateway,
    cloudfront,
    cloudwatch,
    elasticache,
    iam,
    route53,
    s3,
    sagemaker,
    wafv2,
)

_MODULES = (acm, apigateway, cloudfront, cloudwatch, elasticache, iam, route53, s3, sagemaker, wafv2)
TWINS: dict[str, Twin] = {kind: twin for module in _MODULES for kind, twin in module.TWINS.items()}

WITHOUT_TWIN = {
    "aws:acm/certificateValidation:CertificateValidation": "the provider waits for ACM; it creates nothing",
}
WITHOUT_CLOUDFORMATION = {
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "its policies are an account's, not a log group's",
}
