"""The edge of a stack, as its operator sees it: something that can let objects go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class EdgeError(Exception):
    """The edge did not take a request; the text is for a person."""


class Edge(Protocol):
    """What every product can do."""

    def free(self, edge_id: str, *, model: str, path: str) -> str:
        """Removes all that is kept for a model; gives what was asked for, in words. Raises EdgeError."""
        ...


def edge_of(provider: str, config: Mapping[str, str]) -> Edge | None:
    """The edge that a stack's config names, reached as its cloud's provider is configured; None without one."""
    from ops.cloudfront import CloudFront
    from ops.google_cdn import GoogleCdn

    if provider == "cloudfront":
        return CloudFront.of(config)
    if provider == "media-cdn" or provider == "cloud-cdn":
        return GoogleCdn.of(provider, config)
    return None
