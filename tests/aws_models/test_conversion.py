"""The conversion loses nothing: every value gets to a model, unknown names too, in the model's own structure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws_models.convert import Target, Twin, to_api, to_cloudformation
from tests.aws_models.limits import PATHS
from tests.aws_models.mutants import Mutant, mutants
from tests.aws_models.registered import Inputs, Registered, values_at
from tests.aws_models.twins import TWINS, WITHOUT_CLOUDFORMATION

_MODELS = (to_cloudformation, to_api)
# A function is published by another operation; a method's settings are a part of the stage, without its names.
_NOT_IN_CLOUDFORMATION = "VpcOrigin vpcOriginEndpointConfig.originSslProtocols.quantity"  # it follows from the items
_NOT_IN_THE_API = {
    "Function publish",
    "MethodSettings methodPath",
    "MethodSettings restApi",
    "MethodSettings stageName",
}


def _one(registered: list[Registered], kind: str, model: Any) -> Inputs:
    inputs = next(resource.inputs for resource in registered if resource.type == kind)
    return model(TWINS[kind], inputs)[0][1]


def _is_kept_by_the_provider(mutant: Mutant) -> bool:
    return mutant.path.partition(".")[0] in TWINS[mutant.kind].provider_only


def test_every_registered_value_gets_to_a_model(registered: list[Registered]) -> None:
    lost = [
        str(mutant)
        for mutant in mutants(registered)
        if mutant.kind in TWINS and mutant.fault.startswith("not ") and not _is_kept_by_the_provider(mutant)
        if not any(
            model(TWINS[mutant.kind], mutant.inputs) != model(TWINS[mutant.kind], mutant.original) for model in _MODELS
        )
    ]
    assert lost == []


def test_what_gets_to_one_model_alone_is_what_the_other_has_not(registered: list[Registered]) -> None:
    missing = {
        (f"{mutant.kind.rpartition(':')[2]} {mutant.path}", model)
        for mutant in mutants(registered)
        if mutant.kind in TWINS and mutant.fault.startswith("not ") and not _is_kept_by_the_provider(mutant)
        for model in _MODELS
        if mutant.kind not in WITHOUT_CLOUDFORMATION or model is to_api
        if model(TWINS[mutant.kind], mutant.inputs) == model(TWINS[mutant.kind], mutant.original)
    }
    assert missing == {*((name, to_api) for name in _NOT_IN_THE_API), (_NOT_IN_CLOUDFORMATION, to_cloudformation)}


def test_what_the_provider_keeps_to_itself_has_a_limit(registered: list[Registered]) -> None:
    kept = {
        (resource.type, name)
        for resource in registered
        for name in resource.inputs
        if resource.type in TWINS and name in TWINS[resource.type].provider_only
    }
    assert [(kind, name) for kind, name in kept if name not in PATHS[kind]] == []


def test_an_unknown_input_gets_to_a_model_wherever_it_stands(registered: list[Registered]) -> None:
    checked = 0
    for mutant in mutants(registered):
        if mutant.fault == "unknown input" and mutant.kind in TWINS:
            checked += 1
            converted = [model(TWINS[mutant.kind], mutant.inputs) for model in _MODELS]
            assert "NoSuchInput" in repr(converted), mutant
    assert checked > len(TWINS)


def test_two_inputs_for_one_member_are_refused() -> None:
    twin = Twin((), (Target("cloudfront.CreateFunction"),))
    with pytest.raises(ValueError, match="two inputs become Name"):
        to_api(twin, {"name": "a", "Name": "b"})


def test_a_distribution_in_cloudformation(registered: list[Registered]) -> None:
    properties = _one(registered, "aws:cloudfront/distribution:Distribution", to_cloudformation)["DistributionConfig"]
    assert [origin["Id"] for origin in properties["Origins"]] == ["gateway"]
    assert properties["Origins"][0]["OriginCustomHeaders"][0]["HeaderName"] == "X-Origin-Verify"
    assert properties["IPV6Enabled"] is True
    assert set(properties["CustomErrorResponses"][0]) == {"ErrorCode", "ErrorCachingMinTTL"}
    assert set(properties["DefaultCacheBehavior"]["FunctionAssociations"][0]) == {"EventType", "FunctionARN"}


def test_a_distribution_in_the_api(registered: list[Registered]) -> None:
    parameters = _one(registered, "aws:cloudfront/distribution:Distribution", to_api)
    config = parameters["DistributionConfigWithTags"]["DistributionConfig"]
    assert config["Origins"]["Quantity"] == len(config["Origins"]["Items"]) == 1
    methods = config["DefaultCacheBehavior"]["AllowedMethods"]
    assert methods["Quantity"] == 7
    assert methods["CachedMethods"] == {"Quantity": 2, "Items": ["GET", "HEAD"]}
    assert config["Restrictions"]["GeoRestriction"]["Quantity"] == 0


def test_documents_are_objects_in_cloudformation_and_text_in_the_api(registered: list[Registered]) -> None:
    kind = "aws:iam/rolePolicy:RolePolicy"
    assert list(values_at(_one(registered, kind, to_cloudformation), "PolicyDocument.Version")) == ["2012-10-17"]
    assert isinstance(_one(registered, kind, to_api)["PolicyDocument"], str)


def test_an_alarm_separates_metric_and_statistic(registered_by_program: dict[str, list[Registered]]) -> None:
    alarms = [
        resource
        for resource in registered_by_program["edge_with_everything"]
        if resource.type.endswith(":MetricAlarm") and "metricQueries" in resource.inputs
    ]
    query = _one(alarms, alarms[0].type, to_api)["Metrics"][0]
    assert set(query["MetricStat"]) == {"Metric", "Period", "Stat"}
    assert {"Name": "Region", "Value": "Global"} in query["MetricStat"]["Metric"]["Dimensions"]
