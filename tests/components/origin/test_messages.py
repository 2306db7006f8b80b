"""How statuses are mapped: nothing but a 200 becomes a prediction, and every error is JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import airspeed
import pytest

from components.origin.messages import ANSWERS, GATEWAY_ERRORS, REQUEST_TEMPLATE, Answer
from tests.components.origin.arguments import minimal
from tests.components.origin.aws_stack import AwsStack
from tests.components.origin.programs import origin


class Input:
    """$input of a mapping template."""

    def __init__(self, body: str) -> None:
        self.body = body

    def json(self, path: str) -> str:
        assert path == "$"
        return self.body

    def path(self, path: str) -> Any:
        return json.loads(self.body).get(path.removeprefix("$."))


def chosen(status: int) -> Answer:
    """The answer that API Gateway chooses: the pattern matches the whole status, else the one without a pattern."""
    matching = [each for each in ANSWERS if each.pattern is not None and re.fullmatch(each.pattern, str(status))]
    assert len(matching) <= 1
    [default] = [each for each in ANSWERS if each.pattern is None]
    return matching[0] if matching else default


def answered(status: int, body: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body as the caller gets them; integration.response.header.X stands for its value."""
    answer = chosen(status)
    override: dict[str, Any] = {"header": {}}
    context = {"input": Input(body), "context": {"responseOverride": override}}
    text = body if answer.template is None else airspeed.Template(answer.template).merge(context)
    headers = {name: value.strip("'") for name, value in answer.headers.items()}
    return override.get("status", int(answer.status)), {**headers, **override["header"]}, text


@pytest.mark.parametrize(
    ("sagemaker", "caller"),
    [
        (200, 200),
        (201, 502),
        (204, 502),
        (301, 502),
        (400, 400),
        (403, 502),
        (404, 502),
        (413, 413),
        (424, 502),
        (429, 429),
        (500, 502),
        (502, 502),
        (503, 503),
        (504, 502),
        (530, 502),
    ],
)
def test_sagemakers_status_becomes_the_callers(sagemaker: int, caller: int) -> None:
    status, headers, body = answered(sagemaker, '{"message":"the account and the names of SageMaker"}')
    assert status == caller
    if status != 200:
        assert headers["Content-Type"] == "application/json"
        assert set(json.loads(body)) == {"message"}
        assert "account" not in body
    assert ("Retry-After" in headers) == (status == 429)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"message":null}', 429),
        ('{"Message":null}', 429),
        ("{}", 429),
        ('{"message":""}', 429),
        ('{"Message":"Rate exceeded"}', 429),
        ('{"message":"ThrottlingException: slow down"}', 429),
        ('{"message":"Endpoint digits not found"}', 400),
        ('{"Message":"Content type is not valid"}', 400),
    ],
)
def test_a_400_of_sagemaker_may_be_its_throttling(body: str, status: int) -> None:
    found, headers, text = answered(400, body)
    assert found == status
    assert headers.get("Retry-After") == ("1" if status == 429 else None)
    assert json.loads(text)["message"]


def test_a_prediction_is_passed_on_as_it_is_with_its_type_and_variant() -> None:
    status, headers, body = answered(200, '{"a": [1.10, 1e5], "b": "$x #if"}')
    assert (status, body) == (200, '{"a": [1.10, 1e5], "b": "$x #if"}')
    assert headers == {
        "Content-Type": "integration.response.header.Content-Type",
        "x-Amzn-Invoked-Production-Variant": "integration.response.header.x-Amzn-Invoked-Production-Variant",
    }


@pytest.mark.parametrize("body", ['{"a": 1.10, "a": "#set($x = 1) $input.body \\u00e9"}', " [1,\n2] ", "1,2\n3,4\n"])
def test_a_request_is_passed_on_as_it_is(body: str) -> None:
    assert airspeed.Template(REQUEST_TEMPLATE).merge({"input": Input(body)}) == body


def test_every_answer_is_declared_with_its_headers(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal()))
    declared = {
        item["inputs"]["statusCode"]: set(item["inputs"]["responseParameters"])
        for item in graph.of_type("MethodResponse").values()
    }
    mapped = {item["inputs"]["statusCode"]: item["inputs"] for item in graph.of_type("IntegrationResponse").values()}
    assert set(declared) == set(mapped) == {"200", "400", "413", "429", "502", "503"}
    for status, inputs in mapped.items():
        assert set(inputs["responseParameters"]) == declared[status]
    assert [status for status, inputs in mapped.items() if "selectionPattern" not in inputs] == ["502"]
    assert "responseTemplates" not in mapped["200"]
    for name in graph.of_type("IntegrationResponse"):
        status = name.rsplit("-", 1)[1]
        assert {"digits-integration", f"digits-method-response-{status}"} <= graph.dependencies(name)


def test_api_gateways_own_errors_are_json_and_say_when_to_come_back(stack: AwsStack) -> None:
    graph = stack.up(origin(minimal()))
    found = {item["inputs"]["responseType"]: item["inputs"] for item in graph.of_type("Response").values()}
    statuses = {kind: inputs["statusCode"] for kind, inputs in found.items()}
    assert statuses == {
        "INTEGRATION_FAILURE": "502",
        "INTEGRATION_TIMEOUT": "504",
        "QUOTA_EXCEEDED": "429",
        "THROTTLED": "429",
    }
    assert set(found) == set(GATEWAY_ERRORS)
    for inputs in found.values():
        assert set(json.loads(inputs["responseTemplates"]["application/json"])) == {"message"}
        retry = inputs.get("responseParameters", {}).get("gatewayresponse.header.Retry-After")
        assert (retry is not None) == (inputs["statusCode"] == "429")
        assert retry is None or re.fullmatch(r"'\d+'", retry)
