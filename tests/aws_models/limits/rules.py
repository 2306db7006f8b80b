"""Rules for single values; each says what is wrong, or nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from tests.aws_models.registered import Inputs, values_at

Rule = Callable[[Any], str | None]
Rules = dict[str, Rule]
Whole = Callable[[Inputs], Iterator[str]]

REGION = re.compile(r"[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}")
DOMAIN = re.compile(
    r"(\*\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
ANY_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:\S{1,1900}")


def problems(rules: Rules, inputs: Inputs) -> list[str]:
    """Return what the rules say, with the path of each value."""
    return [
        f"{path}: {found}"
        for path, rule in rules.items()
        for value in values_at(inputs, path)
        if (found := rule(value)) is not None
    ]


def between(least: float, most: float, kinds: tuple[type, ...] = (int,)) -> Rule:
    """An integer in a range."""

    def rule(value: Any) -> str | None:
        if not isinstance(value, kinds) or isinstance(value, bool):
            return f"{value!r:.60} is not a number"
        return None if least <= value <= most else f"{value} is not in {least}..{most}"

    return rule


def one_of(*allowed: Any) -> Rule:
    """One of a few values, of the same type."""
    return lambda value: (
        None
        if any(value == one and type(value) is type(one) for one in allowed)
        else f"{value!r:.60} is not one of {allowed}"
    )


def text(most: int, least: int = 0) -> Rule:
    """A string within a length."""

    def rule(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"{value!r:.60} is not a string"
        return None if least <= len(value) <= most else f"{len(value)} characters are not in {least}..{most}"

    return rule


def matching(pattern: str | re.Pattern[str]) -> Rule:
    """A string that matches as a whole."""
    compiled = re.compile(pattern)
    return lambda value: (
        None
        if isinstance(value, str) and compiled.fullmatch(value)
        else f"{value!r:.60} does not match {compiled.pattern}"
    )


def arn(service: str, resource: str, *, region: str = "[a-z0-9-]*") -> Rule:
    """An ARN of a service; `resource` is a pattern."""
    return matching(rf"arn:aws[a-z-]*:{service}:{region}:(\d{{12}})?:{resource}")


def flag(value: Any) -> str | None:
    """true or false."""
    return None if isinstance(value, bool) else f"{value!r:.60} is not a boolean"


def always(expected: Any) -> Rule:
    """What must not be anything else."""
    return one_of(expected)


def each(rule: Rule, *, most: int, least: int = 0, unique: bool = True) -> Rule:
    """A list whose elements follow a rule."""

    def check(value: Any) -> str | None:
        if not isinstance(value, list):
            return f"{value!r:.60} is not a list"
        if not least <= len(value) <= most:
            return f"{len(value)} elements are not in {least}..{most}"
        if unique and len({json.dumps(element, sort_keys=True) for element in value}) < len(value):
            return "an element is there twice"
        return next((found for element in value if (found := rule(element))), None)

    return check


def having(*names: str) -> Rule:
    """An object, or each of a list, with these inputs: the models have them optional, or a default we do not want."""

    def rule(value: Any) -> str | None:
        for one in value if isinstance(value, list) else [value]:
            for name in names:
                if not isinstance(one, dict) or name not in one:
                    return f"without {name}"
        return None

    return rule


def policy_document(most: int) -> Rule:
    """A policy document as JSON text."""

    def rule(value: Any) -> str | None:
        try:
            document = json.loads(value)
            statements = document["Statement"]
            whole = document["Version"] == "2012-10-17" and all(
                one["Effect"] in ("Allow", "Deny") and one["Action"] for one in statements
            )
        except (TypeError, ValueError, KeyError):
            return f"{value!r:.60} is not a policy document"
        return None if statements and whole and len(value) <= most else f"{value!r:.60} is not a policy document"

    return rule


def mapping(name: str | re.Pattern[str], rule: Rule, most: int = 50) -> Rule:
    """A map with names of one form and values that follow a rule."""
    compiled = re.compile(name)

    def check(value: Any) -> str | None:
        if not isinstance(value, dict):
            return f"{value!r:.60} is not a map"
        if len(value) > most:
            return f"{len(value)} entries are more than {most}"
        wrong = [key for key in value if not compiled.fullmatch(key)]
        if wrong:
            return f"{wrong[0]!r:.60} does not match {compiled.pattern}"
        return next((f"{key}: {found}" for key, part in value.items() if (found := rule(part))), None)

    return check


def not_among(forbidden: Collection[str], prefixes: tuple[str, ...] = ()) -> Rule:
    """A header name that is none of these, in any case."""

    def rule(value: Any) -> str | None:
        if not isinstance(value, str) or not HEADER.fullmatch(value):
            return f"{value!r:.60} is not a header's name"
        low = value.lower()
        return f"{value} is not allowed" if low in forbidden or low.startswith(prefixes or ("\0",)) else None

    return rule


def port(value: Any) -> str | None:
    """80, 443 or one of the unprivileged."""
    ok = isinstance(value, int) and not isinstance(value, bool) and (value in (80, 443) or 1_024 <= value <= 65_535)
    return None if ok else f"{value!r:.60} is no allowed port"


def listed(value: Any) -> list[Any]:
    """The value if it is a list."""
    return value if isinstance(value, list) else []


def both(*rules: Rule) -> Rule:
    """All of the rules; the first that complains speaks."""
    return lambda value: next((found for rule in rules if (found := rule(value))), None)


# docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html: 50 tags, no key that starts with aws:
VISIBLE = re.compile(r"[\x20-\x7e]{1,1783}")
TAGS = mapping(r"(?!aws:)[\w .:/=+\-@]{1,128}", matching(r"[\w .:/=+\-@]{0,256}"))
