"""What post-function does for a model with a pool: affinity, the limit of a streamed answer's silence, and metrics.

    pool = PoolUse("chat", "shop-prod-chat", least_connections=True)
    lua.merged(post_function_phases(...), Balancing("digits", "prediction_cache", pool).phases())

Pure text in, text out.
"""

import dataclasses
from typing import Optional

from .. import lua
from ..lua import Phases
from .arguments import AFFINITY_HEADER


@dataclasses.dataclass(frozen=True)
class Affinity:
    """What requests of one target have in common."""

    by: str
    messages: int
    characters: int
    header: str
    max_load_factor: float


@dataclasses.dataclass(frozen=True)
class StreamTimeouts:
    """The model's time-outs, in seconds; `stream` instead of the one to read with for an answer that is streamed."""

    connect: float
    write: float
    stream: float


@dataclasses.dataclass(frozen=True)
class PoolUse:
    """The pool of a model and how it chooses: by affinity, by least connections, or, without either, as Kong does."""

    name: str
    kong_name: str  # which tells pools of stacks on one Kong apart
    affinity: Optional[Affinity] = None
    least_connections: bool = False

    def phases(self, model: str, dictionary: str) -> Phases:
        """The phases of post-function for requests to the pool."""
        # Names in the dictionary that answers are in, too.
        names = {f"{name}_key": f"{name}:{self.kong_name}:" for name in ("slot", "in_flight", "addresses")}
        known = {"model": model, "dictionary": dictionary, "pool": self.name, "header": AFFINITY_HEADER, **names}
        log = lua.chunk({"C": known}, "metrics/metric", "pool/memory", "pool/balancing_log")
        if self.affinity:
            variable = f"http_{self.affinity.header.lower().replace('-', '_')}"
            affinity = {**known, **dataclasses.asdict(self.affinity), "header": AFFINITY_HEADER}
            affinity["session_variable"] = variable
            return {
                "access": [lua.chunk({"C": affinity}, "pool/prompt", "pool/memory", "pool/targets", "pool/affinity")],
                "log": [log],
            }
        if self.least_connections:
            return {
                "access": [lua.chunk({"C": known}, "pool/memory", "pool/targets", "pool/least_connections")],
                "log": [log],
            }
        return {"log": [log]}


@dataclasses.dataclass(frozen=True)
class Balancing:
    """How a model's requests find a target, and what is counted of them."""

    model: str
    dictionary: str
    pool: Optional[PoolUse] = None
    timeouts: Optional[StreamTimeouts] = None

    def phases(self) -> Phases:
        """The phases of post-function that follow those of the cache: they see what goes to the model alone."""
        phases: Phases = {}
        if self.timeouts:
            limits = {f"{name}_milliseconds": _milliseconds(value) for name, value in vars(self.timeouts).items()}
            phases = {"access": [lua.chunk({"C": limits}, "pool/stream_timeout")]}
        return lua.merged(phases, self.pool.phases(self.model, self.dictionary)) if self.pool else phases


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
