"""Rules that a component's arguments are held to, and what applies them: at once, or as soon as a value is known.

RULES: dict[str, Rule] = {"throttle.burst": whole(1, 1_000_000)}
arguments = ArgumentRules("SageMakerOrigin", RULES, {"": SageMakerOriginArgs, "throttle": ThrottleArgs})
arguments.check(args)
arguments.checked("throttle.burst", value, default=50)   # an Output
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from . import validation

Rule = tuple[Callable[[Any], bool], str]
"""Whether a value is allowed, and what is, for the message."""

SWITCH: Rule = (lambda value: isinstance(value, bool), "must be true or false")


def matches(pattern: str, allowed: str) -> Rule:
    """A text that is all of the pattern."""
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None, allowed


def each(pattern: str, allowed: str, least: int = 1, most: int = 100) -> Rule:
    """A list of such texts; those that are not known yet may be any."""
    one, _ = matches(pattern, allowed)

    def holds(values: Any) -> bool:
        some = isinstance(values, list) and least <= len(values) <= most
        return some and all(is_unknown(value) or one(value) for value in values)

    return holds, allowed


def number(low: float, high: float) -> Rule:
    """A number between the two, which may be one of them."""

    def holds(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

    return holds, f"must be a number from {low:.12g} to {high:.12g}"


def whole(low: int, high: int) -> Rule:
    """The same without fractions."""
    within, _ = number(low, high)
    return lambda value: within(value) and value == int(value), f"must be a whole number from {low} to {high}"


def is_unknown(value: Any) -> bool:
    """Whether the value is an output, whose rule waits until it is known."""
    return isinstance(value, pulumi.Output) or hasattr(value, "__await__")


class ArgumentRules:
    """The rules of a component by the argument's path, such as throttle.burst, and its groups of arguments.

    `groups`: TypedDicts by path, "" for the component's own.
    """

    def __init__(self, component: str, rules: Mapping[str, Rule], groups: Mapping[str, type]) -> None:
        self._component, self._rules, self._groups = component, rules, groups

    def check_groups(self, args: Mapping[str, Any]) -> None:
        """No argument that is not there, and none left out that has to be. Raises ArgumentError."""
        for path, known in self._groups.items():
            given = _value(args, path) if path else args
            if given is None:
                continue
            if not isinstance(given, Mapping):
                raise validation.ArgumentError(self._component, path, "must be a group of arguments")
            prefix = f"{path}." if path else ""
            validation.check_known(self._component, prefix, given, frozenset(known.__annotations__))
            for name in sorted(known.__required_keys__):  # type: ignore[attr-defined]
                if given.get(name) is None:
                    raise validation.ArgumentError(self._component, f"{prefix}{name}", "is missing")

    def check_values(self, args: Mapping[str, Any]) -> None:
        """The values that are known. Raises ArgumentError."""
        for argument in self._rules:
            value = _value(args, argument)
            if value is not None and not is_unknown(value):
                self.check_value(argument, value)

    def check_value(self, argument: str, value: Any) -> Any:
        """The value, when it is as the argument's rule says. Raises ArgumentError, which never shows the value."""
        holds, allowed = self._rules[argument]
        if not holds(value):
            raise validation.ArgumentError(self._component, argument, allowed)
        return value

    def checked(self, argument: str, value: Any, default: Any = None) -> pulumi.Output[Any]:
        """The value or its default, held to the argument's rule as soon as it is known; whole numbers as int."""
        given = default if value is None else value
        return pulumi.Output.from_input(given).apply(lambda known: _whole_as_int(self.check_value(argument, known)))


def _value(args: Any, path: str) -> Any:
    """The value at a path such as throttle.burst; None when it is not there."""
    for name in path.split("."):
        args = args.get(name) if isinstance(args, Mapping) else None
    return args


def _whole_as_int(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole_as_int(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
