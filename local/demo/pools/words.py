"""What the demo of the pools found out, in sentences for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.demo.row import time_text


def stream_words(report: Mapping[str, Any]) -> str:
    """The long answer that was streamed."""
    stream = report["stream"]
    return (
        f"a streamed answer came in {stream['reads']} parts, the first after {time_text(stream['first_byte_ms'])} ms "
        f"of {time_text(stream['whole_ms'])}"
    )


def callers_words(report: Mapping[str, Any]) -> str:
    """The callers and their versions."""
    callers = report["callers"]
    counts = ", ".join(f"{count} have {version}" for version, count in callers["versions"].items())
    return f"of {callers['callers']} callers {counts}; {callers['changed']} had both"


def moved_words(report: Mapping[str, Any]) -> str:
    """The prefixes that a further replica took from their own."""
    moved = report["moved"]
    ideal = 1 / (moved["replicas"] + 1)
    return (
        f"a replica more moved {moved['moved']} of {moved['prefixes']} prefixes, {moved['share']:.0%}; its own part is "
        f"{ideal:.0%}"
    )


def fallback_words(report: Mapping[str, Any]) -> str:
    """The pool that was away."""
    fallback = report["fallback"]
    return (
        f"with every replica of the pool away, {fallback['by_fallback']} of {fallback['requests']} requests were "
        f"answered by the fallback; it took over {_after(fallback['noticed_seconds'])} and handed back "
        f"{_after(fallback['back_seconds'])}"
    )


def _after(seconds: float | None) -> str:
    return "never" if seconds is None else f"after {seconds:g} s"
