"""Finds the line of a log that is wrong, for its message.

    raise LogError(f"{place(path, 'gzip', 17)}: model is missing")      # "requests.jsonl.gz, line 18"

Reads the file up to that line; only for messages.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from ops.plan.log_sql import MAX_LINE_BYTES

_SPACE = b" \t\r\n"


def place(path: Path, compression: str, request: int) -> str:
    """Where the request of this index, from 0, stands; blank lines count as lines, not as requests."""
    if compression == "zstd":
        return f"{path}, request {request + 1} (lines without the blank ones)"
    return f"{path}, line {_line(path, compression, request)[0]}"


def what_is_wrong(path: Path, compression: str, request: int) -> str:
    """Why the line of this index could not be read."""
    if compression == "zstd":
        return "no JSON object: unpack the file with zstd -d and read that, then this says what is wrong"
    return _fault(_line(path, compression, request)[1])


def too_long(path: Path, compression: str) -> str:
    """Where the first line is that DuckDB cannot hold."""
    if compression == "zstd":
        return str(path)
    for number, line in _numbered(path, compression):
        if len(line) > MAX_LINE_BYTES:
            return f"{path}, line {number}"
    return str(path)


def _line(path: Path, compression: str, request: int) -> tuple[int, bytes]:
    found = (numbered for numbered in _numbered(path, compression) if numbered[1].strip(_SPACE))
    for _ in range(request):
        next(found)
    return next(found)


def _numbered(path: Path, compression: str) -> Iterator[tuple[int, bytes]]:
    with gzip.open(path) if compression == "gzip" else path.open("rb") as file:
        yield from enumerate(file, 1)


def _fault(line: bytes) -> str:
    if line.startswith(b"\xef\xbb\xbf"):
        return "begins with a byte order mark: save the file as UTF-8 without one"
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8 (byte {error.start + 1})"
    try:
        value = json.loads(text.rstrip())
    except json.JSONDecodeError as error:
        return f"no JSON (column {error.colno}: {error.msg.lower()})"
    except (ValueError, RecursionError):  # more digits, or deeper, than Python takes
        return "no JSON that can be read"
    if not isinstance(value, dict):
        return 'no JSON object: each line is one request, such as {"time": ..., "model": ..., "digest": ...}'
    if "time" not in value:
        return "time is missing"
    return "no valid JSON: it has a character that cannot be, such as half of a surrogate pair"
