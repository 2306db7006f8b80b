"""When the API is deployed anew, and that no request is refused meanwhile."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from components.origin import messages
from tests.components.origin.arguments import full, made, minimal, private
from tests.components.origin.aws_stack import CERTIFICATE_ARN, ENDPOINT_ARN, AwsStack
from tests.components.origin.programs import origin
from tests.components.trial_stack import Graph, changed

DEPLOYED = {
    "RestApi",
    "RestApiPolicy",
    "Resource",
    "RequestValidator",
    "Method",
    "Integration",
    "MethodResponse",
    "IntegrationResponse",
    "Response",
}
DOMAIN = {"name": "models.example.com", "certificate_arn": CERTIFICATE_ARN}
ELSEWHERE = ENDPOINT_ARN.replace("Digits", "Words")


def snapshot(graph: Graph) -> str:
    [deployment] = graph.of_type("Deployment").values()
    return deployment["inputs"]["triggers"]["snapshot"]


def in_order(steps: list[str], *wanted: str) -> bool:
    """Whether the steps are there, each after the one before."""
    rest = iter(steps)
    return all(step in rest for step in wanted)


@pytest.mark.parametrize("args", [minimal(), private(), full()], ids=["minimal", "private", "full"])
def test_a_deployment_comes_after_everything_that_it_takes_in(stack: AwsStack, args: Any) -> None:
    graph = stack.up(origin(args))
    parts = {name for kind in DEPLOYED for name in graph.of_type(kind)}
    [deployment] = graph.of_type("Deployment")
    assert len(parts) > 15
    assert graph.dependencies(deployment) >= parts


@pytest.mark.parametrize("args", [minimal(), private(), full()], ids=["minimal", "private", "full"])
def test_nothing_changes_when_nothing_changed(stack: AwsStack, args: Any) -> None:
    stack.up(origin(args))
    graph = stack.up(origin(args))
    assert stack.steps() == []
    assert graph.result.changes["same"] == sum(graph.result.changes.values())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (minimal(), minimal(content_types=["application/json", "text/csv"])),
        (minimal(), minimal(timeout_seconds=28.5)),
        (minimal(), minimal(target_variant="blue")),
        (minimal(target_variant="green"), minimal(target_variant="blue")),
        (minimal(), minimal(endpoint_arn=ELSEWHERE)),
        (private(), minimal(private={"vpc_endpoint_ids": ["vpce-0a1b2c3d"]})),
    ],
    ids=["content types", "timeout", "first variant", "other variant", "endpoint", "vpc endpoints"],
)
def test_a_change_of_what_is_deployed_is_deployed(stack: AwsStack, before: Any, after: Any) -> None:
    old, new = snapshot(stack.up(origin(before))), stack.up(origin(after))
    assert snapshot(new) != old
    assert in_order(stack.steps(), "create Deployment", "update Stage", "delete Deployment")


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ("ANSWERS", (dataclasses.replace(messages.ANSWERS[0], pattern="2.."), *messages.ANSWERS[1:])),
        ("ANSWERS", (*messages.ANSWERS[:-1], dataclasses.replace(messages.ANSWERS[-1], template="{}"))),
        ("ANSWERS", (*messages.ANSWERS[:-1], dataclasses.replace(messages.ANSWERS[-1], headers={"X": "'1'"}))),
        ("GATEWAY_ERRORS", {**messages.GATEWAY_ERRORS, "THROTTLED": messages.GatewayError("503", "{}")}),
        ("FORWARDED_HEADERS", messages.FORWARDED_HEADERS[:-1]),
        ("REQUIRED_HEADERS", ()),
        ("REQUEST_TEMPLATE", "$input.json('$')"),
    ],
    ids=["pattern", "template", "header", "gateway response", "forwarded", "required", "request template"],
)
def test_a_release_that_maps_otherwise_is_deployed(
    stack: AwsStack, monkeypatch: pytest.MonkeyPatch, table: str, value: Any
) -> None:
    old = snapshot(stack.up(origin(minimal())))
    monkeypatch.setattr(messages, table, value)
    assert snapshot(stack.up(origin(minimal()))) != old
    assert "create Deployment" in stack.steps()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (minimal(), minimal(throttle={"rate_per_second": 5, "burst": 6})),
        (minimal(), minimal(quota_per_day=10)),
        (minimal(), minimal(logs={"retention_days": 1})),
        (minimal(), minimal(logs={"enabled": False})),
        (minimal(), minimal(tracing=True)),
        (made(), {"endpoint": {"config_name": "digits-2025-12"}}),
        (full(), full(custom_domain={**full()["custom_domain"], "certificate_arn": f"{CERTIFICATE_ARN[:-1]}f"})),
    ],
    ids=["throttle", "quota", "retention", "no logs", "tracing", "model version", "certificate"],
)
def test_a_change_of_anything_else_is_not(stack: AwsStack, before: Any, after: Any) -> None:
    old, new = snapshot(stack.up(origin(before))), stack.up(origin(after))
    assert snapshot(new) == old
    assert stack.steps()
    assert not [step for step in stack.steps() if step.split()[1] in DEPLOYED | {"Deployment"}]
    assert "gateway" not in changed(new, "update")


def test_a_rollout_changes_the_endpoint_in_place_and_the_version(stack: AwsStack) -> None:
    stack.up(origin(made()))
    url = stack.outputs()["url"]
    stack.up(origin({"endpoint": {"config_name": "digits-2025-12"}}))
    assert stack.steps() == ["update Endpoint"]
    assert (stack.outputs()["url"], stack.outputs()["model_version"]) == (url, "digits-2025-12")


@pytest.mark.parametrize(
    ("before", "after", "old_way"),
    [
        (minimal(), minimal(target_variant="blue"), "Method"),
        (minimal(target_variant="blue"), minimal(), "Method"),
        (minimal(), minimal(endpoint_arn=ELSEWHERE), "RolePolicy"),
        (made(), {"endpoint": {"config_name": "digits-1", "name": "Words"}}, "RolePolicy"),
        (minimal(), minimal(custom_domain=DOMAIN), "RestApi"),
        (minimal(custom_domain=DOMAIN), minimal(), "DomainName"),
        (minimal(), private(), "RestApi"),
        (private(), minimal(), "RestApiPolicy"),
        (private(), minimal(custom_domain=DOMAIN), "UsagePlanKey"),
    ],
    ids=[
        "to a variant",
        "from a variant",
        "to another endpoint",
        "to another made endpoint",
        "to a domain",
        "from a domain",
        "to private",
        "from private",
        "private to domain",
    ],
)
def test_the_new_way_stands_before_the_gateway_takes_it_and_the_old_one_until_then(
    stack: AwsStack, before: Any, after: Any, old_way: str
) -> None:
    stack.up(origin(before))
    stack.up(origin(after))
    steps = stack.steps()
    gateway = steps.index("update Parameter")
    assert "create Deployment" in steps[:gateway]
    assert not [step for step in steps[:gateway] if step.startswith("delete")]
    assert f"delete {old_way}" in steps[gateway:]
    assert not [step for step in steps[gateway + 1 :] if not step.startswith("delete")]


def test_the_key_stays_when_the_api_is_another_one(stack: AwsStack) -> None:
    stack.up(origin(minimal()))
    graph = stack.up(origin(private()))
    assert "digits-api-key" in changed(graph, "same")
