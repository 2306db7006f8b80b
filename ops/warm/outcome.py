"""What became of a question, told by the gateway's answer."""

from __future__ import annotations

import email.utils
import time
from dataclasses import dataclass
from datetime import UTC
from typing import Literal

import httpx

from client.cache_status import cache_status
from client.structured_field import parse_list
from components.prediction_key.render import CACHE_NAME

Kind = Literal["hit", "stored", "not stored", "bypassed", "failed"]
NO_STATUS = "no Cache-Status"
KINDS: tuple[Kind, ...] = ("hit", "stored", "not stored", "bypassed", "failed")
_TO_THE_MODEL = ("miss", "stale")
_SLOW_DOWN = (429, 503)
_MOST_SECONDS = 31_536_000.0  # a year: more means never
_REASON_CHARACTERS = 60


@dataclass(frozen=True)
class Outcome:
    """`reason` is Cache-Status' detail, or the status of a failure; "" for hit and stored."""

    kind: Kind
    reason: str = ""

    @property
    def is_cached(self) -> bool:
        return self.kind in ("hit", "stored")


def outcome_of(response: httpx.Response) -> Outcome:
    """Usage: ``outcome_of(response).kind``; the body is not looked at."""
    if not response.is_success:
        return Outcome("failed", str(response.status_code))
    status = cache_status(response)
    forward = _forward(response.headers.get("cache-status", ""))
    if forward is None and status.source != "edge":  # no answer of this stack, whatever else keeps it
        return Outcome("bypassed", NO_STATUS)
    if status.hit:
        return Outcome("hit")
    if status.stored:
        return Outcome("stored")
    detail = status.detail[:_REASON_CHARACTERS] or "no reason told"
    return Outcome("not stored" if forward in _TO_THE_MODEL else "bypassed", detail)


def wait_seconds(response: httpx.Response) -> float | None:
    """How long the gateway wants not to be asked: 0 when it does not say; None when it does not want that."""
    if response.status_code not in _SLOW_DOWN:
        return None
    asked = response.headers.get("retry-after", "")
    if asked.isascii() and asked.isdigit():
        return min(float(asked), _MOST_SECONDS)
    try:
        at = email.utils.parsedate_to_datetime(asked)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max(0.0, at.timestamp() - time.time()), _MOST_SECONDS)
    except (ValueError, OverflowError):  # no date, or one before all others
        return 0.0


def _forward(field: str) -> str | None:
    """Why our cache had no answer (RFC 9211 section 2.2)."""
    try:
        ours = [item for item in parse_list(field) if item.value == CACHE_NAME]
    except ValueError:
        return None
    return str(ours[-1].parameters.get("fwd", "")) if ours else None
