"""What S3 takes beyond its API model, and that nothing in a bucket is public.

Sources: docs.aws.amazon.com/AmazonS3/latest/userguide (bucketnamingrules, intro-lifecycle-rules).
"""

from __future__ import annotations

from tests.aws_models.limits.rules import (
    REGION,
    TAGS,
    Rules,
    Whole,
    always,
    between,
    each,
    flag,
    matching,
    policy_document,
    text,
)

_REGION = matching(REGION)
_BUCKET = matching(r"(?!xn--|sthree-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias)")
_MAX_DAYS = 36_500

PATHS: dict[str, Rules] = {
    "aws:s3/bucket:Bucket": {"region": _REGION, "bucket": _BUCKET, "forceDestroy": flag, "tags": TAGS},
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
        "region": _REGION,
        "bucket": _BUCKET,
        **dict.fromkeys(
            ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), always(True)
        ),
    },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        "region": _REGION,
        "bucket": _BUCKET,
        "rules": each(lambda _: None, most=1_000, least=1),
        "rules.id": text(255, 1),
        "rules.filter.prefix": text(1_024),
        "rules.expiration.days": between(1, _MAX_DAYS),
        "rules.abortIncompleteMultipartUpload.daysAfterInitiation": between(1, _MAX_DAYS),
        "rules.noncurrentVersionExpiration.noncurrentDays": between(1, _MAX_DAYS),
    },
    "aws:s3/bucketPolicy:BucketPolicy": {"region": _REGION, "bucket": _BUCKET, "policy": policy_document(20_480)},
}


WHOLE: dict[str, Whole] = {}
