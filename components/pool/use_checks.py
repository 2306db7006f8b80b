"""Checks of what a pool and its models both have as arguments."""

import re
from collections.abc import Mapping
from typing import Any, TypeGuard

import pulumi

from .. import validation
from .arguments import AffinityArgs, AffinityKind, BalancingAlgorithm

MAX_MESSAGES = 100
MAX_CHARACTERS = 65_536

_HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_WHOLE = {"messages": (1, MAX_MESSAGES), "characters": (1, MAX_CHARACTERS)}


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
    for name, (low, high) in _WHOLE.items():
        value = affinity.get(name)
        if not _is_left_out(value) and not (_is_number(value) and value == int(value) and low <= value <= high):
            raise validation.ArgumentError(component, f"{prefix}{name}", f"must be a whole number from {low} to {high}")
    factor, header = affinity.get("max_load_factor"), affinity.get("header")
    if not _is_left_out(factor) and not (_is_number(factor) and 1 <= factor <= 10):
        raise validation.ArgumentError(component, f"{prefix}max_load_factor", "must be a number from 1 to 10")
    if not _is_left_out(header) and not (isinstance(header, str) and _HEADER.fullmatch(header)):
        raise validation.ArgumentError(component, f"{prefix}header", "must be a header's name")


def _is_left_out(value: Any) -> bool:
    return value is None or isinstance(value, pulumi.Output) or hasattr(value, "__await__")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
