"""One AWS type, with what all types of a region have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.engine.providers.stand_in import kind
from local.engine.providers.stand_in.kind import module_of
from local.engine.values import Properties

_GLOBAL_MODULES = frozenset({"cloudfront", "iam", "route53"})


@dataclass(frozen=True)
class Kind(kind.Kind):
    """The behaviour of one type; what is regional has its region as an output, what has tags has all of them."""

    def replacing(self, type_: str) -> frozenset[str]:
        return super().replacing(type_) | ({"region"} if is_regional(type_) else set())

    def placed(self, type_: str, inputs: Properties, place: Mapping[str, str]) -> Properties:
        result: Properties = {"region": inputs.get("region", place["region"])} if is_regional(type_) else {}
        if "tags" in inputs:
            result["tagsAll"] = inputs["tags"]
        return result


def is_regional(type_: str) -> bool:
    """Whether resources of a type live in a region."""
    return module_of(type_) not in _GLOBAL_MODULES
