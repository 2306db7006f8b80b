"""SageMakerOrigin keeps the rules of every component: names, parents, options, outputs, previews, secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.origin.sagemaker import SageMakerOrigin
from local.engine.deployment import Deployment
from local.engine.values import reveal
from tests.components.origin.arguments import full, made, minimal, private
from tests.components.origin.aws_stack import KEY_VALUE, AwsStack
from tests.components.origin.programs import OUTPUTS, origin

ALL = {"minimal": minimal(), "made": made(), "full": full(), "private": private()}
every = pytest.mark.parametrize("args", ALL.values(), ids=ALL)

NAMED = {"digits-execution-log", "digits-domain-execution-log", "digits-private-execution-log", "digits-endpoint"}
HOST_NAMES = {"digits-record"}


@every
def test_children_have_the_component_as_parent_and_its_name_first(stack: AwsStack, args: Any) -> None:
    graph = stack.up(origin(args))
    children = {name: item for name, item in graph.items() if name not in ("digits", "gateway")}
    assert all(name.startswith("digits-") for name in children)
    assert all(item["parent"].endswith("::digits") for item in children.values())


@every
def test_names_in_aws_are_generated_where_aws_lets_them(stack: AwsStack, args: Any) -> None:
    graph = stack.up(origin(args))
    named = {name for name, item in graph.items() if "name" in item["inputs"] and name != "gateway"}
    assert named <= NAMED | HOST_NAMES


def test_two_origins_stand_in_one_stack(stack: AwsStack) -> None:
    def program() -> None:
        SageMakerOrigin("digits", minimal())
        SageMakerOrigin("words", full())

    assert len(stack.up(program).of_type("RestApi")) == 2


@every
def test_a_preview_of_a_new_stack_shows_what_an_update_makes(stack: AwsStack, args: Any) -> None:
    assert set(stack.preview(origin(args))) == set(stack.up(origin(args)))


def test_the_endpoint_may_be_one_that_another_resource_makes(stack: AwsStack) -> None:
    def program() -> None:
        endpoint = aws.sagemaker.Endpoint("other", endpoint_config_name="other-1")
        certificate = aws.acm.Certificate("certificate", domain_name="models.example.com")
        domain = {"name": "models.example.com", "certificate_arn": certificate.arn}
        origin({"endpoint_arn": endpoint.arn, "custom_domain": domain})()

    assert len(stack.preview(program)) > 30


@every
def test_registered_outputs_are_the_annotated_ones(stack: AwsStack, monkeypatch: pytest.MonkeyPatch, args: Any) -> None:
    registered: dict[str, Any] = {}
    register = Deployment.register_outputs

    def keep(self: Deployment, urn: str, outputs: dict[str, Any]) -> None:
        registered[urn.split("::")[-1]] = reveal(outputs)
        register(self, urn, outputs)

    monkeypatch.setattr(Deployment, "register_outputs", keep)
    stack.up(origin(args))
    assert {name for name, hint in SageMakerOrigin.__annotations__.items() if hint == pulumi.Output[str]} == set(
        OUTPUTS
    )
    assert registered["digits"] == {_camel(name): value for name, value in stack.outputs().items()}


def test_arguments_are_in_the_state_as_other_languages_name_them(stack: AwsStack) -> None:
    inputs = stack.up(origin(full()))["digits"]["inputs"]
    assert inputs["endpoint"]["configName"] == "digits-2025-11"
    assert inputs["throttle"] == {"ratePerSecond": 7.5, "burst": 20}


@every
def test_the_key_is_secret_everywhere(stack: AwsStack, args: Any) -> None:
    graph = stack.up(origin(args))
    assert stack.outputs()["api_key"] == KEY_VALUE
    files = [path for path in Path(stack.state_dir).rglob("*") if path.is_file()]
    assert files and not [path for path in files if KEY_VALUE.encode() in path.read_bytes()]
    holders = {name for name, item in graph.items() if KEY_VALUE in str(item["inputs"])}
    assert not holders


def test_a_resource_option_reaches_the_children(stack: AwsStack) -> None:
    graph = stack.up(lambda: SageMakerOrigin("digits", minimal(), pulumi.ResourceOptions(protect=True)))
    assert all(item["options"]["protect"] for item in graph.values())


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
