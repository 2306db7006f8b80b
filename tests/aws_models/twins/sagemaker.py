"""aws.sagemaker."""

from __future__ import annotations

from tests.aws_models.convert import Target, Twin
from tests.aws_models.twins.shaping import names

TWINS = {
    "aws:sagemaker/endpoint:Endpoint": Twin(
        (Target("AWS::SageMaker::Endpoint", names({"name": "endpointName"})),),
        (Target("sagemaker.CreateEndpoint", names({"name": "endpointName"})),),
        provider_only=frozenset({"region"}),
        generated="name",
    ),
}
