"""Signed URLs: the public keys whose holders may read shareable answers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudfront


@dataclass(frozen=True)
class SigningKeys:
    """The group that a behavior trusts, and CloudFront's ids of its keys in the order given."""

    group: cloudfront.KeyGroup
    ids: pulumi.Output[list[str]]


def signing_keys(name: str, public_keys: Sequence[str], opts: pulumi.ResourceOptions) -> SigningKeys:
    """The given PEM keys and their group.

    Each key's resource is named after the key: adding a second one and later leaving out the first exchanges them
    without a moment in which neither is valid, and no key is deleted while the group has it.
    """
    keys = [_public_key(name, pem.strip() + "\n", opts) for pem in public_keys]
    group = cloudfront.KeyGroup(
        f"{name}-key-group",
        comment=f"{name}: who may read shareable answers",
        items=[key.id for key in keys],
        opts=opts,
    )
    return SigningKeys(group, pulumi.Output.all(*(key.id for key in keys)))


def _public_key(name: str, pem: str, opts: pulumi.ResourceOptions) -> cloudfront.PublicKey:
    digest = hashlib.sha256(pem.encode()).hexdigest()[:8]
    return cloudfront.PublicKey(f"{name}-public-key-{digest}", encoded_key=pem, opts=opts)  # the API wants the line end
