"""The names under which the gateway keeps answers in the shared cache (components/prediction_key/store_redis.lua).

``<prefix>:<model>@<version>:<generation>:{<input>.<key>}`` is an answer, the same with ``:f`` the lease of who asks the
model, with ``{off}`` the mark that verification has switched the cache off. The version is percent-encoded; ``<input>``
tells the questions apart, ``<key>`` also headers and callers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_AFTER_MODEL = re.compile(rb"([^:{}]+):(\d{1,10}):\{(?:off|([A-Za-z0-9_-]{27})\.[A-Za-z0-9_-]{27})\}(:f)?")
_GLOB = re.compile(rb"[*?\[\]\\]")


@dataclass(frozen=True)
class EntryName:
    """What a name says: the generation of the key, the question's digest ("": of all), and whether it is a lease."""

    generation: int
    question: str
    is_lease: bool


@dataclass(frozen=True)
class ModelNames:
    """The names of one model of one stack.

    Usage: ``ModelNames("inference-edge:dev", "digits").parse(name)``; patterns are for SCAN's MATCH.
    """

    prefix: str
    model: str

    def parse(self, name: bytes) -> EntryName | None:
        """What the name says; None when it is not one of this model's."""
        start = self._start
        match = _AFTER_MODEL.fullmatch(name, len(start)) if name.startswith(start) else None
        return EntryName(int(match[2]), (match[3] or b"").decode(), match[4] is not None) if match else None

    @property
    def pattern(self) -> bytes:
        """Matches every name of the model, and maybe more: `parse` decides."""
        return escaped_glob(self._start) + b"*"

    def pattern_of(self, question: str) -> bytes:
        """Matches every name of a question's answers, of any version and generation, and maybe more."""
        return self.pattern + b":{" + escaped_glob(question.encode()) + b".*"

    @property
    def _start(self) -> bytes:
        return f"{self.prefix}:{self.model}@".encode()


def escaped_glob(text: bytes) -> bytes:
    """A pattern that matches just this text."""
    return _GLOB.sub(lambda found: b"\\" + found[0], text)
