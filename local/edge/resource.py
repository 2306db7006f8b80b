"""One registered resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.edge.fields import ConfigurationError, Fields


@dataclass(frozen=True)
class Resource:
    """One registered resource, with resolved inputs and outputs (camelCase)."""

    type: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]

    @property
    def fields(self) -> Fields:
        return Fields(f"{self.type.rpartition(':')[2]} {self.id}", self.inputs)

    def output(self, name: str) -> str:
        value = self.outputs.get(name)
        if not isinstance(value, str) or not value:
            raise ConfigurationError(f"{self.fields.where} has no output {name}")
        return value
