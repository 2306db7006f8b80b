"""Checks of the arguments of verification and of a model's cost."""

from collections.abc import Mapping
from typing import Any

from .. import validation
from ..metrics.arguments import CostArgs
from ..metrics.day import unix_time
from ..rules import Rule, each, is_unknown, matches, number, whole
from .arguments import ANSWER_FIELD, MAX_FIELDS, ToleranceArgs, VerifyArgs

_FIELDS = "must be fields of the answer such as predictions.score (arrays are left out)"
_IGNORED = each(rf"(?!\*$)(?:{ANSWER_FIELD})", _FIELDS, least=0, most=MAX_FIELDS)

VERIFY_RULES: dict[str, Rule] = {
    "share": number(0.0001, 1),
    "max_mismatch_ratio": number(0.0001, 0.5),
    "max_per_second": number(0.001, 1_000),
    "max_in_flight": whole(1, 10_000),
    "ignore_fields": _IGNORED,
}
_TOLERANCE_RULES: dict[str, Rule] = {
    "field": matches(ANSWER_FIELD, "must be a field of the answer such as predictions.score, or *"),
    "difference": number(0, 1e300),
}


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and unix_time(value) >= 0
    except ValueError:
        return False


_COST_RULES: dict[str, Rule] = {
    "per_call": number(0.000_000_001, 1_000_000),
    "per_instance_hour": number(0.000_001, 1_000_000),
    "concurrency": whole(1, 10_000),
    "as_of": (_is_day, "must be a day such as 2026-11-01"),
}


def check_verify(component: str, prefix: str, args: VerifyArgs) -> None:
    """What is known of them, each value by its rule. Raises ArgumentError."""
    _check_names(component, prefix, args, VerifyArgs)
    _check(component, prefix, args, VERIFY_RULES)
    tolerances: Any = args.get("tolerances") or []
    if not isinstance(tolerances, list) or len(tolerances) > MAX_FIELDS:
        raise validation.ArgumentError(component, f"{prefix}tolerances", f"must have 0 to {MAX_FIELDS} fields")
    fields: list[Any] = []
    for place, tolerance in enumerate(tolerances):
        at = f"{prefix}tolerances[{place}]."
        _check_names(component, at, tolerance, ToleranceArgs)
        _check_given(component, at, tolerance, ("field", "difference"))
        _check(component, at, tolerance, _TOLERANCE_RULES)
        if tolerance["field"] in fields:
            raise validation.ArgumentError(component, f"{at}field", "must be unique; it has another tolerance already")
        fields.append(tolerance["field"])


def check_cost(component: str, prefix: str, args: CostArgs) -> None:
    """What is known of them, each value by its rule. Raises ArgumentError."""
    _check_names(component, prefix, args, CostArgs)
    _check_given(component, prefix, args, ("as_of",))
    if (args.get("per_call") is None) == (args.get("per_instance_hour") is None):
        allowed = "must be given, or per_instance_hour, and not both"
        raise validation.ArgumentError(component, f"{prefix}per_call", allowed)
    _check(component, prefix, args, _COST_RULES)


def _check_names(component: str, prefix: str, args: Any, known: type) -> None:
    if not isinstance(args, Mapping):
        raise validation.ArgumentError(component, prefix.removesuffix("."), "must be a group of arguments")
    validation.check_known(component, prefix, args, frozenset(known.__annotations__))


def _check(component: str, prefix: str, args: Mapping[str, Any], rules: Mapping[str, Rule]) -> None:
    for name, (holds, allowed) in rules.items():
        value = args.get(name)
        if value is not None and not is_unknown(value) and not holds(value):
            raise validation.ArgumentError(component, f"{prefix}{name}", allowed)


def _check_given(component: str, prefix: str, args: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if args.get(name) is None:
            raise validation.ArgumentError(component, f"{prefix}{name}", "is missing")
