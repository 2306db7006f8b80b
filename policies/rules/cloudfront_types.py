"""CloudFront's resources as the provider has them, and AWS's managed policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .reading import get, given, items
from .rule import Resource

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
CACHE_POLICY = "aws:cloudfront/cachePolicy:CachePolicy"
ORIGIN_REQUEST_POLICY = "aws:cloudfront/originRequestPolicy:OriginRequestPolicy"
VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"

# docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
MANAGED_CACHING = (
    "658327ea-f89d-4fab-a63d-7e88639e58f6",  # CachingOptimized
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",  # CachingOptimizedForUncompressedObjects
)
# .../using-managed-origin-request-policies.html
MANAGED_ALL_VIEWER = "216adef6-6c7f-47e4-b989-5492eafa07d3"
MANAGED_ALL_VIEWER_AND_CLOUDFRONT = "33f36d7e-f396-46d9-90e0-52428a34d9dc"
MANAGED_ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
MANAGED_ALL = (MANAGED_ALL_VIEWER, MANAGED_ALL_VIEWER_AND_CLOUDFRONT)

BEHAVIORS = ("defaultCacheBehavior", "orderedCacheBehaviors")
_DEFAULT, _ORDERED = BEHAVIORS


def behaviors(distribution: Resource) -> Iterator[tuple[str, str, Any]]:
    """The behaviors, each with the property that it stands in and with what to call it."""
    if given(distribution.props, _DEFAULT):
        yield _DEFAULT, "its default behavior", get(distribution.props, _DEFAULT)
    for place, behavior in enumerate(items(distribution.props, _ORDERED), start=1):
        yield _ORDERED, f"its ordered behavior {place}", behavior
