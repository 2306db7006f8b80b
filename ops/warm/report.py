"""What a run did, for a person and for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ops.warm.outcome import KINDS, NO_STATUS, Kind
from ops.warm.target import Target
from ops.warm.warming import CHANGED, INTERRUPTED, UNREACHABLE, UNSAVED, USELESS, WAIT, Stopped

_SHOWN = {"hit": "cached already"}
_SHOWN_REASONS = 5
_AGAIN = "the same command goes on where it stopped"


def sentence(counts: Mapping[tuple[Kind, str], int]) -> str:
    """Such as "310 cached already, 920 stored, 10 not stored (size: 8, vary: 2)"."""
    return ", ".join(_parts(counts)) or "no answer came"


def by_kind(counts: Mapping[tuple[Kind, str], int]) -> dict[str, Any]:
    """As JSON: numbers of hit and stored, those of the others by reason."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        reasons = {reason: count for (one, reason), count in sorted(counts.items()) if one == kind}
        found[kind.replace(" ", "_")] = sum(reasons.values()) if kind in ("hit", "stored") else reasons
    return found


def advice(stopped: Stopped, model: str, target: Target, key_variable: str) -> str:
    """Why a run ended before its time, and what to do."""
    if stopped.cause == INTERRUPTED:
        return f"interrupted: {_AGAIN}"
    if stopped.cause == UNSAVED:
        return f"stopped: the progress cannot be kept, and would be lost: {stopped.detail}"
    if stopped.cause == CHANGED:
        return f"stopped: {stopped.detail}"
    if stopped.cause == USELESS and NO_STATUS in stopped.detail:
        return (
            f"stopped: {target.url} answers, but not as this stack's gateway ({stopped.detail}): deploy the stack "
            "(make up), or name its gateway by --url"
        )
    if stopped.cause == USELESS:
        return (
            f"stopped: the answers are not kept ({stopped.detail}), so that asking would only cost calls of {model}. "
            "docs/cache-status.md tells what the reasons mean"
        )
    if stopped.cause == WAIT:
        return f"stopped: the gateway wants not to be asked for {stopped.detail} s; after that {_AGAIN}"
    return f"stopped: {_of_failures(stopped, model, target, key_variable)}. After that {_AGAIN}"


def _of_failures(stopped: Stopped, model: str, target: Target, key_variable: str) -> str:
    host = target.headers.get("host", "")
    at = f"{target.url} (Host {host})" if host else target.url
    match stopped.cause:
        case "401" | "403":
            if not target.credential:
                return f"{at} refuses callers without a key ({stopped.cause}): deploy the stack, or name another --url"
            return f"{at} refuses the key ({stopped.cause}): {key_variable} must hold that of a caller of {model}"
        case cause if cause.startswith("3"):
            return f"{at} redirects ({cause}), and nothing was sent on: name the URL that it leads to by --url"
        case "404":
            return f"{at} is not there (404): deploy the stack (make up), or name its gateway by --url"
        case "426":
            return f"{at} is served by HTTPS only (426): name an https gateway by --url"
        case "429":
            return f"{at} still says 429 after pauses: ask fewer questions a second (--rate)"
        case "timeout":
            return f"{model} does not answer in time: see whether it is overloaded, or ask with --concurrency 1"
        case cause if cause == UNREACHABLE and "CERTIFICATE_VERIFY_FAILED" in stopped.detail:
            return f"the certificate at {at} is not trusted: {stopped.detail}. SSL_CERT_FILE may name your CA's"
        case cause if cause == UNREACHABLE:
            return f"no gateway answers at {at}: {stopped.detail or 'the connection was closed'}"
        case cause if cause.startswith("5"):
            return f"{model} fails ({cause}) at {at}: see whether it is healthy"
        case cause:
            return f"{at} refuses the questions ({cause}): see whether they are for {model}"


def reasons(counts: Counter[str]) -> str:
    """The most frequent first."""
    return ", ".join(f"{reason}: {count:,}" for reason, count in counts.most_common(_SHOWN_REASONS))


def _parts(counts: Mapping[tuple[Kind, str], int]) -> Iterator[str]:
    for kind in KINDS:
        of_kind = Counter({reason: count for (one, reason), count in counts.items() if one == kind})
        if of_kind:
            why = reasons(of_kind) if any(of_kind) else ""
            yield f"{of_kind.total():,} {_SHOWN.get(kind, kind)}{f' ({why})' if why else ''}"
