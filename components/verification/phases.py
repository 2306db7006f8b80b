"""What verifies a model's cached answers, as the deployed Lua has it."""

import dataclasses
import hashlib
from typing import Any

from .. import lua
from ..lua import Phases
from ..prediction_key import KeySettings

SHADOW_HEADER = "Xpredictionshadow"  # without '-' and '_', as KEY_HEADER
STAMP_HEADER = "Xpredictionstamp"
_COMPARING_SECONDS = 30  # at most, by a worker that has much else to do


@dataclasses.dataclass(frozen=True)
class Verification:
    """How a model's cached answers are verified. `tolerances`: by field; `path`: where a node asks the model again.

    lua.merged(phases, verification.phases(settings, secret))   # of post-function
    """

    share: float
    max_mismatch_ratio: float
    max_per_second: float
    max_in_flight: int
    tolerances: dict[str, float]
    ignore_fields: tuple[str, ...]
    connect_seconds: float
    path: str

    def phases(self, settings: KeySettings, secret: str) -> Phases:
        """The phases of post-function. They hold `secret`, which opens the path: keep them an Output that is secret."""
        scope = {"dictionary": settings.dictionary, "model_scope": self._model_scope}
        known = {"C": {**settings.lua_values(), **self._lua_values(settings)}, "C.secret": secret}
        store = ["prediction_key/store_redis"] if settings.store and settings.store.redis else []
        names = ["same_answer", "ask_again", "judge", "verify_log"]
        sources = ["metrics/metric", "prediction_key/endpoint", *store, *(f"verification/{name}" for name in names)]
        return {
            "access": [lua.chunk({"C": scope}, "verification/in_flight_access")],
            "log": [lua.chunk(known, *sources)],
        }

    @property
    def _model_scope(self) -> str:
        return f"v:{self.path}:"

    def _lua_values(self, settings: KeySettings) -> dict[str, Any]:
        ask_seconds = settings.lease_seconds + self.connect_seconds
        return {
            "share": self.share,
            "max_mismatch_ratio": self.max_mismatch_ratio,
            "max_per_second": self.max_per_second,
            "max_in_flight": self.max_in_flight,
            "tolerances": self.tolerances,
            "ignored": {field: True for field in self.ignore_fields},
            "sent": {name: True for name in settings.headers if name != "host"},
            "path": self.path,
            "model_scope": self._model_scope,
            "header_name": SHADOW_HEADER,
            "stamp_header": STAMP_HEADER,
            "stamp": stamp_of(settings),
            "connect_milliseconds": round(self.connect_seconds * 1000),
            "answer_milliseconds": settings.lease_seconds * 1000,
            "ask_seconds": ask_seconds,
            "longest_seconds": ask_seconds + _COMPARING_SECONDS,
        }


def shadow_phases(settings: KeySettings) -> Phases:
    """The phases of post-function, at the path where a node asks again: none but for the version that answers there."""
    values = {"stamp": stamp_of(settings), "header": STAMP_HEADER, "variable": f"http_{STAMP_HEADER.lower()}"}
    return {"access": [lua.chunk({"C": values}, "prediction_key/endpoint", "verification/shadow_access")]}


def stamp_of(settings: KeySettings) -> str:
    """What tells one deployed model from another, before its endpoint."""
    return hashlib.sha256(f"{settings.version}\n{settings.rules}".encode()).hexdigest() + " "
