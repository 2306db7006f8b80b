"""Everything that `status` shows, as one value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ops.findings import Finding
from ops.status.cache_usage import CacheUsage
from ops.status.edge_traffic import EdgeTraffic
from ops.status.model_status import ModelStatus, model_status
from ops.status.nodes import NodeReading
from ops.status.reading import Reading
from settings import ModelSettings

_USED = "kong_memory_lua_shared_dict_bytes"
_TOTAL = "kong_memory_lua_shared_dict_total_bytes"


@dataclass(frozen=True)
class NodeStatus:
    """One Kong node; `problem` is None when its numbers are among the sums."""

    name: str
    problem: Finding | None
    was_restarted: bool
    dictionary_used_bytes: int
    dictionary_bytes: int
    """0 when the node tells of no such dictionary."""


@dataclass(frozen=True)
class Status:
    """One stack; numbers since the nodes' start, or those of `interval_seconds`."""

    stack: str
    interval_seconds: float | None
    nodes: tuple[NodeStatus, ...]
    models: tuple[ModelStatus, ...]
    dictionary: str
    """The nginx dictionary of the answers."""
    shared_cache: CacheUsage | str | None
    """A text says why it is not known; None: the stack has none."""
    edge: EdgeTraffic | str | None
    """Likewise."""
    edge_provider: str = "none"
    notes: tuple[str, ...] = ()
    """What else the reader should know."""

    @property
    def ok(self) -> bool:
        """Whether the numbers of all nodes are there."""
        return all(node.problem is None for node in self.nodes)

    @property
    def reached(self) -> int:
        """How many nodes the sums are of."""
        return sum(node.problem is None for node in self.nodes)


def model_statuses(models: Sequence[ModelSettings], found: Sequence[NodeReading]) -> tuple[ModelStatus, ...]:
    """Of the nodes that have a reading; none when no node has."""
    by_node = {node.name: node.reading.split("model") for node in found if node.reading is not None}
    if not by_node:
        return ()
    nothing = Reading({})
    return tuple(
        model_status(model, {node: parts.get(model.name, nothing) for node, parts in by_node.items()})
        for model in models
    )


def node_status(found: NodeReading, dictionary: str) -> NodeStatus:
    """The node itself."""
    reading = found.reading or Reading({})
    used, total = (round(reading.total(name, shared_dict=dictionary)) for name in (_USED, _TOTAL))
    return NodeStatus(found.name, found.problem, found.was_restarted, used, total)


def status_json(status: Status) -> str:
    """One JSON object with all fields, and what follows from them."""
    document = {
        **asdict(status),
        "models": [_model(model) for model in status.models],
        "shared_cache": _known(status.shared_cache),
        "edge": _known(status.edge),
        "ok": status.ok,
    }
    return json.dumps(document, indent=2, default=str, allow_nan=False)


def _known(part: CacheUsage | EdgeTraffic | str | None) -> dict[str, Any] | None:
    """With `problem` in place of the numbers where they are not known."""
    if part is None:
        return None
    return {"problem": part} if isinstance(part, str) else asdict(part)


def _model(model: ModelStatus) -> dict[str, Any]:
    verification = model.verification
    ratio = verification.mismatches / verification.comparisons if verification.comparisons else None
    return {
        **asdict(model),
        "cache_off": model.cache_off,
        "versions": model.versions,
        "verification": {
            **asdict(verification),
            "comparisons": verification.comparisons,
            "mismatch_ratio": ratio,
            "mismatch_interval_95": verification.mismatch_interval if verification.comparisons else None,
        },
    }
