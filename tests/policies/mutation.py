"""Ways to break one property of one resource of a graph."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from tests.policies.cases.kong import PLUGIN
from tests.policies.resources import Res

Graph = Sequence[Res]
# Changes the properties in place; False where there is nothing to break.
Break = Callable[[Any], bool | None]


@dataclass(frozen=True)
class Mutation:
    """What is broken, the rule that guards it, and all graphs in which it is broken once."""

    rule: str
    what: str
    mutants: Callable[[Graph], Iterator[list[Res]]]


def each(rule: str, what: str, type_: str, change: Break) -> Mutation:
    """One property of each resource of a type."""

    def mutants(graph: Graph) -> Iterator[list[Res]]:
        for item in graph:
            if item.type == type_:
                props = deepcopy(dict(item.props))
                if change(props) is not False:
                    yield [replace(other, props=props) if other is item else other for other in graph]

    return Mutation(rule, what, mutants)


def plugin(rule: str, what: str, kind: str, change: Break) -> Mutation:
    """The config of each plugin of a kind."""

    def change_config(props: dict[str, Any]) -> bool | None:
        return change(props["configJson"]) if props["name"] == kind else False

    return each(rule, what, PLUGIN, change_config)


def removed(rule: str, what: str, gone: Callable[[Graph, Res], bool]) -> Mutation:
    """One resource is not there."""

    def mutants(graph: Graph) -> Iterator[list[Res]]:
        for item in graph:
            if gone(graph, item):
                yield [other for other in graph if other is not item]

    return Mutation(rule, what, mutants)


def put(*path: str | int, value: Any) -> Break:
    """Sets what stands at a path; a value of None takes it away. Nothing to break where the path ends early."""

    def change(props: Any) -> bool | None:
        for key in path[:-1]:
            if not _holds(props, key):
                return False
            props = props[key]
        if value is None:
            return props.pop(path[-1], None) is not None
        props[path[-1]] = value
        return None

    return change


def _holds(value: Any, key: str | int) -> bool:
    return key in (range(len(value)) if isinstance(value, list) else value)


def text(pattern: str, replacement: str) -> Break:
    """Rewrites every text."""

    def change(config: dict[str, Any]) -> bool | None:
        before = json.dumps(config)
        config.update(json.loads(re.sub(pattern, replacement, before, flags=re.IGNORECASE)))
        return json.dumps(config) != before

    return change
