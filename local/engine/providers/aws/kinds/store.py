"""The types of a shared cache: ElastiCache Serverless, and the security group in front of it."""

from __future__ import annotations

import string
from collections.abc import Mapping

from local.engine.providers.aws.kind import Kind
from local.engine.providers.stand_in.kind import Computed, Values, derive

_ELASTICACHE = "arn:aws:elasticache:{region}:{account}"
_LOWER = string.ascii_lowercase + string.digits


def _endpoint(port: int) -> Computed:
    """Where the cache is: both endpoints have one name."""

    def made(values: Values) -> list[dict[str, object]]:
        name = f"{values['name']}-{derive(6, _LOWER, values['region'], values['name'])}"
        return [{"address": f"{name}.serverless.{values['region']}.cache.amazonaws.com", "port": port}]

    return Computed(made, frozenset({"name"}))


KINDS: Mapping[str, Kind] = {
    "aws:ec2/securityGroup:SecurityGroup": Kind(
        "sg-{hex17}",
        {"arn": "arn:aws:ec2:{region}:{account}:security-group/{id}", "ownerId": "{account}"},
        replaces="description name namePrefix vpcId",
        auto_name="name",
    ),
    "aws:elasticache/serverlessCache:ServerlessCache": Kind(
        "{name}",
        {
            "arn": f"{_ELASTICACHE}:serverlesscache:{{name}}",
            "endpoints": _endpoint(6379),
            "readerEndpoints": _endpoint(6380),
            "status": "available",
        },
        replaces="kmsKeyId name networkType snapshotArnsToRestores subnetIds",
        auto_name="name",
        auto_name_length=40,
    ),
    "aws:elasticache/user:User": Kind(
        "{userId}",
        {"arn": f"{_ELASTICACHE}:user:{{userId}}"},
        replaces="userId userName",
        secret=frozenset({"passwords"}),
    ),
    "aws:elasticache/userGroup:UserGroup": Kind(
        "{userGroupId}", {"arn": f"{_ELASTICACHE}:usergroup:{{userGroupId}}"}, replaces="userGroupId"
    ),
}
