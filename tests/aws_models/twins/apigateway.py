"""aws.apigateway."""

from __future__ import annotations

from typing import Any

from tests.aws_models.convert import Target, Twin
from tests.aws_models.registered import Inputs, changed
from tests.aws_models.twins.shaping import constants, listed, names, only, steps, under, without

_REGION = frozenset({"region"})
_API = {"restApi": "restApiId"}
_METHOD_PARTS = ("restApiId", "resourceId", "httpMethod")


def _one_method_setting(inputs: Inputs) -> Inputs:
    """CloudFormation writes the path `resource/METHOD` as two properties, `/*` for all resources."""
    path = inputs.get("methodPath")
    settings = inputs.get("settings")
    if not isinstance(path, str) or "/" not in path or not isinstance(settings, dict):
        return inputs
    resource, _, method = path.rpartition("/")
    rest = {name: value for name, value in inputs.items() if name not in ("methodPath", "settings")}
    return {**rest, "methodSettings": [{**settings, "resourcePath": f"/{resource}", "httpMethod": method}]}


def _method_setting(inputs: Inputs) -> Inputs:
    settings = inputs.get("settings")
    return settings if isinstance(settings, dict) else {"settings": settings}


def _throttles(inputs: Inputs) -> Inputs:
    """AWS has a map from path to limits where the provider has a list."""

    def as_map(holder: Inputs, name: str) -> None:
        throttles = holder[name]
        if isinstance(throttles, list) and all(isinstance(item, dict) and "path" in item for item in throttles):
            holder["throttle"] = {
                item["path"]: {key: value for key, value in item.items() if key != "path"} for item in throttles
            }
            del holder[name]

    return changed(inputs, "apiStages.throttles", as_map)


def _size_as_number(inputs: Inputs) -> Inputs:
    def read(holder: Inputs, name: str) -> None:
        if isinstance(holder[name], str) and holder[name].isdecimal():
            holder[name] = int(holder[name])

    return changed(inputs, "minimumCompressionSize", read)


def _one_response(block: str) -> Any:
    return lambda inputs: {
        **{name: value for name, value in inputs.items() if name in _METHOD_PARTS},
        block: [{name: value for name, value in inputs.items() if name not in _METHOD_PARTS}],
    }


_USAGE_PLAN = steps(names({"quotaSettings": "quota", "throttleSettings": "throttle"}), _throttles)
_REST_API = steps(listed("endpointConfiguration.types"), _size_as_number)

