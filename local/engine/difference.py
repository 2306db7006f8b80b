"""What changed between two property bags: paths for the engine, readable lines for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.engine.values import MASK, UNKNOWN, Properties, Secret, holds_secret, reveal

_SHOWN_CHARACTERS = 100
_ABSENT = object()
_SEGMENT = re.compile(r'\.?([^.\[\]"]+)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]')


@dataclass(frozen=True)
class Change:
    """One changed path, e.g. ``("tags", 0)``; `old` or `new` is absent for additions and removals."""

    path: tuple[str | int, ...]
    old: Any = _ABSENT
    new: Any = _ABSENT

    @property
    def sign(self) -> str:
        """``+`` added, ``-`` removed, ``~`` changed."""
        return "+" if self.old is _ABSENT else "-" if self.new is _ABSENT else "~"

    @property
    def line(self) -> str:
        """``~ host: "a" => "b"``."""
        label = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path).lstrip(".")
        if self.old is _ABSENT or self.new is _ABSENT:
            return f"{self.sign} {label}: {_shown(self.new if self.old is _ABSENT else self.old)}"
        return f"{self.sign} {label}: {' => '.join(_shown_pair(self.old, self.new))}"


def find_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """The changed paths; a value that only became secret, or plain, is no change."""
    return list(_compare((), dict(old), dict(new)))


def creation_lines(inputs: Properties) -> list[str]:
    """The lines of a resource that is created or deleted: its inputs."""
    return [f"{key}: {_shown(value)}" for key, value in sorted(inputs.items())]


def change_lines(changes: Iterable[Change]) -> list[str]:
    """The lines of an update; texts that hold JSON are compared inside."""
    lines = []
    for change in changes:
        inner = _json_changes(change)
        lines += [item.line for item in inner] if inner else [change.line]
    return lines


def summarize(changes: Iterable[Change]) -> str:
    """``[diff: +tags~host]``, by top-level property."""
    signs: dict[str, str] = {}
    for change in changes:
        key = str(change.path[0])
        sign = change.sign if len(change.path) == 1 else "~"
        signs[key] = sign if signs.get(key, sign) == sign else "~"
    return f"[diff: {''.join(sign + key for key, sign in sorted(signs.items()))}]" if signs else ""


def parse_path(text: str) -> tuple[str | int, ...]:
    """The parts of ``a.b[0]["c d"]``; ``*`` stands for any key or index."""
    parts: list[str | int] = []
    for name, quoted, index in _SEGMENT.findall(text):
        parts.append(int(index) if index.isdigit() else index or quoted or name)
    return tuple(parts)


def path_covers(pattern: tuple[str | int, ...], path: tuple[str | int, ...]) -> bool:
    """Whether `pattern` is `path` or leads to it."""
    return len(pattern) <= len(path) and all(want in ("*", have) for want, have in zip(pattern, path, strict=False))


def keep_ignored(new: Properties, old: Properties, ignored: Iterable[str]) -> Properties:
    """The new inputs with every ignored path as it was in the old ones (ignoreChanges)."""
    for text in ignored:
        parts = parse_path(text)
        if parts:
            new = _with_old(new, old, parts)
    return new


def _with_old(new: Any, old: Any, parts: tuple[str | int, ...]) -> Any:
    head, rest = parts[0], parts[1:]
    if head == "*" and isinstance(new, dict) and isinstance(old, dict):
        for key in {*new, *old}:
            new = _with_old(new, old, (key, *rest))
        return new
    if isinstance(new, dict) and isinstance(old, dict):
        result = dict(new)
        if rest and head in new and head in old:
            result[str(head)] = _with_old(new[head], old[head], rest)
        elif head in old:
            result[str(head)] = old[head]
        else:
            result.pop(str(head), None)
        return result
    if isinstance(new, list) and isinstance(old, list) and isinstance(head, int) and head < min(len(new), len(old)):
        return [*new[:head], _with_old(new[head], old[head], rest) if rest else old[head], *new[head + 1 :]]
    return new


def _compare(path: tuple[str | int, ...], old: Any, new: Any) -> Iterable[Change]:
    if holds_secret(old) or holds_secret(new):
        if not path:
            yield from _compare_maps(path, old, new)
        elif reveal(old) != reveal(new):
            yield Change(path, Secret(old), Secret(new))
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _compare_maps(path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            if index >= len(old):
                yield Change((*path, index), new=new[index])
            elif index >= len(new):
                yield Change((*path, index), old=old[index])
            else:
                yield from _compare((*path, index), old[index], new[index])
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield Change(path, old, new)


def _compare_maps(path: tuple[str | int, ...], old: dict[str, Any], new: dict[str, Any]) -> Iterable[Change]:
    for key in sorted({*old, *new}):
        if key not in old:
            yield Change((*path, key), new=new[key])
        elif key not in new:
            yield Change((*path, key), old=old[key])
        else:
            yield from _compare((*path, key), old[key], new[key])


def _json_changes(change: Change) -> list[Change]:
    """The changes inside a text that holds JSON, [] when it does not."""
    documents = []
    for text in (change.old, change.new):
        if not isinstance(text, str) or not text.startswith(("{", "[")):
            return []
        try:
            documents.append(json.loads(text))
        except ValueError:
            return []
    return list(_compare(change.path, *documents))


def _shown(value: Any) -> str:
    text = _text(value)
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return f"{text[:_SHOWN_CHARACTERS]}… ({len(text)} characters)"


def _shown_pair(old: Any, new: Any) -> tuple[str, str]:
    """Both texts; of long ones, the part around their first difference."""
    texts = _text(old), _text(new)
    if max(map(len, texts)) <= _SHOWN_CHARACTERS:
        return texts
    pairs = zip(*texts, strict=False)
    first = next((index for index, (a, b) in enumerate(pairs) if a != b), min(map(len, texts)))
    start = max(0, first - 20)

    def cut(text: str) -> str:
        end = start + _SHOWN_CHARACTERS
        return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"

    return cut(texts[0]), cut(texts[1])


def _text(value: Any) -> str:
    if isinstance(value, Secret):
        return MASK
    if value == UNKNOWN:
        return "[unknown]"
    if holds_secret(value):
        return MASK
    return json.dumps(value, ensure_ascii=False).replace(f'"{UNKNOWN}"', "[unknown]")
