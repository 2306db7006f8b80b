"""Reads inputs that may be missing, unknown in a preview, or JSON in a text.

An unknown value raises UnknownValueError as soon as it is read, so that no rule judges by it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy.proxy import UnknownValueError


def where_known() -> contextlib.AbstractContextManager[None]:
    """Leaves out what cannot be judged: a value that is not known yet, or a text that is no JSON.

    Usage: ``with where_known(): ...`` around each judgement of its own, so that the others are still made.
    """
    return contextlib.suppress(UnknownValueError, json.JSONDecodeError)


def get(value: Any, *path: str, default: Any = None) -> Any:
    """What stands at a path of keys, `default` where there is nothing."""
    for key in path:
        value = value[key] if isinstance(value, Mapping) and key in value else None
    return default if value is None else value


def given(mapping: Any, key: str) -> bool:
    """Whether there is a value, be it unknown."""
    try:
        return get(mapping, key) is not None
    except UnknownValueError:
        return True


def items(value: Any, *path: str) -> list[Any]:
    """The items of a list at a path; a missing list is empty, a single value is a list of one."""
    found = get(value, *path, default=[])
    return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else [found]


def texts(value: Any, *path: str) -> list[str]:
    """The texts of a list at a path, in lower case."""
    return [str(item).lower() for item in items(value, *path)]


def number(value: Any) -> float | None:
    """A number, None for anything else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def document(value: Any, *path: str) -> Any:
    """JSON, as a text or as an object. Raises JSONDecodeError."""
    found = get(value, *path, default={})
    return json.loads(found) if isinstance(found, str) else found


def all_text(value: Any) -> str:
    """Every text inside a value, one a line."""
    return "\n".join(_texts_in(value))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key in value:
            yield from _texts_in(value[key])
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts_in(item)
