"""Access logs (v2), without what an input could be read from."""

import json

import pulumi
from pulumi_aws import cloudfront, cloudwatch, s3

from ..arguments import RETENTION_DAYS, US_EAST_1, AccessLogArgs

# Without cs-uri-query and cs(Referer), which hold inputs, and without cs(Cookie).
# docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
_FIELDS = (
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(User-Agent)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
)
_PREFIX = "AWSLogs/"  # put in front by AWS


def access_logs(
    name: str,
    args: AccessLogArgs,
    distribution: cloudfront.Distribution,
    opts: pulumi.ResourceOptions,
    kept: pulumi.ResourceOptions,
) -> None:
    """Parquet files in the given bucket or in a private one of our own; `kept` are the options of the latter."""
    source = cloudwatch.LogDeliverySource(
        f"{name}-log-source", region=US_EAST_1, log_type="ACCESS_LOGS", resource_arn=distribution.arn, opts=opts
    )
    depends_on: list[pulumi.Resource] = []
    bucket_arn = args.get("bucket_arn")
    if bucket_arn is None:
        bucket = _bucket(name, int(args.get("retention_days", RETENTION_DAYS)), opts, kept)
        depends_on.append(_permission(name, bucket, source, opts))
        bucket_arn = bucket.arn
    destination = cloudwatch.LogDeliveryDestination(
        f"{name}-log-destination",
        region=US_EAST_1,
        output_format="parquet",
        delivery_destination_configuration={"destination_resource_arn": bucket_arn},
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=depends_on)),
    )
    cloudwatch.LogDelivery(
        f"{name}-log-delivery",
        region=US_EAST_1,
        delivery_source_name=source.name,
        delivery_destination_arn=destination.arn,
        record_fields=list(_FIELDS),
        s3_delivery_configurations=[
            {"suffix_path": "{DistributionId}/{yyyy}/{MM}/{dd}/{HH}", "enable_hive_compatible_path": False}
        ],
        opts=opts,
    )


def _bucket(name: str, retention_days: int, opts: pulumi.ResourceOptions, kept: pulumi.ResourceOptions) -> s3.Bucket:
    # Logs go with the stack unless they are protected: a bucket that holds some could not be deleted.
    bucket = s3.Bucket(f"{name}-logs", region=US_EAST_1, force_destroy=not kept.protect, opts=kept)
    s3.BucketPublicAccessBlock(
        f"{name}-logs-access",
        region=US_EAST_1,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    s3.BucketLifecycleConfiguration(
        f"{name}-logs-lifecycle",
        region=US_EAST_1,
        bucket=bucket.id,
        rules=[
            {
                "id": "expire",
                "status": "Enabled",
                "filter": {"prefix": _PREFIX},
                "expiration": {"days": retention_days},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 1},
            }
        ],
        opts=opts,
    )
    return bucket


def _permission(
    name: str, bucket: s3.Bucket, source: cloudwatch.LogDeliverySource, opts: pulumi.ResourceOptions
) -> s3.BucketPolicy:
    return s3.BucketPolicy(
        f"{name}-logs-permission",
        region=US_EAST_1,
        bucket=bucket.id,
        policy=pulumi.Output.all(bucket.arn, source.arn).apply(lambda arns: _policy(*arns)),
        opts=opts,
    )


def _policy(bucket_arn: str, source_arn: str) -> str:
    """docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html#AWS-logs-infrastructure-V2-S3"""
    delivery = {
        "Sid": "AWSLogsDeliveryWrite",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{bucket_arn}/{_PREFIX}*",
        "Condition": {
            "StringEquals": {
                "s3:x-amz-acl": "bucket-owner-full-control",
                "aws:SourceAccount": source_arn.split(":")[4],
            },
            "ArnLike": {"aws:SourceArn": source_arn},
        },
    }
    encrypted = {
        "Sid": "OnlyEncrypted",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [delivery, encrypted]})
