"""The aws stand-in: what it checks, makes up and refuses, and what it sends to a local edge."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import _types

from local.engine.difference import find_changes
from local.engine.providers.aws.kinds import KINDS
from local.engine.providers.aws.provider import AwsProvider
from local.engine.providers.aws.settings import SETTINGS
from local.engine.providers.stand_in.inputs import input_names, required_names
from local.engine.values import UNKNOWN
from tests.engine.conftest import MakeAws, MakeEngine
from tests.engine.support.aws_programs import certificate, edge, rest_api
from tests.engine.support.edge_api import MemoryEdgeApi
from tests.engine.support.failures import failure_of

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FUNCTION = "aws:cloudfront/function:Function"
ROLE = "aws:iam/role:Role"

# The SDK's modules say so of some classes when they are imported.
pytestmark = pytest.mark.filterwarnings("ignore:.* has been deprecated in favor of .*:DeprecationWarning")


@pytest.fixture
def provider() -> AwsProvider:
    return AwsProvider.configure({"region": "eu-west-1", "allowedAccountIds": '["000000000000"]'})


def unchanged(changes: dict[str, int]) -> bool:
    """Whether a run changed nothing, of at least one resource."""
    return 0 < changes["same"] == sum(changes.values())


# The table


@pytest.mark.parametrize("type_", KINDS)
def test_a_type_names_automatically_what_the_real_provider_does(type_: str) -> None:
    automatic = {"name"} & input_names(type_) - required_names(type_)
    expected = "bucket" if type_ == "aws:s3/bucket:Bucket" else "".join(automatic)
    assert KINDS[type_].auto_name == expected


@pytest.mark.parametrize("type_", KINDS)
def test_what_replaces_a_type_and_what_makes_its_id_are_inputs_of_it(type_: str, provider: AwsProvider) -> None:
    kind = KINDS[type_]
    assert kind.replacing(type_) <= input_names(type_)
    inputs = {name: f"<{name}>" for name in input_names(type_)}
    made = provider.new_id(type_, {**inputs, "region": "eu-west-1"})
    assert made and (kind.has_id_of_its_own or set(re.findall(r"<(\w+)>", made)) <= input_names(type_))


@pytest.mark.parametrize("type_", KINDS)
def test_every_computed_output_is_one_of_the_type(type_: str) -> None:
    module, name = type_.split(":")[1].split("/")[0], type_.split(":")[2]
    assert set(KINDS[type_].outputs) <= set(_types.resource_types(getattr(getattr(aws, module), name)))


def test_the_settings_are_those_of_the_real_provider() -> None:
    assert set(_types.input_type_py_to_pulumi_names(aws.ProviderArgs).values()) == SETTINGS


# Checking


@pytest.mark.parametrize(
    ("type_", "inputs", "message"),
    [
        ("aws:cloudfront/keyGroup:KeyGroup", {"item": ["K"]}, "unknown input item; known are comment, items, name"),
        ("aws:cloudfront/keyGroup:KeyGroup", {}, "items is required"),
        ("aws:cloudfront/keyGroup:KeyGroup", {"items": "K"}, "items must be a list, not a text"),
        ("aws:cloudfront/keyGroup:KeyGroup", {"items": [["K"]]}, "items[0] must be a text, not a list"),
        (
            "aws:cloudfront/cachePolicy:CachePolicy",
            {
                "minTtl": "soon",
                "parametersInCacheKeyAndForwardedToOrigin": {
                    "cookiesConfig": {"cookieBehaviour": "none"},
                    "headersConfig": UNKNOWN,
                    "queryStringsConfig": {"queryStringBehavior": "all"},
                },
            },
            "minTtl must be a number, not a text; "
            "unknown input parametersInCacheKeyAndForwardedToOrigin.cookiesConfig.cookieBehaviour; "
            "known are cookieBehavior, cookies; "
            "parametersInCacheKeyAndForwardedToOrigin.cookiesConfig.cookieBehavior is required",
        ),
        ("aws:apigateway/deployment:Deployment", {"restApi": "a", "triggers": {"a": []}}, "triggers.a must be a text"),
        (
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            {"bucket": "b", "rule": {}},
            "unknown input rule; known are bucket, expectedBucketOwner, region, rules; rules is required",
        ),
        (ROLE, {"assumeRolePolicy": 1, "forceDetachPolicies": "maybe"}, "forceDetachPolicies must be true or false"),
        (ROLE, {"assumeRolePolicy": {"Version": "2012-10-17"}}, "assumeRolePolicy.Statement is required"),
        ("aws:sns/topic:Topic", {"namePrefix": "a"}, "does not support namePrefix"),
        ("aws:ec2/instance:Instance", {}, "the embedded engine has no aws:ec2/instance:Instance; deploy this stack"),
    ],
)
def test_wrong_inputs_are_named(type_: str, inputs: dict[str, Any], message: str, provider: AwsProvider) -> None:
    assert message in failure_of(lambda: provider.check(type_, "r", inputs, {}))


def test_a_misspelt_property_stops_a_program_before_anything_is_made(
    make_edge: MakeAws, edge_api: MemoryEdgeApi
) -> None:
    def program() -> None:
        edge()()
        pulumi.CustomResource(FUNCTION, "f", {"runtime": "cloudfront-js-2.0", "codes": "x"})

    message = failure_of(make_edge(program).up)
    assert message.startswith(f"{FUNCTION} f: unknown input codes; known are code, comment,")
    assert edge_api.writes == []


def test_a_resource_of_a_region_needs_one(make_engine: MakeEngine) -> None:
    def topic(**inputs: Any) -> Any:
        return lambda: aws.sns.Topic("t", **inputs) and None

    assert "aws:region is missing" in failure_of(make_engine(topic()).preview)
    assert make_engine(topic(region="us-east-1")).preview().changes["create"] == 2


def test_automatic_names_follow_the_logical_name(provider: AwsProvider) -> None:
    first = provider.check(ROLE, "role", {"assumeRolePolicy": "{}"}, {})
    assert re.fullmatch(r"role-[0-9a-f]{7}", first["name"])
    again = provider.check(ROLE, "role", {"assumeRolePolicy": "{ }"}, first)
    assert again["name"] == first["name"]
    assert provider.check(ROLE, "role", {"assumeRolePolicy": "{}", "path": "/a/"}, first)["name"] != first["name"]
    assert provider.check(ROLE, "role", {"assumeRolePolicy": "{}", "name": "mine"}, first)["name"] == "mine"
    assert re.fullmatch(r"logs-[0-9a-f]{7}", provider.check("aws:s3/bucket:Bucket", "Logs", {}, {})["bucket"])
    longest = "x" * 56
    assert len(provider.check(ROLE, longest, {"assumeRolePolicy": "{}"}, {})["name"]) == 64
    assert "is too long for an automatic name: at most 56 characters" in failure_of(
        lambda: provider.check(ROLE, longest + "x", {"assumeRolePolicy": "{}"}, {})
    )


def test_an_explicit_name_is_free_before_its_replacement_is_made(provider: AwsProvider) -> None:
    old = {"name": "mine", "path": "/"}
    taken = provider.replacement(ROLE, find_changes(old, {"name": "mine", "path": "/a/"}))
    assert taken.properties == {"path"} and taken.delete_first
    renamed = provider.replacement(ROLE, find_changes(old, {"name": "other", "path": "/"}))
    assert renamed.properties == {"name"} and not renamed.delete_first
    moved = provider.replacement("aws:sns/topic:Topic", find_changes({"region": "a", "name": "t-1"}, {"name": "t-2"}))
    assert moved.properties == {"name", "region"}
    assert not provider.replacement(ROLE, find_changes(old, {**old, "description": "d"})).properties


# Settings


CHANGES: dict[str, Callable[[AwsProvider], Any]] = {
    "id": lambda provider: provider.new_id(ROLE, {"name": "r"}),
    "create": lambda provider: provider.create(ROLE, "r", {"name": "r"}, lambda: []),
    "update": lambda provider: provider.update(ROLE, "r", {"name": "r"}, {}),
    "delete": lambda provider: provider.delete(ROLE, "r"),
}


@pytest.mark.parametrize("operation", CHANGES)
def test_no_operation_changes_another_account(operation: str) -> None:
    elsewhere = AwsProvider.configure({"region": "eu-west-1", "allowedAccountIds": '["123456789012"]'})
    assert "cannot change an AWS account (aws:iam/role:Role)" in failure_of(lambda: CHANGES[operation](elsewhere))


def test_an_explicit_provider_has_settings_of_its_own(make_aws: MakeAws) -> None:
    def program() -> None:
        settings = {"region": "us-east-1", "allowed_account_ids": ["000000000000"]}
        other = aws.Provider("other", skip_credentials_validation=True, **settings)
        topic = aws.sns.Topic("t", name="t", opts=pulumi.ResourceOptions(provider=other))
        pulumi.export("arn", topic.arn)

    assert make_aws(program).up().outputs["arn"] == "arn:aws:sns:us-east-1:000000000000:t"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"aws:allowedAccountIDs": ["000000000000"]}, "unknown setting aws:allowedAccountIDs; known are accessKey,"),
        ({"aws:allowedAccountIds": "000000000000"}, "aws:allowedAccountIds must be a list"),
        ({"aws:endpoints": ["http://127.0.0.1"]}, "aws:endpoints must be a list of objects like"),
        (
            {"aws:endpoints": [{"cloudfront": "https://cloudfront.amazonaws.com"}]},
            "must be the local edge on this mach",
        ),
        ({"aws:endpoints": [{"cloudfront": "http://127.0.0.1:x"}]}, "must be the local edge on this machine"),
        ({"aws:endpoints": [{"cloudfront": "http://127.0.0.1:1"}]}, "start the local edge (python -m local.edge)"),
    ],
)
def test_wrong_settings_are_named(make_aws: MakeAws, config: dict[str, Any], message: str) -> None:
    assert message in failure_of(make_aws(edge(), **config).up)


def test_functions_of_the_provider_are_refused(make_aws: MakeAws) -> None:
    message = failure_of(make_aws(lambda: aws.get_caller_identity() and None).preview)
    assert "does not support the provider function aws:index/getCallerIdentity:getCallerIdentity" in message


# What it makes up


def test_a_certificate_has_a_validation_record_for_each_name(make_aws: MakeAws) -> None:
    outputs = make_aws(certificate()).up().outputs
    assert re.fullmatch(r"arn:aws:acm:us-east-1:000000000000:certificate/[0-9a-f-]{36}", outputs["arn"])
    options = outputs["options"]
    names = ["predict.example.com", "*.predict.example.com", "api.example.com"]
    assert [option["domainName"] for option in options] == names
    records = [(option["resourceRecordName"], option["resourceRecordValue"]) for option in options]
    assert records[0] == records[1] != records[2]
    assert re.fullmatch(r"_[0-9a-f]{32}\.predict\.example\.com\.", records[0][0])
    assert outputs["fqdn"] == records[0][0].rstrip(".")
    assert unchanged(make_aws(certificate()).up().changes)
    assert make_aws(certificate("eu-west-1")).up().changes["replace"] == 4


def test_an_api_has_the_urls_of_its_region_and_a_secret_key(make_aws: MakeAws, project_dir: Path) -> None:
    outputs = make_aws(rest_api()).up().outputs
    api = outputs["executionArn"].split(":")[-1]
    assert outputs["executionArn"] == f"arn:aws:execute-api:eu-west-1:000000000000:{api}"
    assert outputs["invokeUrl"] == f"https://{api}.execute-api.eu-west-1.amazonaws.com/v1"
    assert outputs["path"] == "/predict"
    assert outputs["apiKey"] == "[secret]"
    assert re.fullmatch(r"arn:aws:iam::000000000000:role/role-[0-9a-f]{7}", outputs["roleArn"])
    key = make_aws(rest_api()).outputs(show_secrets=True)["apiKey"]
    assert re.fullmatch(r"[0-9A-Za-z]{40}", key)
    assert key not in (project_dir / ".state" / "shop" / "dev.json").read_text()
    again = make_aws(rest_api())
    assert unchanged(again.up().changes) and again.outputs(show_secrets=True)["apiKey"] == key


def test_a_new_integration_is_deployed_anew_and_keeps_its_place(make_aws: MakeAws) -> None:
    before = make_aws(rest_api()).up().outputs
    result = make_aws(rest_api(credentials="arn:aws:iam::000000000000:role/b")).up()
    replaced = {step.name for step in result.steps if step.op == "replace"}
    assert replaced == {"integration", "deployment"}
    assert result.outputs["integration"] == before["integration"]
    assert result.outputs["deployment"] != before["deployment"]


@pytest.mark.parametrize("name", ["", "mine"])
def test_a_role_is_replaced_under_a_new_automatic_name_or_after_the_old_one(name: str, make_aws: MakeAws) -> None:
    before = make_aws(rest_api(role_name=name)).up().outputs["roleArn"]
    after = make_aws(rest_api(role_name=name, role_path="/a/")).up().outputs["roleArn"]
    assert after.startswith("arn:aws:iam::000000000000:role/a/")
    assert (after.split("/")[-1] == before.split("/")[-1]) == bool(name)


def test_two_resources_cannot_have_one_place(make_aws: MakeAws) -> None:
    def program() -> None:
        first = aws.cloudwatch.LogGroup("a", name="logs")
        aws.cloudwatch.LogGroup("b", name="logs", opts=pulumi.ResourceOptions(depends_on=first))

    assert "logs already exists in this stack" in failure_of(make_aws(program).up)


def test_refresh_without_a_local_edge_changes_nothing(make_aws: MakeAws) -> None:
    make_aws(rest_api()).up()
    assert unchanged(make_aws(None).refresh().changes)
    assert make_aws(None).destroy().changes["delete"] == 9


def test_the_engine_needs_no_aws_sdk() -> None:
    code = "import sys, local.engine; sys.exit('pulumi_aws' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
