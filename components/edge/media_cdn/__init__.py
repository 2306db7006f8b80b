"""MediaCdnEdge, which needs Google Cloud's SDK."""

from .media_cdn_edge import MediaCdnEdge

__all__ = ["MediaCdnEdge"]
