"""JSON lines: a log's records, or one body a line."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ops.plan.log_error import LogError
from ops.warm.json_members import members_of
from ops.warm.requests import BYPASS, NO_BODY, Request, number_or_none, seconds_of, text_or_none

MAX_LINE_BYTES = 16_777_216


class JsonLines:
    """A file of JSON lines; a request's position is the byte that its line begins at.

    Usage: ``for request in JsonLines(Path("requests.jsonl")).requests("digits", Counter())``

    It is a log when the first object has `model` and one of `time`, `body` and `digest`, or is a line of Kong's log
    plugins (`started_at` and `latencies`). Else each line is a body.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def requests(self, model: str, skipped: Counter[str]) -> Iterator[Request]:
        is_log: bool | None = None
        with self._opened() as file:
            position, number = _start(file), 0
            while line := self._line(file, number + 1):
                number += 1
                if line.strip():
                    try:
                        is_log = _is_log(line) if is_log is None else is_log
                        request = _request(line, position, model, skipped) if is_log else _body(line, position)
                    except ValueError as error:
                        raise LogError(f"{self._path}:{number}: {_reason(error, is_log)}") from None
                    if request is not None:
                        yield request
                position = file.tell()

    def bodies(self, positions: Iterable[int]) -> Iterator[bytes]:
        with self._opened() as file:
            _start(file)
            is_log = _is_log(next((line for line in file if line.strip()), b""))
            for position in positions:
                file.seek(position)
                line = file.readline(MAX_LINE_BYTES)
                yield _body_of(members_of(line.decode())["body"]) if is_log else line.strip()

    def _opened(self) -> BinaryIO:
        try:
            return open(self._path, "rb")
        except OSError as error:
            raise LogError(f"{self._path} cannot be read: {error.strerror}") from None

    def _line(self, file: BinaryIO, number: int) -> bytes:
        try:
            line = file.readline(MAX_LINE_BYTES + 1)
        except OSError as error:
            raise LogError(f"{self._path} cannot be read: {error.strerror}") from None
        if len(line) > MAX_LINE_BYTES:
            raise LogError(f"{self._path}:{number}: the line has more than {MAX_LINE_BYTES} bytes")
        return line


def _start(file: BinaryIO) -> int:
    """Behind a byte order mark, which is no part of the first line."""
    start = len(codecs.BOM_UTF8) if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 else 0
    return file.seek(start)


def _is_log(line: bytes) -> bool:
    try:
        names = members_of(line.decode()).keys()
    except ValueError:
        if line.lstrip().startswith(b"["):
            return False  # some models' bodies
        raise
    return ("model" in names and not names.isdisjoint(("time", "body", "digest"))) or {
        "started_at",
        "latencies",
    } <= names


def _request(line: bytes, position: int, model: str, skipped: Counter[str]) -> Request | None:
    members = members_of(line.decode())
    record = {name: value for name, (value, _) in members.items()}
    asked = _model_of(record)
    why = "other models" if asked != model else BYPASS if record.get("bypass") else None
    if why is None and record.get("body") is None:
        why = NO_BODY
    if why is not None:
        skipped[why] += 1
        return None
    if "time" not in record:
        raise ValueError("the record has no `time`")
    return Request(
        position,
        _body_of(members["body"]),
        text_or_none(record.get("caller"), "caller"),
        seconds_of(record["time"]),
        number_or_none(record.get("latency_ms"), "latency_ms"),
    )


def _model_of(record: dict[str, Any]) -> str | None:
    if "model" in record:
        if not isinstance(record["model"], str):
            raise ValueError("`model` is no text")
        return record["model"]
    if "started_at" in record:  # of Kong's log plugins
        cache = record.get("prediction_cache")
        return cache.get("model") if isinstance(cache, dict) else None
    raise ValueError("the record has no `model`")


def _body_of(member: tuple[Any, str]) -> bytes:
    """Exactly as sent if it is text, else as the line has it: 1.0 and 1 are two questions."""
    value, text = member
    return (value if isinstance(value, str) else text).encode()


def _body(line: bytes, position: int) -> Request:
    try:
        json.loads(line, parse_int=float)  # int() takes 4,300 digits
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at column {error.pos + 1}") from None
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return Request(position, line.strip())


def _reason(error: ValueError, is_log: bool | None) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "`body` has half of a surrogate pair, which no request can have"
    if isinstance(error, UnicodeError):
        return "this is not UTF-8"
    what = "record of a log" if is_log else "JSON body" if is_log is False else "JSON object"
    return f"this is no {what}: {error}{'' if is_log else '; each line has to hold one'}"
