"""What became of a question, told by the gateway's answer."""

from __future__ import annotations

import email.utils
import time
from dataclasses import dataclass
from typing import Literal

import httpx

from client.cache_status import cache_status
from client.structured_field import parse_list
from components.prediction_key.render import CACHE_NAME

Kind = Literal["hit", "stored", "not stored", "bypassed", "failed"]
KINDS: tuple[Kind, ...] = ("hit", "stored", "not stored", "bypassed", "failed")
_TO_THE_MODEL = ("miss", "stale")
_SLOW_DOWN = (429, 503)


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
    if status.hit:
        return Outcome("hit")
    if status.stored:
        return Outcome("stored")
    forward = _forward(response.headers.get("cache-status", ""))
    if forward is None:
        return Outcome("bypassed", "no Cache-Status")
    return Outcome("not stored" if forward in _TO_THE_MODEL else "bypassed", status.detail or "no reason told")


def wait_seconds(response: httpx.Response) -> float | None:
    """How long the gateway wants not to be asked: 0 when it does not say; None when it does not want that."""
    if response.status_code not in _SLOW_DOWN:
        return None
    asked = response.headers.get("retry-after", "")
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
    except (ValueError, OverflowError):  # no date, or one before all others
        return 0.0


def _forward(field: str) -> str | None:
    """Why our cache had no answer (RFC 9211 section 2.2)."""
    try:
        ours = [item for item in parse_list(field) if item.value == CACHE_NAME]
    except ValueError:
        return None
    return str(ours[-1].parameters.get("fwd", "")) if ours else None
