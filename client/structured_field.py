"""Lists of RFC 8941 (structured field values): items with parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Bare = str | int | float | bool

_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"[a-z*][a-z0-9_\-.*]*")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,3})?")
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*")
_BYTES = re.compile(r":([A-Za-z0-9+/=]*):")
_BOOLEAN = re.compile(r"\?([01])")


@dataclass(frozen=True)
class Item:
    """A value and its parameters; byte sequences stay base64."""

    value: Bare
    parameters: dict[str, Bare] = field(default_factory=dict)


def parse_list(text: str) -> list[Item]:
    """The items of a list without inner lists. Usage: ``parse_list("edge; hit; ttl=3, proxy; fwd=miss")``.

    Raises ValueError when it is malformed: RFC 8941 says to ignore the whole field then.
    """
    reader = _Reader(text)
    reader.take(_SPACE)
    items: list[Item] = []
    while not reader.at_end:
        items.append(reader.item())
        reader.take(_SPACE)
        if reader.at_end:
            break
        reader.expect(",")
        reader.take(_SPACE)
        if reader.at_end:
            raise ValueError("a list must not end with a comma")
    return items


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self._position = text, 0

    @property
    def at_end(self) -> bool:
        return self._position >= len(self._text)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._position)
        if match:
            self._position = match.end()
        return match

    def expect(self, character: str) -> None:
        if not self._text.startswith(character, self._position):
            raise ValueError(f"{character!r} expected at {self._position}")
        self._position += 1

    def item(self) -> Item:
        value = self._bare()
        parameters: dict[str, Bare] = {}
        while self._text.startswith(";", self._position):
            self._position += 1
            self.take(re.compile(" *"))
            key = self.take(_KEY)
            if not key:
                raise ValueError(f"a key expected at {self._position}")
            has_value = self._text.startswith("=", self._position)
            self._position += has_value
            parameters[key[0]] = self._bare() if has_value else True
        return Item(value, parameters)

    def _bare(self) -> Bare:
        if match := self.take(_STRING):
            return re.sub(r"\\(.)", r"\1", match[1])
        if match := self.take(_TOKEN):
            return match[0]
        if match := self.take(_NUMBER):
            return float(match[0]) if "." in match[0] else int(match[0])
        if match := self.take(_BOOLEAN):
            return match[1] == "1"
        if match := self.take(_BYTES):
            return match[1]
        raise ValueError(f"a value expected at {self._position}")
