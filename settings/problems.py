"""What is wrong with a stack config, and how it is told: one line a problem, with the YAML path and never a secret.

Usage::

    raise SettingsError("Pulumi.dev.yaml", (ConfigProblem("inference-edge:models[0].retries", "must be ...", "= 99"),))
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pulumi

Path = tuple[str | int, ...]

SECRET = "[secret]"
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class ConfigProblem:
    """One wrong value: where it is, what was given (``None``: nothing to show), and what is allowed."""

    path: str
    message: str
    given: str | None = None

    def __str__(self) -> str:
        return f"{self.path}{'' if self.given is None else f' = {self.given}'}: {self.message}"


class SettingsError(pulumi.RunError):
    """Every problem of a stack config at once. As a RunError it ends the program without a traceback."""

    def __init__(self, source: str, errors: tuple[ConfigProblem, ...]) -> None:
        self.errors = errors
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        super().__init__("\n  ".join([f"{source} has {count}; nothing was deployed.", *map(str, errors)]))


def yaml_path(namespace: str, path: Path) -> str:
    """``("models", 0, "cache")`` as Pulumi writes it: ``inference-edge:models[0].cache``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", part) and len(part) <= _LONGEST_VALUE:
            text += f".{part}" if text else part
        else:
            text += f"[{shown(part)}]"
    return f"{namespace}:{text}"


def shown(value: Any) -> str:
    """A given value as one short printable text, without passwords in URLs and without what is in a list."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        value = re.sub(r"//.*@", f"//{SECRET}@", value, flags=re.DOTALL)
        value = re.sub(r"(?<=[?#]).*", "...", value, flags=re.DOTALL) if "//" in value else value
    text = json.dumps(value, ensure_ascii=False)
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    if isinstance(value, str) and len(text) > _LONGEST_VALUE + 2:  # quotes
        text = text[: _LONGEST_VALUE + 1] + '..."'
    return text
