"""Reads the inputs of a registered resource strictly: what is not read is refused, never silently ignored."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any


class ConfigurationError(ValueError):
    """The registered configuration cannot be served; the text says where, what is wrong and what to do."""


class Fields:
    """The properties of one object; every property must be read, or be named as one without effect.

    Usage:
        fields = Fields("cachePolicy abc", {"minTtl": 0, "comment": "..."})
        fields.integer("minTtl", default=0, low=0)
        fields.without_effect("comment")
        fields.end()                        # refuses what is left

    A property that is None counts as absent. Each reader raises ConfigurationError for a wrong type or value.
    """

    def __init__(self, where: str, given: object) -> None:
        self.where = where
        if not isinstance(given, Mapping):
            raise ConfigurationError(f"{where} must be an object")
        self._left = {name: value for name, value in given.items() if value is not None}

    def _take(self, name: str, default: Any, required: bool) -> Any:
        if name not in self._left and required:
            raise ConfigurationError(f"{self.where} needs {name}")
        return self._left.pop(name, default)

    def _wrong(self, name: str, expected: str) -> ConfigurationError:
        return ConfigurationError(f"{self.where}.{name} must be {expected}")

    def text(self, name: str, default: str | None = None, choices: Collection[str] = ()) -> str:
        value = self._take(name, default, default is None)
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        if choices and value not in choices:
            raise self._wrong(name, f"one of {', '.join(choices)} in the local edge, not '{value}'")
        return value

    def integer(self, name: str, default: int | None = None, low: int = 0, high: int = 2**53) -> int:
        value = self._take(name, default, default is None)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
            raise self._wrong(name, "an integer")
        if not low <= value <= high:
            raise self._wrong(name, f"between {low} and {high}")
        return int(value)

    def seconds(self, name: str, default: float | None = None, low: float = 0, high: float = 2**53) -> float:
        """A duration as Google writes it: `15s`, `1.5s`."""
        value = self._take(name, default, default is None)
        if isinstance(value, str):
            if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?s", value):
                raise self._wrong(name, "a duration such as 15s")
            value = float(value[:-1])
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise self._wrong(name, f"between {low:g}s and {high:g}s")
        return float(value)

    def boolean(self, name: str, default: bool | None = None) -> bool:
        value = self._take(name, default, default is None)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def texts(self, name: str, required: bool = False) -> list[str]:
        value = self._take(name, [], required)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._wrong(name, "a list of strings")
        return value

    def child(self, name: str, required: bool = False) -> Fields | None:
        value = self._take(name, None, required)
        return None if value is None else Fields(f"{self.where}.{name}", value)

    def texts_by_name(self, name: str) -> dict[str, str]:
        value = self._take(name, {}, False)
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise self._wrong(name, "an object of strings")
        return value

    def children(self, name: str, required: bool = False) -> list[Fields]:
        value = self._take(name, [], required)
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return [Fields(f"{self.where}.{name}[{number}]", one) for number, one in enumerate(value)]

    def without_effect(self, *names: str) -> None:
        """Drop properties that change nothing about how a request is answered."""
        for name in names:
            self._left.pop(name, None)

    def error(self, text: str) -> ConfigurationError:
        return ConfigurationError(f"{self.where} {text}")

    def end(self) -> None:
        """Refuse whatever has not been read; an empty list, an empty string and false ask for nothing."""
        asked = [
            name for name, value in self._left.items() if not name.startswith("__") and value not in ([], "", False)
        ]
        if asked:
            raise self.error(f"has {', '.join(sorted(asked))}: the local edge does not serve that; remove it here")
