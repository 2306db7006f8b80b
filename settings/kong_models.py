"""The Kong cluster: which Kong it is, and how its nodes share the answers."""

from __future__ import annotations

from typing import Annotated, Literal

from .field_types import Choice, Items
from .section import Section
from .values import NODE

KongEdition = Literal["community", "enterprise"]
KongTopology = Literal["replicated", "sharded"]


class KongSettings(Section):
    """Which Kong this is, and how its nodes share the work."""

    edition: Annotated[KongEdition, Choice(("community", "enterprise"))] = "community"
    """enterprise keeps answers in Redis by its own plugin, proxy-cache-advanced."""
    topology: Annotated[KongTopology, Choice(("replicated", "sharded"))] = "replicated"
    """replicated: every node keeps its own answers; sharded: one node for each answer, with cache.store memory."""
    nodes: Annotated[tuple[Annotated[str, NODE], ...], Items(0, 64, "nodes")] = ()
    """sharded only: where the proxy of every node is reached by the others."""
    repeats_lost_requests: bool = False
    """The nodes have KONG_NGINX_PROXY_PROXY_NEXT_UPSTREAM="error non_idempotent": a request whose connection breaks
    before the answer began is sent again, up to the model's retries. Off: what was sent is never sent again."""
