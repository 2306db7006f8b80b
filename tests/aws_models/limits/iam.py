"""What IAM takes beyond its API model, and least privilege; source: the IAM API reference."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.aws_models.limits.rules import (
    TAGS,
    Rules,
    Whole,
    matching,
    policy_document,
    text,
)
from tests.aws_models.registered import Inputs

PATHS: dict[str, Rules] = {
    "aws:iam/role:Role": {
        "name": matching(r"[\w+=,.@-]{1,64}"),
        "description": text(1_000),
        "assumeRolePolicy": policy_document(20_480),
        "tags": TAGS,
    },
    "aws:iam/rolePolicy:RolePolicy": {
        "name": matching(r"[\w+=,.@-]{1,128}"),
        "role": matching(r"[\w+=,.@-]{1,64}"),
        "policy": policy_document(20_480),
    },
}


def role_policy(inputs: Inputs) -> Iterator[str]:
    """One action on one endpoint."""
    try:
        statements = json.loads(inputs["policy"])["Statement"]
        narrow = all("*" not in json.dumps([one["Action"], one["Resource"]]) for one in statements)
    except (KeyError, TypeError, ValueError):
        yield "policy: not a document with actions and resources"
        return
    if not narrow:
        yield "policy: a wildcard"


WHOLE: dict[str, Whole] = {
    "aws:iam/rolePolicy:RolePolicy": role_policy,
}
