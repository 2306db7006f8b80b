"""Reads requests with their bodies from a log or from a file of bodies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

NO_BODY = "digests without a body"
BYPASS = "bypassed the cache"
_END_OF_TIME = 253_402_300_800  # the year 10000, in seconds
_TOO_LARGE = 1e12


@dataclass(frozen=True)
class Request:
    """One request of the model; `position` finds its body again. `time_seconds` since 1970, 0 when unknown."""

    position: int
    body: bytes
    caller: str | None = None
    time_seconds: float = 0
    latency_ms: float | None = None


class RequestFile(Protocol):
    """A file of requests; both methods raise LogError."""

    def requests(self, model: str, skipped: Counter[str]) -> Iterator[Request]:
        """Those of a model in the order of the file; all others are counted in `skipped` by what they are."""
        ...

    def bodies(self, positions: Iterable[int]) -> Iterator[bytes]:
        """In that order."""
        ...


def seconds_of(time: Any) -> float:
    """Unix seconds of a record's `time`: a number, or RFC 3339 text (without a zone: UTC). Raises ValueError."""
    if isinstance(time, int | float) and not isinstance(time, bool) and abs(time) < _END_OF_TIME:
        return float(time)
    try:
        moment = datetime.fromisoformat(time if isinstance(time, str) else "")
    except ValueError:
        raise ValueError("`time` is neither RFC 3339 nor Unix seconds") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def number_or_none(value: Any, name: str) -> float | None:
    """A number of 0 or more and below 1e12, or None when there is none. Raises ValueError."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _TOO_LARGE:
        raise ValueError(f"`{name}` is no number of 0 or more, below 1e12")
    return float(value)


def text_or_none(value: Any, name: str) -> str | None:
    """Raises ValueError for what is no text."""
    if value is not None and not isinstance(value, str):
        raise ValueError(f"`{name}` is no text")
    return value
