"""The types of logs, metrics and alarms: CloudWatch, S3, SNS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.engine.providers.aws.kind import Kind
from local.engine.providers.stand_in.kind import Computed, Values

_LOGS = "arn:aws:logs:{region}:{account}"
_DELIVERY_TYPES = {"s3": "S3", "logs": "CWL", "firehose": "FH"}


def _service(arn: Any) -> str:
    return str(arn).split(":")[2] if str(arn).count(":") > 2 else ""


def _delivery_type(values: Values) -> str | None:
    configuration = values["deliveryDestinationConfiguration"] or {}
    return _DELIVERY_TYPES.get(_service(configuration.get("destinationResourceArn")))


def _bucket_part(replaces: str = "bucket") -> Kind:
    return Kind("{bucket}", replaces=replaces)


KINDS: Mapping[str, Kind] = {
    "aws:cloudwatch/dashboard:Dashboard": Kind(
        "{dashboardName}",
        {"dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{dashboardName}"},
        replaces="dashboardName",
    ),
    "aws:cloudwatch/logDelivery:LogDelivery": Kind(
        "{lower16}", {"arn": f"{_LOGS}:delivery:{{id}}"}, replaces="deliveryDestinationArn deliverySourceName"
    ),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": Kind(
        "{name}",
        {
            "arn": f"{_LOGS}:delivery-destination:{{name}}",
            "deliveryDestinationType": Computed(_delivery_type, frozenset({"deliveryDestinationConfiguration"})),
        },
        replaces="name outputFormat",
        auto_name="name",
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": Kind(
        "{name}",
        {
            "arn": f"{_LOGS}:delivery-source:{{name}}",
            "service": Computed(lambda values: _service(values["resourceArn"]), frozenset({"resourceArn"})),
        },
        replaces="logType name resourceArn",
        auto_name="name",
    ),
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        "{name}",
        {"arn": f"{_LOGS}:log-group:{{name}}"},
        replaces="logGroupClass name namePrefix",
        auto_name="name",
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Kind(
        "{policyName}{resourceArn}", replaces="policyName resourceArn"
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Kind(
        "{name}",
        {"arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"},
        replaces="name",
        auto_name="name",
    ),
    "aws:s3/bucket:Bucket": Kind(
        "{bucket}",
        {
            "arn": "arn:aws:s3:::{bucket}",
            "bucketDomainName": "{bucket}.s3.amazonaws.com",
            "bucketRegionalDomainName": "{bucket}.s3.{region}.amazonaws.com",
        },
        replaces="bucket bucketPrefix objectLockEnabled",
        auto_name="bucket",
        auto_name_length=63,
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket_part("bucket expectedBucketOwner"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _bucket_part(),
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_part(),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _bucket_part(),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _bucket_part(
        "bucket expectedBucketOwner"
    ),
    "aws:sns/topic:Topic": Kind(
        "arn:aws:sns:{region}:{account}:{name}",
        {"arn": "{id}", "owner": "{account}"},
        replaces="fifoTopic name namePrefix",
        auto_name="name",
    ),
}
