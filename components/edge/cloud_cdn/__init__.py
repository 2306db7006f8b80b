"""CloudCdnEdge, which needs Google Cloud's SDK."""

from .cloud_cdn_edge import CloudCdnEdge

__all__ = ["CloudCdnEdge"]
