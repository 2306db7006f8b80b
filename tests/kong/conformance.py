"""Replays recorded exchanges of a real Kong against the embedded one and says which answers agree.

Compared: the status; the JSON body with ids, times and request ids mapped (the same recorded id must always be the same
actual id); the upstream's counter `n` (a cached answer repeats it); the headers in HEADERS. Not compared: dates,
latencies, versions, lengths, order.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kong.running import Answer, send
from tests.kong.scope import out_of_scope

TRUTH = Path(__file__).parent / "truth"
FILES = ("admin", "schema", "router", "proxy_cache", "upstream")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TOKEN = re.compile(r"^[0-9a-f]{64}$|^[0-9a-f]{32}$|^[0-9a-zA-Z]{32}$")
CHANGING = re.compile(r"(request_id: |kong/)\S+|offset=[^&]+|:\d{4,5}\b")
VOLATILE = {"created_at", "updated_at", "request_id", "headers", "offset"}
HEADERS = (
    "content-type",
    "x-cache-status",
    "cache-control",
    "www-authenticate",
    "allow",
    "location",
    "x-route",
    "x-up",
    "vary",
    "ratelimit-limit",
    "ratelimit-remaining",
    "x-ratelimit-limit-minute",
    "x-ratelimit-remaining-minute",
    "set-cookie",
    "access-control-allow-origin",
    "x-added",
    "x-post-hf",
    "etag",
)
ENTITIES = ("plugins", "routes", "services", "consumers", "upstreams")


class Mapped:
    """A one-to-one relation between recorded and actual names, learnt as they appear."""

    def __init__(self) -> None:
        self._forward: dict[str, str] = {}
        self._backward: dict[str, str] = {}

    def agree(self, old: str, new: str) -> bool:
        return self._forward.setdefault(old, new) == new and self._backward.setdefault(new, old) == old

    def learn(self, old: str, new: str) -> None:
        if old not in self._forward:
            self.agree(old, new)

    def rewrite(self, text: str) -> str:
        text = UUID.sub(lambda found: self._forward.get(found[0], found[0]), text)
        return re.sub(r"[0-9a-f]{64}", lambda found: self._forward.get(found[0], found[0]), text)


def differ(old: Any, new: Any, ids: Mapped, path: str = "$") -> str | None:
    """The first difference between a recorded and an actual body, or None."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted((set(old) | set(new)) - VOLATILE):
            if key not in old or key not in new:
                return f"{path}.{key}: {'unexpected' if key not in old else 'missing'}"
            if found := differ(old[key], new[key], ids, f"{path}.{key}"):
                return found
        return None
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return f"{path}: {len(new)} items, recorded {len(old)}"
        if path.endswith(".data"):
            old, new = sorted(old, key=_order), sorted(new, key=_order)
        return next(
            (
                found
                for i, pair in enumerate(zip(old, new, strict=True))
                if (found := differ(*pair, ids, f"{path}[{i}]"))
            ),
            None,
        )
    if path == "$.n":
        return (
            None
            if ids.agree(f"n{old}", f"n{new}")
            else f"{path}: {new!r}: not the answer that was recorded (cached or not)"
        )
    if isinstance(old, str) and isinstance(new, str):
        return _differing_text(old, new, ids, path)
    return None if old == new else f"{path}: {str(new)[:160]!r}, recorded {str(old)[:160]!r}"


def _order(row: Any) -> str:
    if not isinstance(row, dict):
        return str(row)
    named = {name: value for name, value in row.items() if name not in VOLATILE and not UUID.search(json.dumps(value))}
    return json.dumps({name: value for name, value in named.items() if not TOKEN.match(str(value))}, sort_keys=True)


def _differing_text(old: str, new: str, ids: Mapped, path: str) -> str | None:
    if UUID.search(old) or TOKEN.match(old):
        for pair in zip(UUID.findall(old), UUID.findall(new), strict=False):
            ids.learn(*pair)
        if TOKEN.match(old) and TOKEN.match(new):
            ids.learn(old, new)
            return None
        old = ids.rewrite(old)
    if path.endswith(".next"):
        return None if bool(old) == bool(new) else path
    old, new = (re.sub(r"\s+", " ", CHANGING.sub("", text)) for text in (old, new))
    return None if old == new else f"{path}: {new[:160]!r}, recorded {old[:160]!r}"


