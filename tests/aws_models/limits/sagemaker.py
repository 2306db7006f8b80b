"""What SageMaker takes beyond its API model; source: docs.aws.amazon.com/sagemaker/latest/APIReference."""

from __future__ import annotations

from tests.aws_models.limits.rules import (
    REGION,
    TAGS,
    Rules,
    Whole,
    between,
    matching,
)

_REGION = matching(REGION)
_ROUTING = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration"

PATHS: dict[str, Rules] = {
    "aws:sagemaker/endpoint:Endpoint": {
        "region": _REGION,
        "tags": TAGS,
        f"{_ROUTING}.canarySize.value": between(1, 50),
    },
}


WHOLE: dict[str, Whole] = {}
