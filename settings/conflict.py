"""Values of a stack config that do not go together."""

from __future__ import annotations

from dataclasses import dataclass

from .problems import Path


@dataclass(frozen=True)
class Conflict:
    """Values that do not go together. ``decided_by`` are the other paths involved; all as in the YAML file.

    A conflict counts only when all of those values were given correctly, so that one mistake is reported once.
    """

    path: Path
    message: str
    decided_by: tuple[Path, ...] = ()
