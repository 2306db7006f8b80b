"""SageMakerOrigin: what it makes of its arguments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.origin import messages
from components.prediction_key import KEY_HEADERS
from tests.components.origin.arguments import full, made, minimal, private
from tests.components.origin.aws_stack import ACCOUNT, CERTIFICATE_ARN, ENDPOINT_ARN, REGION, AwsStack
from tests.components.origin.programs import origin
from tests.components.trial_stack import Graph

FORWARDED = {f"integration.request.header.{name}" for name in messages.FORWARDED_HEADERS}


def one(graph: Graph, kind: str) -> dict[str, Any]:
    """The inputs of the one resource of a kind."""
    [item] = graph.of_type(kind).values()
    return item["inputs"]


def test_the_api_is_regional_and_takes_the_key_from_the_header(stack: AwsStack) -> None:
    assert one(stack.up(origin(minimal())), "RestApi") == {
        "apiKeySource": "HEADER",
        "disableExecuteApiEndpoint": False,
        "endpointConfiguration": {"types": "REGIONAL"},
    }


def test_nobody_calls_without_a_key_or_a_content_type(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal()))
    method, validator = one(graph, "Method"), one(graph, "RequestValidator")
    assert (method["httpMethod"], method["apiKeyRequired"], method["authorization"]) == ("POST", True, "NONE")
    assert [name for name, needed in method["requestParameters"].items() if needed] == [
        "method.request.header.Content-Type"
    ]
    assert validator["validateRequestParameters"] is True
    assert method["requestValidatorId"].startswith("RequestValidator")


def test_the_integration_invokes_the_endpoint_with_the_role(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal()))
    integration = one(graph, "Integration")
    assert integration["uri"] == f"arn:aws:apigateway:{REGION}:runtime.sagemaker:path/endpoints/Digits/invocations"
    assert integration["credentials"].startswith(f"arn:aws:iam::{ACCOUNT}:role/Role")
    assert (integration["type"], integration["integrationHttpMethod"]) == ("AWS", "POST")
    assert integration["requestTemplates"] == {"application/json": "$input.body"}
    assert integration["passthroughBehavior"] == "NEVER"
    assert integration["timeoutMilliseconds"] == 29_000
    assert set(integration["requestParameters"]) == FORWARDED
    assert integration["requestParameters"]["integration.request.header.Accept"] == "method.request.header.Accept"


def test_only_headers_of_the_cache_key_are_forwarded_and_never_the_variant() -> None:
    forwarded = {name.lower() for name in messages.FORWARDED_HEADERS}
    assert forwarded <= set(KEY_HEADERS)
    assert messages.VARIANT_HEADER.lower() not in forwarded


def test_a_fixed_variant_is_in_the_header_and_in_the_url(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal(target_variant="blue")))
    assert one(graph, "Integration")["requestParameters"][
        "integration.request.header.X-Amzn-SageMaker-Target-Variant"
    ] == ("'blue'")
    assert stack.outputs()["url"].endswith("/live/Digits.eu-west-1.blue")


def test_another_endpoint_is_another_url(stack: AwsStack) -> None:
    urls = set()
    for arn in (ENDPOINT_ARN, ENDPOINT_ARN.replace("Digits", "Words"), ENDPOINT_ARN.replace(REGION, "eu-west-2")):
        stack.up(origin(minimal(endpoint_arn=arn)))
        urls.add(stack.outputs()["url"])
    assert len(urls) == 3


@pytest.mark.parametrize(
    ("arn", "uri"),
    [
        (
            f"arn:aws-cn:sagemaker:cn-north-1:{ACCOUNT}:endpoint/digits",
            "arn:aws-cn:apigateway:cn-north-1:runtime.sagemaker:path/endpoints/digits/invocations",
        ),
        (
            f"arn:aws-us-gov:sagemaker:us-gov-west-1:{ACCOUNT}:endpoint/digits",
            "arn:aws-us-gov:apigateway:us-gov-west-1:runtime.sagemaker:path/endpoints/digits/invocations",
        ),
    ],
)
def test_the_arn_decides_partition_and_region(stack: AwsStack, arn: str, uri: str) -> None:
    assert one(stack.up(origin(minimal(endpoint_arn=arn))), "Integration")["uri"] == uri


def test_the_role_may_invoke_one_endpoint_and_is_api_gateways_alone(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal()))
    assert set(one(graph, "Role")) == {"assumeRolePolicy"}
    assert json.loads(one(graph, "Role")["assumeRolePolicy"])["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
    assert json.loads(one(graph, "RolePolicy")["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sagemaker:InvokeEndpoint",
            "Resource": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/digits",  # IAM sees the name in lower case
        }
    ]


def test_key_and_plan_belong_together(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal()))
    plan, member = one(graph, "UsagePlan"), one(graph, "UsagePlanKey")
    assert plan["throttleSettings"] == {"rateLimit": 100, "burstLimit": 200}
    assert plan["apiStages"] == [{"apiId": stack.outputs()["rest_api_id"], "stage": "live"}]
    assert "quotaSettings" not in plan
    assert member["keyId"].startswith("ApiKey") and member["usagePlanId"].startswith("UsagePlan")
    assert member["keyType"] == "API_KEY"


def test_requests_are_counted_and_limited_but_never_traced_or_cached(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal()))
    assert one(graph, "MethodSettings")["settings"] == {
        "metricsEnabled": True,
        "loggingLevel": "ERROR",
        "dataTraceEnabled": False,
        "cachingEnabled": False,
        "throttlingRateLimit": 100,
        "throttlingBurstLimit": 200,
    }
    assert one(graph, "MethodSettings")["methodPath"] == "*/*"
    assert one(graph, "Stage")["cacheClusterEnabled"] is False
    assert one(graph, "Stage")["xrayTracingEnabled"] is False


def test_access_logs_are_json_without_bodies_and_without_the_key(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal()))
    settings = one(graph, "Stage")["accessLogSettings"]
    logged = json.loads(settings["format"])
    assert "\n" not in settings["format"]
    assert logged["requestId"] == "$context.requestId"
    assert {value.split(".")[0] for value in logged.values()} == {"$context"}
    assert not [value for value in logged.values() if "apikey" in value.lower() or "body" in value.lower()]
    assert ":log-group:LogGroup" in settings["destinationArn"]


def test_logs_have_an_end_and_the_execution_log_the_name_that_api_gateway_writes_to(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal()))
    groups = {name: item["inputs"] for name, item in graph.of_type("LogGroup").items()}
    assert groups == {
        "digits-access-log": {"retentionInDays": 30},
        "digits-execution-log": {
            "name": f"API-Gateway-Execution-Logs_{stack.outputs()['rest_api_id']}/live",
            "retentionInDays": 30,
        },
    }
    assert "digits-execution-log" in graph.dependencies("digits-method-settings")


def test_without_logs_there_is_nothing_to_log_to(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal(logs={"enabled": False})))
    assert not graph.of_type("LogGroup")
    assert "accessLogSettings" not in one(graph, "Stage")
    assert one(graph, "MethodSettings")["settings"]["loggingLevel"] == "OFF"


def test_every_argument_arrives(stack: AwsStack) -> None:
    graph = stack.up(origin(full()))
    integration, settings = one(graph, "Integration"), one(graph, "MethodSettings")["settings"]
    assert integration["requestTemplates"] == {"application/json": "$input.body", "text/csv": "$input.body"}
    assert integration["timeoutMilliseconds"] == 12_500
    assert (settings["throttlingRateLimit"], settings["throttlingBurstLimit"]) == (7.5, 20)
    plan = one(graph, "UsagePlan")
    assert plan["throttleSettings"] == {"rateLimit": 7.5, "burstLimit": 20}
    assert plan["quotaSettings"] == {"limit": 10_000, "period": "DAY"}
    assert one(graph, "Stage")["xrayTracingEnabled"] is True
    assert {item["inputs"]["retentionInDays"] for item in graph.of_type("LogGroup").values()} == {90}
    assert one(graph, "Endpoint") == {
        "endpointConfigName": "digits-2025-11",
        "name": "Digits",
        "deploymentConfig": {
            "blueGreenUpdatePolicy": {
                "trafficRoutingConfiguration": {
                    "type": "CANARY",
                    "waitIntervalInSeconds": 300,
                    "canarySize": {"type": "CAPACITY_PERCENT", "value": 10},
                },
                "terminationWaitInSeconds": 600,
            },
            "autoRollbackConfiguration": {"alarms": [{"alarmName": "digits-errors"}, {"alarmName": "digits-latency"}]},
        },
    }


def test_an_endpoint_made_here_gives_name_right_and_version(stack: AwsStack) -> None:
    graph = stack.up(origin(made()))
    [name] = [item["inputs"]["uri"].split("/")[2] for item in graph.of_type("Integration").values()]
    assert name.startswith("Digits-Endpoint")  # as it was created, not as the ARN has it
    policy = json.loads(one(graph, "RolePolicy")["policy"])
    assert policy["Statement"][0]["Resource"].endswith(f":endpoint/{name.lower()}")
    assert stack.outputs()["model_version"] == "digits-2025-11"
    assert f"/live/{name}.{REGION}" in stack.outputs()["url"]


def test_by_default_no_two_versions_answer_at_a_time(stack: AwsStack) -> None:
    assert one(stack.up(origin(made())), "Endpoint")["deploymentConfig"] == {
        "blueGreenUpdatePolicy": {
            "trafficRoutingConfiguration": {"type": "ALL_AT_ONCE", "waitIntervalInSeconds": 120},
            "terminationWaitInSeconds": 120,
        }
    }


def test_a_serverless_endpoint_has_no_deployment(stack: AwsStack) -> None:
    args = {"endpoint": {"config_name": "digits-1", "deployment": {"enabled": False}}}
    assert one(stack.up(origin(args)), "Endpoint") == {"endpointConfigName": "digits-1"}


def test_an_existing_endpoint_has_no_version_here(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal()))
    assert stack.outputs()["model_version"] == ""
    assert not graph.of_type("Endpoint")


def test_a_private_api_lets_its_vpc_endpoints_in_and_nobody_else(stack: AwsStack) -> None:
    graph = stack.up(origin(private()))
    api_id, ids = stack.outputs()["rest_api_id"], ["vpce-0a1b2c3d", "vpce-4e5f6071"]
    assert one(graph, "RestApi")["endpointConfiguration"] == {"types": "PRIVATE", "vpcEndpointIds": ids}
    assert one(graph, "RestApiPolicy")["restApiId"] == api_id
    assert json.loads(one(graph, "RestApiPolicy")["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id}/*",
            "Condition": {"StringEquals": {"aws:SourceVpce": ids}},
        }
    ]
    assert one(graph, "Method")["apiKeyRequired"] is True


def test_a_private_api_is_reached_by_its_first_vpc_endpoint(stack: AwsStack) -> None:
    stack.up(origin(private()))
    outputs = stack.outputs()
    host = f"{outputs['rest_api_id']}-vpce-0a1b2c3d.execute-api.{REGION}.amazonaws.com"
    assert outputs["url"] == f"https://{host}/live/Digits.{REGION}"


def test_a_regional_api_has_no_policy(stack: AwsStack) -> None:
    assert not stack.up(origin(minimal())).of_type("RestApiPolicy")


def test_a_custom_domain_is_the_only_way_in(stack: AwsStack) -> None:
    graph = stack.up(origin(full()))
    assert one(graph, "RestApi")["disableExecuteApiEndpoint"] is True
    assert one(graph, "DomainName") == {
        "domainName": "models.example.com",
        "regionalCertificateArn": CERTIFICATE_ARN,
        "endpointConfiguration": {"types": "REGIONAL"},
        "securityPolicy": "TLS_1_2",
    }
    assert one(graph, "BasePathMapping") == {
        "domainName": "models.example.com",
        "restApi": stack.outputs()["rest_api_id"],
        "stageName": "live",
    }
    record = one(graph, "Record")
    assert (record["name"], record["type"], record["zoneId"]) == ("models.example.com", "A", "Z0123456789ABCDEFGHIJ")
    [alias] = record["aliases"]
    assert alias["name"].endswith(f".execute-api.{REGION}.amazonaws.com")
    assert (alias["zoneId"], alias["evaluateTargetHealth"]) == ("ZLY8HYME6SFDD", False)
    assert stack.outputs()["url"] == f"https://models.example.com/Digits.{REGION}.blue"


def test_a_custom_domain_without_a_zone_has_no_record(stack: AwsStack) -> None:
    domain = {"name": "models.example.com", "certificate_arn": CERTIFICATE_ARN}
    graph = stack.up(origin(minimal(custom_domain=domain)))
    assert graph.of_type("DomainName") and not graph.of_type("Record")


@pytest.mark.parametrize("args", [full(), private()], ids=["custom domain", "private"])
def test_url_and_key_come_after_all_that_requests_need(stack: AwsStack, args: Any) -> None:
    graph = stack.up(origin(args))
    needed = {name for kind in ("RolePolicy", "MethodSettings", "UsagePlanKey") for name in graph.of_type(kind)}
    needed |= set(graph.of_type("BasePathMapping")) | set(graph.of_type("Record"))
    assert needed <= graph.dependencies("gateway")
