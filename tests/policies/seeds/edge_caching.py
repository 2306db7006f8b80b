"""CloudFront in front of a model as tutorials show it. ``forward_header_values`` is ``forwarded_values``."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws


def program() -> None:
    content_bucket = aws.s3.Bucket("contentBucket")
    aws.s3.BucketPolicy(
        "bucketPolicy",
        bucket=content_bucket.bucket,
        policy=content_bucket.arn.apply(
            lambda arn: json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},
                            "Action": "s3:GetObject",
                            "Resource": f"{arn}/*",
                        }
                    ],
                }
            )
        ),
    )
    distribution = aws.cloudfront.Distribution(
        "modelCacheDistribution",
        origins=[
            aws.cloudfront.DistributionOriginArgs(
                domain_name="ai-model-endpoint.example.com",
                origin_id="aiModelEndpoint",
                custom_origin_config=aws.cloudfront.DistributionOriginCustomOriginConfigArgs(
                    http_port=80,
                    https_port=443,
                    origin_protocol_policy="https-only",
                    origin_ssl_protocols=["TLSv1.1", "TLSv1.2"],
                ),
            )
        ],
        enabled=True,
        is_ipv6_enabled=True,
        default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
            allowed_methods=["GET", "HEAD", "OPTIONS"],
            cached_methods=["GET", "HEAD", "OPTIONS"],
            target_origin_id="aiModelEndpoint",
            viewer_protocol_policy="redirect-to-https",
            min_ttl=0,
            default_ttl=3600,
            max_ttl=86400,
            forwarded_values=aws.cloudfront.DistributionDefaultCacheBehaviorForwardedValuesArgs(
                query_string=True,
                cookies=aws.cloudfront.DistributionDefaultCacheBehaviorForwardedValuesCookiesArgs(forward="none"),
            ),
        ),
        restrictions=aws.cloudfront.DistributionRestrictionsArgs(
            geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
        ),
        viewer_certificate=aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True),
    )
    pulumi.export("cdndomain", distribution.domain_name)
