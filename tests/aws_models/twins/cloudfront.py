"""aws.cloudfront."""

from __future__ import annotations

from typing import Any

from tests.aws_models.convert import Reshape, Target, Twin
from tests.aws_models.registered import Inputs, changed
from tests.aws_models.twins.shaping import constants, names, steps, tags_as, under

_ORIGIN_NAMES = {"origins.originId": "id"}
_BEHAVIOR_NAMES = {
    "defaultCacheBehavior.functionAssociations.functionArn": "functionARN",
    "orderedCacheBehaviors.functionAssociations.functionArn": "functionARN",
    "orderedCacheBehaviors": "cacheBehaviors",
}


def _methods(inputs: Inputs) -> Inputs:
    """The API has the cached methods inside the allowed ones."""

    def nest(holder: Inputs, name: str) -> None:
        if isinstance(holder[name], list):
            holder[name] = {"items": holder[name]}
            if "cachedMethods" in holder:
                holder[name]["cachedMethods"] = holder.pop("cachedMethods")

    for behavior in ("defaultCacheBehavior", "orderedCacheBehaviors"):
        inputs = changed(inputs, f"{behavior}.allowedMethods", nest)
    return inputs


def _locations(inputs: Inputs) -> Inputs:
    def count(holder: Inputs, name: str) -> None:
        if isinstance(holder[name], dict):
            rest = dict(holder[name])
            places = rest.pop("locations", [])
            holder[name] = {**rest, "items": places} if isinstance(places, list) else {**rest, "locations": places}

    return changed(inputs, "restrictions.geoRestriction", count)


def _policy(config: str, operation: str, kind: str) -> Twin:
    """A policy: the same names in both models, all under one name."""
    return Twin(
        (Target(f"AWS::CloudFront::{kind}", under(config)),),
        (Target(f"cloudfront.{operation}", under(config)),),
        generated="name",
    )


def _wrapped_items(*paths: str) -> Reshape:
    """CloudFormation has the bare list where the provider has a list under `items`."""

    def unwrap(holder: Inputs, name: str) -> None:
        value: Any = holder[name]
        if isinstance(value, dict) and isinstance(value.get("items"), list) and set(value) <= {"items", "quantity"}:
            holder[name] = value["items"]

    def run(inputs: Inputs) -> Inputs:
        for path in paths:
            inputs = changed(inputs, path, unwrap)
        return inputs

    return run


_FUNCTION = steps(
    names({"keyValueStoreAssociations": "associations"}),
    lambda inputs: changed(
        inputs,
        "associations",
        lambda holder, name: holder.__setitem__(
            "keyValueStoreAssociations", [{"keyValueStoreARN": arn} for arn in holder.pop(name)]
        ),
    ),
)
_FUNCTION_PARTS = ("name", "functionCode", "autoPublish", "tags")

TWINS = {
    "aws:cloudfront/distribution:Distribution": Twin(
        cloudformation=(
            Target(
                "AWS::CloudFront::Distribution",
                steps(
                    names(
                        {
                            "origins.customHeaders.name": "headerName",
                            "origins.customHeaders.value": "headerValue",
                            "origins.customHeaders": "originCustomHeaders",
                            "isIpv6Enabled": "IPV6Enabled",
                            **_ORIGIN_NAMES,
                            **_BEHAVIOR_NAMES,
                        }
                    ),
                    under("distributionConfig", beside=["tags"]),
                ),
            ),
        ),
        api=(
            Target(
                "cloudfront.CreateDistributionWithTags",
                steps(
                    names(
                        {
                            "origins.customHeaders.name": "headerName",
                            "origins.customHeaders.value": "headerValue",
                            **_ORIGIN_NAMES,
                        }
                    ),
                    _methods,
                    _locations,
                    names(_BEHAVIOR_NAMES),
                    constants({"callerReference": "generated", "comment": ""}),
                    tags_as("Items"),
                    under("distributionConfig", beside=["tags"]),
                    constants({"tags": {"Items": []}}),
                    under("distributionConfigWithTags"),
                ),
            ),
        ),
        provider_only=frozenset({"retainOnDelete", "waitForDeployment"}),
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": _policy("cachePolicyConfig", "CreateCachePolicy", "CachePolicy"),
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": _policy(
        "originRequestPolicyConfig", "CreateOriginRequestPolicy", "OriginRequestPolicy"
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _policy(
        "responseHeadersPolicyConfig", "CreateResponseHeadersPolicy", "ResponseHeadersPolicy"
    ),
    "aws:cloudfront/function:Function": Twin(
        cloudformation=(
            Target(
                "AWS::CloudFront::Function",
                steps(
                    names({"code": "functionCode", "publish": "autoPublish"}),
                    _FUNCTION,
                    constants({"comment": ""}),
                    under("functionConfig", beside=_FUNCTION_PARTS),
                ),
            ),
        ),
        api=(
            Target(
                "cloudfront.CreateFunction",
                steps(
                    lambda inputs: {name: value for name, value in inputs.items() if name != "publish"},
                    names({"code": "functionCode"}),
                    _FUNCTION,
                    constants({"comment": ""}),
                    tags_as("Items"),
                    under("functionConfig", beside=_FUNCTION_PARTS),
                ),
            ),
        ),
        generated="name",
    ),
    "aws:cloudfront/publicKey:PublicKey": Twin(
        (
            Target(
                "AWS::CloudFront::PublicKey",
                steps(constants({"callerReference": "generated"}), under("publicKeyConfig")),
            ),
        ),
        (
            Target(
                "cloudfront.CreatePublicKey",
                steps(constants({"callerReference": "generated"}), under("publicKeyConfig")),
            ),
        ),
        generated="name",
    ),
    "aws:cloudfront/keyGroup:KeyGroup": Twin(
        (Target("AWS::CloudFront::KeyGroup", under("keyGroupConfig")),),
        (Target("cloudfront.CreateKeyGroup", under("keyGroupConfig")),),
        generated="name",
    ),
    "aws:cloudfront/vpcOrigin:VpcOrigin": Twin(
        (
            Target(
                "AWS::CloudFront::VpcOrigin",
                _wrapped_items("vpcOriginEndpointConfig.originSslProtocols"),
            ),
        ),
        (Target("cloudfront.CreateVpcOrigin", tags_as("Items")),),
        provider_only=frozenset({"timeouts"}),
    ),
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": Twin(
        (Target("AWS::CloudFront::MonitoringSubscription"),),
        (Target("cloudfront.CreateMonitoringSubscription"),),
    ),
}
