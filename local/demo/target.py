"""Where to send predictions, read from the stack's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """The URL of the stack's first model and the headers that open it."""

    url: str
    headers: dict[str, str]

    @classmethod
    def of(cls, outputs: Mapping[str, Any]) -> Target:
        """Read the outputs with their secrets in clear."""
        model = next(iter(outputs["models"].values()))
        keys = outputs["consumerKeys"]
        return cls(model["predictUrl"], {"apikey": next(iter(keys.values()))} if keys else {})
