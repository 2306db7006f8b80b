"""What was answered between one event and the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.demo.pools.chat_client import ChatAnswer
from local.demo.row import percentile

START = "all in turn"
KILLED, STARTED, DRAINED, TAKEN_BACK, ADDED = "killed", "started again", "drained", "taken back", "added"
_LEAVES, _COMES = (KILLED, DRAINED), (STARTED, TAKEN_BACK, ADDED)


@dataclass(frozen=True)
class Event:
    """What happened to a replica, and when: seconds of time.perf_counter. The start is no replica's."""

    replica: str
    what: str
    at: float


def phases(events: Sequence[Event], answers: Sequence[ChatAnswer], replicas: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row for each event: what was sent from it until the next one, who answered, and what failed then."""
    ends = [event.at for event in events[1:]] + [float("inf")]
    return [_phase(event, end, answers, replicas) for event, end in zip(events, ends, strict=True)]


def timeline(
    events: Sequence[Event], answers: Sequence[ChatAnswer], replicas: Sequence[str], slots: int
) -> dict[str, Any]:
    """Return how many answers each replica gave in each of so many equal parts of the time.

    away: the spans in which a replica was not to be asked, in parts from the start.
    """
    start, end = min(answer.sent_at for answer in answers), max(answer.ended_at for answer in answers)
    seconds = (end - start) / slots
    counts = {replica: [0] * slots for replica in replicas}
    for answer in answers:
        if answer.replica in counts:
            counts[answer.replica][min(int((answer.ended_at - start) / seconds), slots - 1)] += 1
    return {
        "seconds": round(end - start, 2),
        "slots": slots,
        "answers": counts,
        "away": {replica: _away(replica, events, start, end, seconds) for replica in replicas},
    }


def _away(replica: str, events: Sequence[Event], start: float, end: float, slot_seconds: float) -> list[list[float]]:
    own = [event for event in events if event.replica == replica]
    spans, since = [], start if own and own[0].what == ADDED else None
    for event in own:
        if event.what in _LEAVES:
            since = event.at
        elif event.what in _COMES and since is not None:
            spans.append((since, event.at))
            since = None
    if since is not None:
        spans.append((since, end))
    return [[round((at - start) / slot_seconds, 2) for at in span] for span in spans]


def _phase(event: Event, end: float, answers: Sequence[ChatAnswer], replicas: Sequence[str]) -> dict[str, Any]:
    sent = [answer for answer in answers if event.at <= answer.sent_at < end]
    right = [answer for answer in sent if not answer.has_failed]
    requests = Counter(answer.replica for answer in right)
    return {
        "replica": event.replica,
        "what": event.what,
        "requests": len(sent),
        "failed": sum(answer.has_failed and event.at <= answer.ended_at < end for answer in answers),
        "by_replica": {replica: requests[replica] for replica in replicas},
        "p50_ms": percentile([answer.milliseconds for answer in right], 50),
        "longest_ms": percentile([answer.milliseconds for answer in right], 100),
    }
