"""What ElastiCache Serverless takes beyond its API model, and what a security group does.

Sources: CreateServerlessCache, CreateUser in docs.aws.amazon.com/AmazonElastiCache/latest/APIReference; "Role-Based
Access Control (RBAC)" of the ElastiCache User Guide; Ec2 API reference, AuthorizeSecurityGroupIngress.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.aws_models.limits.rules import (
    REGION,
    TAGS,
    Rules,
    Whole,
    always,
    arn,
    between,
    both,
    each,
    having,
    matching,
    one_of,
    text,
)
from tests.aws_models.registered import Inputs

_REGION = matching(REGION)
_ID = both(text(40, 1), matching(r"[a-z](-?[a-z0-9])*"))  # no two hyphens in a row, none at the end
_GROUP_ID = matching(r"sg-[0-9a-f]{8,17}")
# Its own commands, on entries with a prefix; CreateUser refuses passwords in it.
_ACCESS = matching(
    r"on ~[\w.:-]{1,100}:\* -@all( \+[a-z]+(\|[a-z]+)?){1,20}"
    r"|on ~\* -@all( \+@(read|write|connection)| \+[a-z]+\|[a-z]+){1,20} -@dangerous"
)
_TEXT = matching(r"[\w .,:/()-]{1,255}")

PATHS: dict[str, Rules] = {
    "aws:elasticache/serverlessCache:ServerlessCache": {
        "": having("subnetIds", "securityGroupIds", "userGroupId", "cacheUsageLimits"),
        "region": _REGION,
        "tags": TAGS,
        "name": _ID,
        "engine": always("valkey"),
        "majorEngineVersion": one_of("7", "8"),
        "description": _TEXT,
        "cacheUsageLimits": having("dataStorage", "ecpuPerSeconds"),
        "cacheUsageLimits.dataStorage": having("maximum"),
        "cacheUsageLimits.dataStorage.maximum": between(1, 5_000),
        "cacheUsageLimits.ecpuPerSeconds": each(having("maximum"), most=1, least=1),
        "cacheUsageLimits.ecpuPerSeconds.maximum": between(1_000, 15_000_000),
        "kmsKeyId": arn("kms", r"key/[A-Za-z0-9-]{1,64}"),
        "securityGroupIds": each(_GROUP_ID, most=5, least=1),
        "snapshotRetentionLimit": between(0, 35),
        "subnetIds": each(matching(r"subnet-[0-9a-f]{8,17}"), most=3, least=2),
        "userGroupId": _ID,
    },
    "aws:elasticache/user:User": {
        "region": _REGION,
        "tags": TAGS,
        "": having("passwords"),
        "userId": _ID,
        "userName": matching(r"[\w-]{1,120}"),
        "engine": always("valkey"),
        "accessString": _ACCESS,
        "passwords": each(matching(r"[A-Za-z0-9]{16,128}"), most=2, least=1),
    },
    "aws:elasticache/userGroup:UserGroup": {
        "region": _REGION,
        "tags": TAGS,
        "": having("userIds"),
        "userGroupId": _ID,
        "engine": always("valkey"),
        "userIds": each(_ID, most=100, least=1),
    },
    "aws:ec2/securityGroup:SecurityGroup": {
        "region": _REGION,
        "tags": TAGS,
        "": having("vpcId", "ingress"),
        "name": matching(r"(?!sg-)[\w .:/()#,@\[\]+=&;{}!$*-]{1,255}"),
        "description": _TEXT,
        "vpcId": matching(r"vpc-[0-9a-f]{8,17}"),
        "ingress": each(having("securityGroups", "fromPort", "toPort"), most=60, least=1),
        "ingress.description": _TEXT,
        "ingress.protocol": always("tcp"),
        "ingress.fromPort": always(6_379),
        "ingress.toPort": always(6_380),
        "ingress.securityGroups": each(_GROUP_ID, most=60, least=1),
    },
}


def no_way_out(inputs: Inputs) -> Iterator[str]:
    """A cache asks nobody; whoever is let in is one of the gateway's."""
    if inputs.get("egress"):
        yield "a way out"


WHOLE: dict[str, Whole] = {"aws:ec2/securityGroup:SecurityGroup": no_way_out}
