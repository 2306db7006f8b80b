"""What an endpoint's ARN tells: where it is, how it is called, and what a policy has to name."""

import re
from typing import NamedTuple, Optional

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sagemaker:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r":endpoint/(?P<name>[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62})"
)


class EndpointArn(NamedTuple):
    """EndpointArn.parse("arn:aws:sagemaker:eu-west-1:123456789012:endpoint/Digits").name == "Digits"

    Form: EndpointArn and EndpointName of the SageMaker API.
    """

    partition: str
    region: str
    account: str
    name: str

    @classmethod
    def parse(cls, arn: str) -> "EndpointArn":
        """Raises ValueError when it is not an endpoint's ARN."""
        found = _ARN.fullmatch(arn)
        if found is None:
            raise ValueError(arn)
        return cls(**found.groupdict())

    def resource(self) -> str:
        """The ARN as IAM compares it: SageMaker has the name in lower case there."""
        return f"arn:{self.partition}:sagemaker:{self.region}:{self.account}:endpoint/{self.name.lower()}"

    def integration_uri(self) -> str:
        """The URI of API Gateway's integration with InvokeEndpoint."""
        service = f"arn:{self.partition}:apigateway:{self.region}:runtime.sagemaker"
        return f"{service}:path/endpoints/{self.name}/invocations"

    def path_part(self, variant: Optional[str]) -> str:
        """A path segment of its own for every endpoint and variant."""
        return ".".join([self.name, self.region, *([variant] if variant else [])])
