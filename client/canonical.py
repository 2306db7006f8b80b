"""The one text of all JSON documents that ask the same question."""

from __future__ import annotations

import json
from typing import Any, NoReturn

# As the gateway's (components/prediction_key): it does not cache what is nested deeper.
_MAX_DEPTH = 64


class NotCanonical(ValueError):
    """The document has no canonical form that surely means the same."""


class _Number(str):
    """A number as it was written: 1.0, 1 and 1e0 may differ to a model, and no float holds every decimal."""


def canonical(document: bytes) -> bytes:
    """Sorted names, no white space, UTF-8 without needless escapes, numbers as written.

    Usage: ``canonical(b'{"b": 1.0, "a": "\\u0041"}') == b'{"a":"A","b":1.0}'``. Raises NotCanonical for what is not
    strict JSON in UTF-8, for duplicate names, names that need an escape, lone surrogates, more than 64 levels, and for
    a document that is neither object nor array.
    """
    try:
        value = json.loads(
            document.decode(),
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refuse,
            object_pairs_hook=_members,
        )
        if not isinstance(value, dict | list):
            raise NotCanonical("neither an object nor an array")
        return _text(value, 1).encode()
    except (ValueError, RecursionError) as error:
        raise NotCanonical(str(error)) from error


def _refuse(constant: str) -> NoReturn:
    raise NotCanonical(f"{constant} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise NotCanonical("a name is given twice")
    return members


def _text(value: Any, depth: int) -> str:
    if isinstance(value, _Number):
        return str(value)
    if not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if depth > _MAX_DEPTH:
        raise NotCanonical("nested too deep")
    if isinstance(value, list):
        return f"[{','.join(_text(item, depth + 1) for item in value)}]"
    return f"{{{','.join(f'{_name(name)}:{_text(value[name], depth + 1)}' for name in sorted(value))}}}"


def _name(name: str) -> str:
    text = json.dumps(name, ensure_ascii=False)
    if "\\" in text:
        raise NotCanonical("a name needs an escape")
    return text
