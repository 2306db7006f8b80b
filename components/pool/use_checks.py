"""Checks of what a pool and its models both have as arguments."""

from collections.abc import Mapping
from typing import Any

from .. import validation
from ..rules import Rule, is_unknown, matches, number, whole
from .arguments import AffinityArgs, AffinityKind, BalancingAlgorithm

MAX_MESSAGES = 100
MAX_CHARACTERS = 65_536

_AFFINITY: dict[str, Rule] = {
    "messages": whole(1, MAX_MESSAGES),
    "characters": whole(1, MAX_CHARACTERS),
    "max_load_factor": number(1, 10),
    "header": matches(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", "must be a header's name"),
}


def check_use(component: str, prefix: str, use: Mapping[str, Any]) -> None:
    """A pool as one of its models has it: the values that are known. Raises ArgumentError."""
    if not use.get("name"):
        raise validation.ArgumentError(component, f"{prefix}name", "is missing")
    check_algorithm(component, prefix, use)
    check_affinity(component, f"{prefix}affinity.", use.get("affinity") or {})


def check_algorithm(component: str, prefix: str, given: Mapping[str, Any]) -> None:
    """`algorithm` and `affinity` go together: consistent-hashing hashes what requests have in common. Raises
    ArgumentError."""
    hashing, turns = BalancingAlgorithm.CONSISTENT_HASHING, BalancingAlgorithm.ROUND_ROBIN
    has_affinity = given.get("affinity") is not None
    algorithm = given.get("algorithm") or (hashing if has_affinity else turns)
    known = tuple(each.value for each in BalancingAlgorithm)
    hashes = validation.check_choice(component, f"{prefix}algorithm", algorithm, known) == hashing.value
    if has_affinity and not hashes:
        raise validation.ArgumentError(component, f"{prefix}affinity", "needs algorithm consistent-hashing")
    if hashes and not has_affinity:
        message = "consistent-hashing needs affinity: what is hashed?"
        raise validation.ArgumentError(component, f"{prefix}algorithm", message)


def check_affinity(component: str, prefix: str, affinity: Mapping[str, Any]) -> None:
    """The values that are known. Raises ArgumentError."""
    validation.check_known(component, prefix, affinity, frozenset(AffinityArgs.__annotations__))
    kinds = tuple(each.value for each in AffinityKind)
    validation.check_choice(component, f"{prefix}by", affinity.get("by", AffinityKind.PROMPT), kinds)
    for name, (holds, allowed) in _AFFINITY.items():
        value = affinity.get(name)
        if value is not None and not is_unknown(value) and not holds(value):
            raise validation.ArgumentError(component, f"{prefix}{name}", allowed)
