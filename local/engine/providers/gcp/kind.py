"""One type of Google Cloud, with what all types have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.engine.providers.stand_in import kind
from local.engine.values import Properties

NAME_LENGTH = 63


@dataclass(frozen=True)
class Kind(kind.Kind):
    """The behaviour of one type; every resource is in a project, and what has labels has all of them as outputs."""

    auto_name_length: int = NAME_LENGTH

    def replacing(self, type_: str) -> frozenset[str]:
        return super().replacing(type_) | {"project"}

    def placed(self, type_: str, inputs: Properties, place: Mapping[str, str]) -> Properties:
        result: Properties = {"project": inputs.get("project", place["project"])}
        if "labels" in inputs:
            result["pulumiLabels"] = result["effectiveLabels"] = inputs["labels"]
        return result
