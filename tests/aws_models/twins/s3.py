"""aws.s3: the provider has one resource for each part of a bucket's configuration."""

from __future__ import annotations

from tests.aws_models.convert import Target, Twin
from tests.aws_models.registered import Inputs, changed
from tests.aws_models.twins.shaping import names, steps, tags_as, under

_REGION = frozenset({"region"})
_BUCKET = {"bucket": "bucketName"}


def _rules_of_cloudformation(inputs: Inputs) -> Inputs:
    """CloudFormation has expiration and filter flat in the rule."""

    def flatten(holder: Inputs, name: str) -> None:
        for rule in holder[name] if isinstance(holder[name], list) else []:
            for block, flat in (
                ("expiration", {"days": "expirationInDays", "date": "expirationDate"}),
                ("filter", {"prefix": "prefix"}),
            ):
                part = rule.get(block) if isinstance(rule, dict) else None
                if isinstance(part, dict):
                    del rule[block]
                    rule.update({flat.get(key, key): value for key, value in part.items()})

    return changed(inputs, "rules", flatten)


TWINS = {
    "aws:s3/bucket:Bucket": Twin(
        (Target("AWS::S3::Bucket", names(_BUCKET)),),
        (
            Target("s3.CreateBucket", lambda inputs: {k: v for k, v in inputs.items() if k != "tags"}),
            Target(
                "s3:Tagging",
                lambda inputs: tags_as("TagSet")(inputs).get("tags", {"TagSet": []}),
            ),
        ),
        provider_only=frozenset({"region", "forceDestroy", "bucketPrefix"}),
        generated="bucket",
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Twin(
        (
            Target(
                "AWS::S3::Bucket",
                steps(under("publicAccessBlockConfiguration", ["bucket"]), names(_BUCKET)),
            ),
        ),
        (Target("s3.PutPublicAccessBlock", under("publicAccessBlockConfiguration", ["bucket"])),),
        provider_only=frozenset({"region", "skipDestroy"}),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Twin(
        (
            Target(
                "AWS::S3::Bucket",
                steps(_rules_of_cloudformation, under("lifecycleConfiguration", ["bucket"]), names(_BUCKET)),
            ),
        ),
        (Target("s3.PutBucketLifecycleConfiguration", under("lifecycleConfiguration", ["bucket"])),),
        provider_only=frozenset({"region", "timeouts"}),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Twin(
        (Target("AWS::S3::BucketPolicy", names({"policy": "policyDocument"})),),
        (Target("s3.PutBucketPolicy"),),
        provider_only=_REGION,
    ),
}
