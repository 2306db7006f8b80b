"""The ways to the model that the demo compares, by the names of their rows, and what the local edge stands for."""

from __future__ import annotations

ALONE = "model alone"
STOCK = "stock proxy-cache"
GATEWAY = "inference-edge"
# With an edge in front, which the gateway asks a secret of, so that all requests come through it.
EDGE_POST = "Kong cache (POST)"
EDGE_GET = "edge cache (GET)"
# With a shared cache: the same requests once more, at the node that has not seen them.
OTHER_NODE = "the other node"

# Beside them, with a shared cache: the usual design, and this stack's stores of answers.
FASTAPI = "FastAPI + Redis"
STORES = {"memory": "store memory", "redis": "store redis"}

OURS = (GATEWAY, EDGE_POST, EDGE_GET, OTHER_NODE)

WORDS = {
    ALONE: "no cache",
    STOCK: "Kong’s proxy-cache with POST enabled",
    GATEWAY: "this stack",
    OTHER_NODE: "this stack, another gateway node",
    EDGE_POST: "this stack, passed on by the edge",
    EDGE_GET: "this stack, by the client transport",
}

# By the stack's edge.provider: the product, and what of it this machine does not show.
EDGES = {"cloudfront": "CloudFront", "media-cdn": "Media CDN", "cloud-cdn": "Cloud CDN"}
NOT_SHOWN = {
    "cloud-cdn": "Cloud CDN itself keeps an answer from the third request for it on, at each location",
}


def edge_words(provider: str) -> str:
    """Say what the local edge stands for, and how that differs."""
    words = f"the edge is a stand-in for {EDGES[provider]}"
    return f"{words}; {NOT_SHOWN[provider]}" if provider in NOT_SHOWN else words
