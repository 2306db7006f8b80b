"""CloudFrontEdge, which needs the AWS SDK."""

from .cloudfront_edge import CloudFrontEdge

__all__ = ["CloudFrontEdge"]