@dataclass
class Result:
    """agreeing of counted recorded exchanges; the others by reason."""

    agreeing: int = 0
    counted: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def summary(self) -> str:
        reasons = "\n".join(f"  {count:4d}  {reason}" for reason, count in self.skipped.most_common())
        return (
            f"Kong conformance: {self.agreeing} of {self.counted} in-scope recorded exchanges agree"
            f" ({self.skipped.total()} out of scope)\n{reasons}"
        )


class Replayer:
    """Plays the files of truth/ against one gateway; `ports`: recorded upstream ports and the actual ones."""

    def __init__(self, admin: str, proxy: str, ports: Mapping[int, int]) -> None:
        self._urls = {"admin": admin, "proxy": proxy}
        self._ports = ports
        self.result = Result()
        self._window = ""

    def replay(self, file: str) -> None:
        ids = Mapped()
        self._wipe()
        for number, line in enumerate((TRUTH / f"{file}.jsonl").read_text().splitlines(), 1):
            row = json.loads(self._with_ports(line))
            if "sleep" in row:
                time.sleep(row["sleep"])
                self._window = ""
            elif "wipe" in row:
                self._wipe()
            else:
                self._play(file, number, row, ids)
        self._wipe()

    def _play(self, file: str, number: int, row: dict[str, Any], ids: Mapped) -> None:
        reason = out_of_scope(file, row)
        if reason and not row.get("setup"):
            self.result.skipped[reason] += 1
        if reason and not row.get("flaky"):
            return
        self._wait_for_a_window(row["req"]["path"])
        answer = self._send(row["req"], row["to"], ids)
        problem = _compare(row["resp"], answer, ids)
        if problem and not row.get("flaky"):
            self.result.misses.append(
                f"{file}:{number} [{row['note']}] {row['req']['method']} {row['req']['path'][:80]}: {problem}"
            )
        if not (row.get("setup") or row.get("flaky")):
            self.result.counted += 1
            self.result.agreeing += problem is None

    def _wait_for_a_window(self, path: str) -> None:
        """Requests that one rate limit counts together must not fall on both sides of a full second or minute."""
        name = path.partition("?")[0].split("/")[1]
        if name.startswith("rl") and name != self._window:
            while time.time() % 1 > 0.6 or time.time() % 60 > 57:
                time.sleep(0.02)
        self._window = name

    def _send(self, ask: dict[str, Any], to: str, ids: Mapped) -> Answer:
        body = ask["body"]
        if isinstance(body, dict) and "_repeat" in body:
            prefix, text, count, suffix = body["_repeat"]
            body = f"{prefix}{text * count}{suffix}"
        elif isinstance(body, (dict, list)):
            body = ids.rewrite(json.dumps(body))
        elif isinstance(body, str):
            body = ids.rewrite(body)
        return send(
            self._urls[to], ask["method"], ids.rewrite(ask["path"]), ask["headers"], body, ask.get("chunked", False)
        )

    def _with_ports(self, line: str) -> str:
        return re.sub(r"(?<!\d)\d{5}(?!\d)", lambda found: str(self._ports.get(int(found[0]), found[0])), line)

    def _wipe(self) -> None:
        for entity in ENTITIES:
            for row in send(self._urls["admin"], "GET", f"/{entity}?size=1000").body["data"]:
                send(self._urls["admin"], "DELETE", f"/{entity}/{row['id']}")


def _compare(want: dict[str, Any], got: Answer, ids: Mapped) -> str | None:
    recorded: dict[str, list[str]] = {}
    for name, value in want.get("headers", ()):
        recorded.setdefault(name.lower(), []).append(value)
    for pair in zip(recorded.get("x-cache-key", ()), got.headers.get("x-cache-key", ()), strict=False):
        ids.learn(*pair)
    if got.status != want["status"]:
        return f"status {got.status}, recorded {want['status']}: {str(got.body)[:160]}"
    if want["body"] is not None and (found := differ(want["body"], got.body, ids)):
        return found
    for name in HEADERS:
        if recorded.get(name) != got.headers.get(name):
            return f"header {name}: {got.headers.get(name)}, recorded {recorded.get(name)}"
    return None
