"""aws.iam."""

from __future__ import annotations

from tests.aws_models.convert import Target, Twin
from tests.aws_models.twins.shaping import names

TWINS = {
    "aws:iam/role:Role": Twin(
        (Target("AWS::IAM::Role", names({"name": "roleName", "assumeRolePolicy": "assumeRolePolicyDocument"})),),
        (Target("iam.CreateRole", names({"name": "roleName", "assumeRolePolicy": "assumeRolePolicyDocument"})),),
        provider_only=frozenset({"forceDetachPolicies"}),
        generated="name",
    ),
    "aws:iam/rolePolicy:RolePolicy": Twin(
        (
            Target(
                "AWS::IAM::RolePolicy", names({"name": "policyName", "policy": "policyDocument", "role": "roleName"})
            ),
        ),
        (Target("iam.PutRolePolicy", names({"name": "policyName", "policy": "policyDocument", "role": "roleName"})),),
        generated="name",
    ),
}
