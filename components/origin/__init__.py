"""The origin behind the gateway: a SageMaker endpoint that signed requests reach through API Gateway.

`sagemaker.py` is not imported here: it needs the AWS SDK, which a stack without such a model does not have.
"""

from .arguments import (
    CustomDomainArgs,
    EndpointArgs,
    EndpointDeploymentArgs,
    OriginLogsArgs,
    PrivateApiArgs,
    SageMakerOriginArgs,
    ThrottleArgs,
)

__all__ = [
    "CustomDomainArgs",
    "EndpointArgs",
    "EndpointDeploymentArgs",
    "OriginLogsArgs",
    "PrivateApiArgs",
    "SageMakerOriginArgs",
    "ThrottleArgs",
]