TWINS = {
    "aws:apigateway/restApi:RestApi": Twin(
        (Target("AWS::ApiGateway::RestApi", steps(_REST_API, names({"apiKeySource": "apiKeySourceType"}))),),
        (Target("apigateway.CreateRestApi", _REST_API),),
        provider_only=_REGION,
        generated="name",
    ),
    "aws:apigateway/restApiPolicy:RestApiPolicy": Twin(
        # In both models the policy is a property of the API.
        (Target("AWS::ApiGateway::RestApi", names({"restApiId": "name"})),),
        (Target("apigateway.CreateRestApi", names({"restApiId": "name"})),),
        provider_only=_REGION,
    ),
    "aws:apigateway/resource:Resource": Twin(
        (Target("AWS::ApiGateway::Resource", names(_API)),),
        (Target("apigateway.CreateResource", names(_API)),),
        provider_only=_REGION,
    ),
    "aws:apigateway/requestValidator:RequestValidator": Twin(
        (Target("AWS::ApiGateway::RequestValidator", names(_API)),),
        (Target("apigateway.CreateRequestValidator", names(_API)),),
        provider_only=_REGION,
    ),
    "aws:apigateway/method:Method": Twin(
        (Target("AWS::ApiGateway::Method", names({**_API, "authorization": "authorizationType"})),),
        (Target("apigateway.PutMethod", names({**_API, "authorization": "authorizationType"})),),
        provider_only=_REGION,
    ),
    "aws:apigateway/methodResponse:MethodResponse": Twin(
        (Target("AWS::ApiGateway::Method", steps(names(_API), _one_response("methodResponses"))),),
        (Target("apigateway.PutMethodResponse", names(_API)),),
        provider_only=_REGION,
    ),
    "aws:apigateway/integration:Integration": Twin(
        (
            Target(
                "AWS::ApiGateway::Method",
                steps(names({**_API, "timeoutMilliseconds": "timeoutInMillis"}), under("integration", _METHOD_PARTS)),
            ),
        ),
        (Target("apigateway.PutIntegration", names({**_API, "timeoutMilliseconds": "timeoutInMillis"})),),
        provider_only=_REGION,
    ),
    "aws:apigateway/integrationResponse:IntegrationResponse": Twin(
        (
            Target(
                "AWS::ApiGateway::Method",
                steps(
                    names(_API),
                    _one_response("integrationResponses"),
                    constants({"type": "AWS"}),  # the integration's, which CloudFormation wants around it
                    under("integration", _METHOD_PARTS),
                ),
            ),
        ),
        (Target("apigateway.PutIntegrationResponse", names(_API)),),
        provider_only=_REGION,
    ),
    "aws:apigateway/response:Response": Twin(
        (Target("AWS::ApiGateway::GatewayResponse"),),
        (Target("apigateway.PutGatewayResponse"),),
        provider_only=_REGION,
    ),
    "aws:apigateway/deployment:Deployment": Twin(
        (Target("AWS::ApiGateway::Deployment", steps(names(_API), without("variables"))),),
        (Target("apigateway.CreateDeployment", names(_API)),),
        provider_only=frozenset({"region", "triggers"}),
    ),
    "aws:apigateway/stage:Stage": Twin(
        (
            Target(
                "AWS::ApiGateway::Stage",
                names(
                    {
                        **_API,
                        "deployment": "deploymentId",
                        "xrayTracingEnabled": "tracingEnabled",
                        "accessLogSettings": "accessLogSetting",
                        "canarySettings": "canarySetting",
                    }
                ),
            ),
        ),
        (
            Target(
                "apigateway.CreateStage",
                steps(
                    without("accessLogSettings", "clientCertificateId"),
                    names({**_API, "deployment": "deploymentId", "xrayTracingEnabled": "tracingEnabled"}),
                ),
            ),
            Target("apigateway:Stage", only("accessLogSettings", "clientCertificateId")),
        ),
        provider_only=_REGION,
    ),
    "aws:apigateway/methodSettings:MethodSettings": Twin(
        (Target("AWS::ApiGateway::Stage", steps(names(_API), _one_method_setting)),),
        (Target("apigateway:MethodSetting", _method_setting),),
        provider_only=_REGION,
    ),
    "aws:apigateway/usagePlan:UsagePlan": Twin(
        (Target("AWS::ApiGateway::UsagePlan", steps(names({"name": "usagePlanName"}), _USAGE_PLAN)),),
        (Target("apigateway.CreateUsagePlan", _USAGE_PLAN),),
        provider_only=_REGION,
        generated="name",
    ),
    "aws:apigateway/usagePlanKey:UsagePlanKey": Twin(
        (Target("AWS::ApiGateway::UsagePlanKey"),),
        (Target("apigateway.CreateUsagePlanKey"),),
        provider_only=_REGION,
    ),
    "aws:apigateway/apiKey:ApiKey": Twin(
        (Target("AWS::ApiGateway::ApiKey"),),
        (Target("apigateway.CreateApiKey"),),
        provider_only=_REGION,
        generated="name",
    ),
    "aws:apigateway/domainName:DomainName": Twin(
        (Target("AWS::ApiGateway::DomainName", listed("endpointConfiguration.types")),),
        (Target("apigateway.CreateDomainName", listed("endpointConfiguration.types")),),
        provider_only=_REGION,
    ),
    "aws:apigateway/basePathMapping:BasePathMapping": Twin(
        (Target("AWS::ApiGateway::BasePathMapping", names({**_API, "stageName": "stage"})),),
        (Target("apigateway.CreateBasePathMapping", names({**_API, "stageName": "stage"})),),
        provider_only=_REGION,
    ),
}
