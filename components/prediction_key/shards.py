"""The Lua of a sharded model, each of whose answers is kept by one node of the gateway: both ends of the way there.

    to_shard_phases(settings, secret, endpoint, shard_secret)   # of the service that callers reach
    # of the service on every node
    header_lock_phases(SHARD_HEADER, shard_secret), shard_phases(settings, secret, upstream_headers)

Both ends have the same settings, with a store in memory. `secret` is the key's, `shard_secret` what lets the gateway's
nodes in: keep the results Outputs that are secret.
"""

import base64
import dataclasses
import hmac
from collections.abc import Mapping

from ..lua import Phases
from .render import (
    OUTCOME,
    KeySettings,
    chunk,
    header_filter_sources,
    key_sources,
    keyed,
    off_sources,
    store_phases,
    upstream_header_chunks,
)

SHARD_HEADER = "Xpredictionshard"  # without '-' and '_', as KEY_HEADER
TOLD_HEADER = "Xpredictiontold"


def to_shard_phases(settings: KeySettings, secret: str, endpoint: str, shard_secret: str) -> Phases:
    """The phases of post-function that send a question to the node that keeps its answer.

    `endpoint`: the model's, as protocol://host:port/path; the service itself has the nodes' there.
    """
    sent = {
        **keyed(settings, secret, None),
        "C.model_endpoint": endpoint,
        "C.shard_header": SHARD_HEADER,
        "C.shard_secret": shard_secret,
    }
    told = {"C": settings.lua_values(), "C.told_header": TOLD_HEADER, "C.stamp": stamp(settings, secret, endpoint)}
    return {
        "access": [chunk(sent, *key_sources(settings), "to_shard_access")],
        "header_filter": [chunk(told, *header_filter_sources(settings), OUTCOME, "to_shard_header_filter")],
    }


def shard_phases(settings: KeySettings, secret: str, upstream_headers: Mapping[str, str] | None = None) -> Phases:
    """The phases of post-function that keep the answers of this node's share, and ask the model for them."""
    own = dataclasses.replace(settings, get_twin=False, sharing=None, is_shard=True)  # of the end that callers reach
    values = {**keyed(own, secret, None), "C.scope": _scope(settings)}
    phases = store_phases(
        own,
        values,
        ["base64url", "endpoint", *off_sources(settings), "shard_key"],
        upstream_header_chunks(upstream_headers),
    )
    told = chunk({"C": {"told_header": TOLD_HEADER}}, "shard_header_filter")
    return {**phases, "header_filter": [*phases["header_filter"], told]}


def stamp(settings: KeySettings, secret: str, endpoint: str) -> str:
    """What a shard calls the version, rules and endpoint that its answers are of."""
    digest = hmac.digest(secret.encode(), f"{_scope(settings)}{endpoint}".encode(), "sha1")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _scope(settings: KeySettings) -> str:
    parts = ("shard", settings.model, settings.version, str(settings.generation), settings.rules)
    return "".join(f"{len(part.encode())}:{part}" for part in parts)
