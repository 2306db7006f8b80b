"""The members of a JSON object with their text: a number's spelling is part of a question."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

_OPENING = re.compile(r"[ \t\r\n]*\{[ \t\r\n]*")
_NAME = re.compile(r'("(?:[^"\\\x00-\x1f]|\\.)*")[ \t\r\n]*:[ \t\r\n]*')
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_CLOSING = re.compile(r"[ \t\r\n]*\}[ \t\r\n]*")


def members_of(text: str) -> dict[str, tuple[Any, str]]:
    """By name the value and how it is written; of a name that is given twice the last one counts.

    Usage: ``members_of('{"a": 1.50}') == {"a": (1.5, "1.50")}``. Raises ValueError for what is no JSON object; its text
    does not quote the document.
    """
    position = _after(_OPENING, text, 0, '"{" expected')
    found: dict[str, tuple[Any, str]] = {}
    while not (closing := _CLOSING.match(text, position)):
        if found:
            position = _after(_COMMA, text, position, '"," or "}" expected')
        name = _NAME.match(text, position)
        if not name:
            raise ValueError(f'a name and ":" expected at column {position + 1}')
        value, end = _value(text, name.end())
        found[_value(name[1], 0)[0]] = value, text[name.end() : end]
        position = end
    if closing.end() < len(text):
        raise ValueError(f"something stands after the object at column {closing.end() + 1}")
    return found


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refused)
_OF_LONG_NUMBERS = json.JSONDecoder(parse_constant=_refused, parse_int=float)  # int() takes 4,300 digits


def _value(text: str, position: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at column {error.pos + 1}") from None
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except ValueError as error:
        if "digits" not in str(error):
            raise
        return _OF_LONG_NUMBERS.raw_decode(text, position)


def _after(pattern: re.Pattern[str], text: str, position: int, otherwise: str) -> int:
    found = pattern.match(text, position)
    if not found:
        raise ValueError(f"{otherwise} at column {position + 1}")
    return found.end()
