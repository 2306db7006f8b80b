"""aws.elasticache: a serverless cache and who may use it; aws.ec2: the security group in front of it."""

from __future__ import annotations

from typing import Any

from tests.aws_models.convert import Target, Twin
from tests.aws_models.registered import Inputs, changed
from tests.aws_models.twins.shaping import names, only, single, steps, without

_REGION = frozenset({"region"})
_CACHE = steps(
    single("cacheUsageLimits.ecpuPerSeconds"),
    names({"cacheUsageLimits.ecpuPerSeconds": "ecpuPerSecond", "name": "serverlessCacheName"}),
)
_GROUP = {"name": "groupName", "description": "groupDescription"}


def _sources(groups: Any) -> list[Any]:
    return groups if isinstance(groups, list) else [groups]


def _one_source_each(inputs: Inputs) -> Inputs:
    """CloudFormation has a rule for each security group that is let in."""

    def spread(holder: Inputs, name: str) -> None:
        rules: list[Any] = []
        for rule in holder[name] if isinstance(holder[name], list) else [holder[name]]:
            if not isinstance(rule, dict) or "securityGroups" not in rule:
                rules.append(rule)
                continue
            rest = {key: value for key, value in rule.items() if key not in ("securityGroups", "protocol")}
            protocol = {"ipProtocol": rule["protocol"]} if "protocol" in rule else {}
            rules += [
                {**rest, **protocol, "sourceSecurityGroupId": group} for group in _sources(rule["securityGroups"])
            ]
        holder["securityGroupIngress"] = rules
        del holder[name]

    return changed(inputs, "ingress", spread)


def _permissions(inputs: Inputs) -> Inputs:
    """The API has the description at each security group that is let in."""

    def rewrite(holder: Inputs, name: str) -> None:
        for rule in holder[name] if isinstance(holder[name], list) else []:
            if isinstance(rule, dict) and "securityGroups" in rule:
                text = {"description": rule.pop("description")} if "description" in rule else {}
                groups = _sources(rule.pop("securityGroups"))
                rule["userIdGroupPairs"] = [{"groupId": group, **text} for group in groups]
                if "protocol" in rule:
                    rule["ipProtocol"] = rule.pop("protocol")
        holder["ipPermissions"] = holder.pop(name)

    return changed(inputs, "ingress", rewrite)


TWINS = {
    "aws:elasticache/serverlessCache:ServerlessCache": Twin(
        (Target("AWS::ElastiCache::ServerlessCache", _CACHE),),
        (Target("elasticache.CreateServerlessCache", _CACHE),),
        provider_only=frozenset({"region", "timeouts"}),
        generated="name",
    ),
    "aws:elasticache/user:User": Twin(
        (Target("AWS::ElastiCache::User"),),
        (Target("elasticache.CreateUser"),),
        provider_only=frozenset({"region", "passwordsWo", "passwordsWoVersion"}),
    ),
    "aws:elasticache/userGroup:UserGroup": Twin(
        (Target("AWS::ElastiCache::UserGroup"),),
        (Target("elasticache.CreateUserGroup"),),
        provider_only=_REGION,
    ),
    "aws:ec2/securityGroup:SecurityGroup": Twin(
        (Target("AWS::EC2::SecurityGroup", steps(_one_source_each, names(_GROUP))),),
        (
            Target("ec2.CreateSecurityGroup", steps(without("ingress"), names({"name": "groupName"}))),
            Target("ec2.AuthorizeSecurityGroupIngress", steps(only("ingress"), _permissions)),
        ),
        provider_only=frozenset({"region", "revokeRulesOnDelete"}),
        generated="name",
    ),
}
