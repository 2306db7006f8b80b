"""Lua for Kong's function plugins: sources of this package, with values in front of them.

    lua.chunk({"C": {"pool": "chat"}}, "pool/affinity")   # "local C = {...}" and components/pool/affinity.lua

Pure text in, text out. Every value becomes an escaped Lua literal: names and versions are user input.
"""

import functools
import pathlib
from collections.abc import Mapping
from typing import Any

Phases = dict[str, list[str]]
"""The functions of pre-function or post-function, by phase."""


def chunk(known: Mapping[str, Any], *names: str) -> str:
    """The sources as one piece of Lua, after `known`: local C, then more fields of it; None is left out."""
    first, *more = (f"{name} = {literal(value)}\n" for name, value in known.items() if value is not None)
    return "".join(("local ", first, *more)) + "\n".join(source(name) for name in names)


def merged(phases: Phases, more: Phases) -> Phases:
    """The functions of both, phase by phase those of `phases` first; a phase without any is left out."""
    names = [*phases, *(name for name in more if name not in phases)]
    both = {name: [*phases.get(name, []), *more.get(name, [])] for name in names}
    return {name: functions for name, functions in both.items() if functions}


def literal(value: Any) -> str:
    """A Lua expression for a JSON-like value or bytes; whatever a string holds, it stays a string."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(int(value) if isinstance(value, float) and value.is_integer() else value)
    if isinstance(value, str | bytes):
        text = value.encode() if isinstance(value, str) else value
        return '"' + "".join(_escape(byte) for byte in text) + '"'
    if isinstance(value, list):
        return "{" + ", ".join(literal(item) for item in value) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{literal(key)}] = {literal(item)}" for key, item in value.items()) + "}"
    raise TypeError(f"no Lua literal for {type(value).__name__}")


@functools.cache
def source(name: str) -> str:
    """The text of a `.lua` file of this package, by its path without the suffix: "prediction_key/canonical"."""
    return (pathlib.Path(__file__).parent / f"{name}.lua").read_text(encoding="utf-8")


def _escape(byte: int) -> str:
    char = chr(byte)
    return char if char.isascii() and (char.isalnum() or char in " ._-/:;=+,") else f"\\{byte:03d}"
