"""Which route rule a request gets, by the words of both products' references: the first that matches, by priority.

A rule matches when any of its match rules does; a match rule does when all of its conditions do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """As the edge sees it: header names in lower case, values of a header that was sent twice joined by a comma."""

    path: str = "/digits/predict"
    method: str = "GET"
    query: dict[str, str] = field(default_factory=lambda: {"input": "e30"})
    headers: dict[str, str] = field(default_factory=dict)


def rule_of(rules: list[dict[str, Any]], request: Request) -> dict[str, Any] | None:
    """The rule, or None where no rule is for the request."""
    in_order = sorted(rules, key=lambda rule: int(rule["priority"]))
    assert len({int(rule["priority"]) for rule in rules}) == len(rules), "a priority twice"
    return next((rule for rule in in_order if any(_matches(each, request) for each in rule["matchRules"])), None)


def _matches(match: dict[str, Any], request: Request) -> bool:
    assert set(match) <= {"fullPathMatch", "queryParameterMatches", "headerMatches"}, "a condition that is not known"
    known = {**request.headers, ":method": request.method}
    return (
        request.path == match["fullPathMatch"]
        and all(_is_given(condition, request.query) for condition in match.get("queryParameterMatches", []))
        and all(_header_matches(condition, known) for condition in match.get("headerMatches", []))
    )


def _is_given(condition: dict[str, Any], query: dict[str, str]) -> bool:
    assert set(condition) == {"name", "presentMatch"} and condition["presentMatch"]
    return condition["name"] in query


def _header_matches(condition: dict[str, Any], headers: dict[str, str]) -> bool:
    assert set(condition) <= {"headerName", "presentMatch", "exactMatch", "invertMatch"}
    value = headers.get(condition["headerName"])
    found = value == condition["exactMatch"] if "exactMatch" in condition else value is not None
    return found != condition.get("invertMatch", False)
