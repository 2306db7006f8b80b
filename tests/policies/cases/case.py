"""What is tried with one rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.policies.resources import Res


@dataclass(frozen=True)
class Configured:
    """A config and resources, and whether they fail with it."""

    config: Mapping[str, Any]
    resources: Sequence[Res]
    fails: bool


@dataclass(frozen=True)
class Case:
    """One rule. `says` are the messages about `fails`, up to the mending that the rule itself names."""

    rule: str
    passes: Sequence[Sequence[Res]]
    fails: Sequence[tuple[Sequence[Res], str]]
    unknown: Sequence[Sequence[Res]]
    configured: Sequence[Configured] = ()
