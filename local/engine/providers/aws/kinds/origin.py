"""The types of an origin: API Gateway, IAM, SageMaker."""

from __future__ import annotations

import string
from collections.abc import Mapping

from local.engine.providers.aws.kind import Kind
from local.engine.providers.stand_in.kind import Computed, Values, derive

_LOWER = string.ascii_lowercase + string.digits
_IN_METHOD = "restApi resourceId httpMethod"
_REST_API = "arn:aws:apigateway:{region}::"


def _root_resource_id(rest_api: str) -> str:
    return derive(10, _LOWER, rest_api, "root")


def _resource_path(values: Values) -> str | None:
    """Only below the root: of other parents the path is not known here."""
    return f"/{values['pathPart']}" if values["parentId"] == _root_resource_id(values["restApi"]) else None


KINDS: Mapping[str, Kind] = {
    "aws:apigateway/apiKey:ApiKey": Kind(
        "{lower10}",
        {"arn": f"{_REST_API}/apikeys/{{id}}", "value": "{mixed40}"},
        replaces="value",
        auto_name="name",
        secret=frozenset({"value"}),
    ),
    "aws:apigateway/basePathMapping:BasePathMapping": Kind(
        "{domainName}/{basePath}", replaces="domainName domainNameId"
    ),
    "aws:apigateway/deployment:Deployment": Kind("{lower6}", replaces="restApi triggers variables"),
    "aws:apigateway/domainName:DomainName": Kind(
        "{domainName}",
        {
            "arn": f"{_REST_API}/domainnames/{{domainName}}",
            "regionalDomainName": "d-{lower10}.execute-api.{region}.amazonaws.com",
            "regionalZoneId": "Z{upper13}",
        },
        replaces="certificateBody certificateChain certificatePrivateKey domainName",
    ),
    "aws:apigateway/integration:Integration": Kind(
        "agi-{restApi}-{resourceId}-{httpMethod}",
        replaces=f"{_IN_METHOD} credentials integrationHttpMethod passthroughBehavior type",
        delete_first=True,
    ),
    "aws:apigateway/integrationResponse:IntegrationResponse": Kind(
        "agir-{restApi}-{resourceId}-{httpMethod}-{statusCode}", replaces=f"{_IN_METHOD} statusCode"
    ),
    "aws:apigateway/method:Method": Kind("agm-{restApi}-{resourceId}-{httpMethod}", replaces=_IN_METHOD),
    "aws:apigateway/methodResponse:MethodResponse": Kind(
        "agmr-{restApi}-{resourceId}-{httpMethod}-{statusCode}", replaces=f"{_IN_METHOD} statusCode"
    ),
    "aws:apigateway/methodSettings:MethodSettings": Kind(
        "{restApi}-{stageName}-{methodPath}", replaces="methodPath restApi stageName"
    ),
    "aws:apigateway/requestValidator:RequestValidator": Kind("{lower6}", replaces="restApi", auto_name="name"),
    "aws:apigateway/resource:Resource": Kind(
        "{lower6}",
        {"path": Computed(_resource_path, frozenset({"parentId", "pathPart"}))},
        replaces="restApi",
    ),
    "aws:apigateway/response:Response": Kind("aggr-{restApiId}-{responseType}", replaces="responseType restApiId"),
    "aws:apigateway/restApi:RestApi": Kind(
        "{lower10}",
        {
            "arn": f"{_REST_API}/restapis/{{id}}",
            "executionArn": "arn:aws:execute-api:{region}:{account}:{id}",
            "rootResourceId": Computed(lambda values: _root_resource_id(values["id"])),
        },
        auto_name="name",
    ),
    "aws:apigateway/restApiPolicy:RestApiPolicy": Kind("{restApiId}", replaces="restApiId"),
    "aws:apigateway/stage:Stage": Kind(
        "ags-{restApi}-{stageName}",
        {
            "arn": f"{_REST_API}/restapis/{{restApi}}/stages/{{stageName}}",
            "executionArn": "arn:aws:execute-api:{region}:{account}:{restApi}/{stageName}",
            "invokeUrl": "https://{restApi}.execute-api.{region}.amazonaws.com/{stageName}",
        },
        replaces="restApi stageName",
    ),
    "aws:apigateway/usagePlan:UsagePlan": Kind("{lower6}", {"arn": f"{_REST_API}/usageplans/{{id}}"}, auto_name="name"),
    "aws:apigateway/usagePlanKey:UsagePlanKey": Kind("{lower10}", replaces="keyId keyType usagePlanId"),
    "aws:iam/role:Role": Kind(
        "{name}",
        {
            "arn": Computed(
                lambda values: f"arn:aws:iam::{values['account']}:role{values['path'] or '/'}{values['name']}",
                frozenset({"name", "path"}),
            ),
            "uniqueId": "AROA{upper17}",
        },
        replaces="name namePrefix path",
        auto_name="name",
        auto_name_length=64,
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind("{role}:{name}", replaces="name namePrefix role", auto_name="name"),
    "aws:sagemaker/endpoint:Endpoint": Kind(
        "{name}",
        {
            "arn": Computed(
                lambda values: (
                    f"arn:aws:sagemaker:{values['region']}:{values['account']}:endpoint/{values['name'].lower()}"
                ),
                frozenset({"name"}),
            )
        },
        replaces="name",
        auto_name="name",
    ),
}
