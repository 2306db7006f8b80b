"""What API Gateway takes beyond its API model, and rules of ours: a key for every method, no bodies in logs.

Sources: docs.aws.amazon.com/apigateway/latest/developerguide (limits, api-gateway-mapping-template-reference,
request-response-data-mappings, api-gateway-api-usage-plans) and the API reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.aws_models.limits.rules import (
    DOMAIN,
    HEADER,
    REGION,
    TAGS,
    Rule,
    Rules,
    Whole,
    always,
    arn,
    between,
    each,
    flag,
    having,
    mapping,
    matching,
    one_of,
    policy_document,
    text,
)
from tests.aws_models.registered import Inputs

_REGION = matching(REGION)
_API_ID = matching(r"[a-z0-9]{10}")
_RESOURCE_ID = matching(r"[a-z0-9]{6,10}")
_HTTP_METHOD = one_of("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_STATUS = matching(r"[1-5]\d\d")
_STAGE_NAME = matching(r"\w[\w-]{0,127}")
_MEDIA_TYPE = r"[A-Za-z0-9.+*-]{1,64}/[A-Za-z0-9.+*-]{1,64}"
_TEMPLATE_BYTES = 300 * 1024
_NAME = text(1_024, 1)
_VALUE = r"'[^']*'|(integration|method|context|stageVariables)[\w.:-]{1,256}"
_METHOD: Rules = {"region": _REGION, "restApi": _API_ID, "resourceId": _RESOURCE_ID, "httpMethod": _HTTP_METHOD}
_RATE = between(0.01, 1_000_000, (int, float))
_BURST = between(1, 1_000_000)


def _header_map(prefix: str, value: Rule) -> Rule:
    return mapping(rf"{prefix}\.header\.{HEADER.pattern}", value)


def _templates(kind: str = _MEDIA_TYPE) -> Rule:
    return mapping(kind, text(_TEMPLATE_BYTES))


PATHS: dict[str, Rules] = {
    "aws:apigateway/restApi:RestApi": {
        "region": _REGION,
        "name": _NAME,
        "description": text(1_024),
        "tags": TAGS,
        "apiKeySource": one_of("HEADER"),
        "disableExecuteApiEndpoint": flag,
        "endpointConfiguration.types": one_of("REGIONAL", "PRIVATE"),  # EDGE is a hidden second CloudFront
        "endpointConfiguration.vpcEndpointIds": each(matching(r"vpce-[0-9a-f]{8,17}"), most=50, least=1),
        "binaryMediaTypes": each(matching(_MEDIA_TYPE), most=100),
    },
    "aws:apigateway/restApiPolicy:RestApiPolicy": {
        "region": _REGION,
        "restApiId": _API_ID,
        "policy": policy_document(20_480),
    },
    "aws:apigateway/resource:Resource": {
        "region": _REGION,
        "restApi": _API_ID,
        "parentId": _RESOURCE_ID,
        "pathPart": matching(r"[\w.:$-]{1,256}|\{\w+\+?\}"),
    },
    "aws:apigateway/requestValidator:RequestValidator": {
        "region": _REGION,
        "restApi": _API_ID,
        "name": _NAME,
        "validateRequestBody": flag,
        "validateRequestParameters": flag,
    },
    "aws:apigateway/method:Method": {
        **_METHOD,
        "authorization": one_of("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"),
        "apiKeyRequired": always(True),
        "requestValidatorId": matching(r"[a-z0-9]{6,10}"),
        "requestParameters": mapping(rf"method\.request\.(header\.{HEADER.pattern}|querystring\.\S+|path\.\w+)", flag),
    },
    "aws:apigateway/methodResponse:MethodResponse": {
        **_METHOD,
        "statusCode": _STATUS,
        "responseParameters": _header_map(r"method\.response", flag),
        "responseModels": mapping(_MEDIA_TYPE, matching(r"[A-Za-z0-9]{1,128}")),
    },
    "aws:apigateway/integration:Integration": {
        **_METHOD,
        "type": always("AWS"),
        "integrationHttpMethod": always("POST"),  # InvokeEndpoint knows no other
        "uri": matching(
            r"arn:aws[a-z-]*:apigateway:[a-z0-9-]+:runtime\.sagemaker:path/+endpoints/[A-Za-z0-9-]{1,63}/invocations"
        ),
        "credentials": arn("iam", r"role/[\w+=,.@/-]{1,576}", region=""),
        "passthroughBehavior": always("NEVER"),
        "timeoutMilliseconds": between(50, 300_000),
        "requestParameters": _header_map(r"integration\.request", matching(_VALUE)),
        "requestTemplates": _templates(),
    },
    "aws:apigateway/integrationResponse:IntegrationResponse": {
        **_METHOD,
        "statusCode": _STATUS,
        "selectionPattern": matching(r"[\w\\{}|().*?+^$\[\]-]{1,256}"),
        "responseParameters": _header_map(r"method\.response", matching(_VALUE)),
        "responseTemplates": _templates(),
    },
    "aws:apigateway/response:Response": {
        "region": _REGION,
        "restApiId": _API_ID,
        "responseParameters": _header_map("gatewayresponse", matching(_VALUE)),
        "responseTemplates": _templates(),
    },
    "aws:apigateway/deployment:Deployment": {
        "region": _REGION,
        "restApi": _API_ID,
        "description": text(1_024),
        "triggers": mapping(r"\w{1,64}", text(1_024, 1)),
    },
    "aws:apigateway/stage:Stage": {
        "region": _REGION,
        "restApi": _API_ID,
        "deployment": matching(r"[a-z0-9]{6,10}"),
        "stageName": _STAGE_NAME,
        "description": text(1_024),
        "xrayTracingEnabled": flag,
        "cacheClusterEnabled": flag,
        "accessLogSettings.destinationArn": arn("logs", r"log-group:[\w./#-]{1,512}"),
        "tags": TAGS,
    },
    "aws:apigateway/methodSettings:MethodSettings": {
        "region": _REGION,
        "restApi": _API_ID,
        "": having("stageName"),
        "stageName": _STAGE_NAME,
        "methodPath": matching(r"\*/\*|[\w~.-]+/(GET|POST|\*)"),
        "settings.loggingLevel": one_of("OFF", "ERROR", "INFO"),
        "settings.dataTraceEnabled": always(False),  # whole requests and answers in the log
        "settings.metricsEnabled": flag,
        "settings.cachingEnabled": flag,
        "settings.throttlingRateLimit": _RATE,
        "settings.throttlingBurstLimit": _BURST,
    },
    "aws:apigateway/usagePlan:UsagePlan": {
        "region": _REGION,
        "name": _NAME,
        "description": text(1_024),
        "apiStages": having("apiId", "stage"),
        "apiStages.apiId": _API_ID,
        "apiStages.stage": _STAGE_NAME,
        "quotaSettings": having("limit", "period"),
        "quotaSettings.limit": between(1, 2_147_483_647),
        "quotaSettings.offset": between(0, 30),
        "throttleSettings.rateLimit": _RATE,
        "throttleSettings.burstLimit": _BURST,
        "tags": TAGS,
    },
    "aws:apigateway/usagePlanKey:UsagePlanKey": {
        "region": _REGION,
        "keyId": matching(r"[a-z0-9]{6,40}"),
        "keyType": always("API_KEY"),
        "usagePlanId": matching(r"[a-z0-9]{6,10}"),
    },
    "aws:apigateway/apiKey:ApiKey": {
        "region": _REGION,
        "name": _NAME,
        "description": text(1_024),
        "enabled": flag,
        "value": matching(r"[A-Za-z0-9_-]{20,128}"),
        "tags": TAGS,
    },
    "aws:apigateway/domainName:DomainName": {
        "region": _REGION,
        "domainName": matching(DOMAIN),
        "regionalCertificateArn": arn("acm", r"certificate/[\w-]+"),
        "endpointConfiguration": having("types"),
        "endpointConfiguration.types": always("REGIONAL"),
        "securityPolicy": matching(r"TLS_1_2|SecurityPolicy_TLS1[23]_\w+"),
        "tags": TAGS,
    },
    "aws:apigateway/basePathMapping:BasePathMapping": {
        "region": _REGION,
        "restApi": _API_ID,
        "stageName": _STAGE_NAME,
        "domainName": matching(DOMAIN),
        "basePath": matching(r"[\w.-]{1,300}"),
    },
}


def access_log(inputs: Inputs) -> Iterator[str]:
    """docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html: the request's id, no body, no key."""
    settings = inputs.get("accessLogSettings")
    if not isinstance(settings, dict):
        return
    if set(settings) != {"destinationArn", "format"}:
        yield "accessLogSettings: destination and format"
    line: Any = settings.get("format")
    try:
        fields = json.loads(line)
    except (TypeError, ValueError):
        yield "accessLogSettings.format is not JSON"
        return
    values = " ".join(str(value) for value in fields.values()) if isinstance(fields, dict) else ""
    if "$context.requestId" not in values and "$context.extendedRequestId" not in values:
        yield "accessLogSettings.format: without the request's id"
    if "apiKey" in values or len(line) > 3_072 or "\n" in line:
        yield "accessLogSettings.format: too long, of several lines, or with the API key"


def rest_api(inputs: Inputs) -> Iterator[str]:
    """A private API has endpoints, a public one has none."""
    config = inputs.get("endpointConfiguration")
    if not isinstance(config, dict) or "types" not in config:
        yield "the default of endpointConfiguration is EDGE"
    elif (config["types"] == "PRIVATE") != ("vpcEndpointIds" in config):
        yield "VPC endpoints belong to private APIs"


def integration(inputs: Inputs) -> Iterator[str]:
    """What an integration of type AWS needs."""
    for name in ("uri", "credentials", "integrationHttpMethod", "passthroughBehavior", "timeoutMilliseconds"):
        if name not in inputs:
            yield f"an integration without {name}"


def private_api_policy(inputs: Inputs) -> Iterator[str]:
    """Nobody outside of the VPC endpoints."""
    if "aws:SourceVpce" not in str(inputs.get("policy")):
        yield "policy: not limited to VPC endpoints"


WHOLE: dict[str, Whole] = {
    "aws:apigateway/restApi:RestApi": rest_api,
    "aws:apigateway/restApiPolicy:RestApiPolicy": private_api_policy,
    "aws:apigateway/integration:Integration": integration,
    "aws:apigateway/stage:Stage": access_log,
}
