"""The one method of the API: what it takes, where that goes, and how it is answered."""

from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from . import messages
from .endpoint_arn import EndpointArn
from .snapshot import Snapshot

_METHOD = "POST"


class PredictionMethod:
    """POST /<endpoint>.<region>[.<variant>], which SageMaker answers.

        method = PredictionMethod(snapshot, "digits", api, endpoint, variant=None)
        method.integrate(role.arn, ["application/json"], timeout_milliseconds)

    Another endpoint or variant is another path, so that the gateway, which has the URL in its cache key, never takes
    one's answers for the other's. The old path goes after the gateway has left it.
    """

    path: pulumi.Output[str]
    """The method's path on the stage."""

    def __init__(
        self,
        snapshot: Snapshot,
        name: str,
        api: aws.apigateway.RestApi,
        endpoint: pulumi.Output[EndpointArn],
        variant: Optional[str],
    ) -> None:
        self._snapshot, self._name, self._api = snapshot, name, api
        self._endpoint, self._variant = endpoint, variant
        validator = snapshot.add(
            aws.apigateway.RequestValidator, f"{name}-validator", rest_api=api.id, validate_request_parameters=True
        )
        resource = snapshot.add(
            aws.apigateway.Resource,
            f"{name}-resource",
            pulumi.ResourceOptions(replace_on_changes=["pathPart"]),  # both paths stand until the gateway has changed
            rest_api=api.id,
            parent_id=api.root_resource_id,
            path_part=endpoint.apply(lambda endpoint: endpoint.path_part(variant)),
        )
        self._method = snapshot.add(
            aws.apigateway.Method,
            f"{name}-method",
            rest_api=api.id,
            resource_id=resource.id,
            http_method=_METHOD,
            authorization="NONE",
            api_key_required=True,
            request_validator_id=validator.id,
            request_parameters={
                f"method.request.header.{header}": header in messages.REQUIRED_HEADERS
                for header in messages.FORWARDED_HEADERS
            },
        )
        self.path = pulumi.Output.concat("/", resource.path_part)

    def integrate(
        self, role_arn: pulumi.Output[str], content_types: list[str], timeout_milliseconds: pulumi.Output[int]
    ) -> None:
        """Send requests of these content types to the endpoint, and map every answer."""
        headers = {name: f"method.request.header.{name}" for name in messages.FORWARDED_HEADERS}
        if self._variant:
            headers[messages.VARIANT_HEADER] = f"'{self._variant}'"
        integration = self._snapshot.add(
            aws.apigateway.Integration,
            f"{self._name}-integration",
            # The provider would delete the old path's first, and a deployment fails on a method without one.
            pulumi.ResourceOptions(delete_before_replace=False),
            **self._where(),
            type="AWS",
            integration_http_method="POST",
            uri=self._endpoint.apply(lambda endpoint: endpoint.integration_uri()),
            credentials=role_arn,
            request_parameters={f"integration.request.header.{name}": source for name, source in headers.items()},
            request_templates=dict.fromkeys(content_types, messages.REQUEST_TEMPLATE),
            passthrough_behavior="NEVER",
            timeout_milliseconds=timeout_milliseconds,
        )
        for answer in messages.ANSWERS:
            self._answer(integration, answer)
        for kind, error in messages.GATEWAY_ERRORS.items():
            headers = {f"gatewayresponse.header.{name}": value for name, value in error.headers.items()}
            self._snapshot.add(
                aws.apigateway.Response,
                f"{self._name}-gateway-response-{kind.lower().replace('_', '-')}",
                rest_api_id=self._api.id,
                response_type=kind,
                status_code=error.status,
                response_parameters=headers or None,
                response_templates={"application/json": error.template},
            )

    def _answer(self, integration: aws.apigateway.Integration, answer: messages.Answer) -> None:
        headers = {f"method.response.header.{name}": source for name, source in answer.headers.items()}
        response = self._snapshot.add(
            aws.apigateway.MethodResponse,
            f"{self._name}-method-response-{answer.status}",
            **self._where(),
            status_code=answer.status,
            response_parameters=dict.fromkeys(headers, False),
        )
        self._snapshot.add(
            aws.apigateway.IntegrationResponse,
            f"{self._name}-integration-response-{answer.status}",
            pulumi.ResourceOptions(depends_on=[integration, response]),
            **self._where(),
            status_code=answer.status,
            selection_pattern=answer.pattern,
            response_parameters=headers,
            response_templates=None if answer.template is None else {"application/json": answer.template},
        )

    def _where(self) -> dict[str, Any]:
        method = self._method
        return {"rest_api": self._api.id, "resource_id": method.resource_id, "http_method": method.http_method}
