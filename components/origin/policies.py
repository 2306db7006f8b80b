"""Policy documents: who may take the role, what the role may do, who may reach a private API."""

import json
from typing import Any


def trust_policy() -> str:
    """API Gateway alone takes the role."""
    return _document(
        {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    )


def invoke_policy(endpoint_arn: str) -> str:
    """Invoking one endpoint, and nothing else."""
    return _document({"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": endpoint_arn})


def vpc_endpoint_policy(execution_arn: str, vpc_endpoint_ids: list[str]) -> str:
    """Requests through these VPC endpoints; what a resource policy does not allow is refused."""
    return _document(
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": f"{execution_arn}/*",
            "Condition": {"StringEquals": {"aws:SourceVpce": vpc_endpoint_ids}},
        }
    )


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
