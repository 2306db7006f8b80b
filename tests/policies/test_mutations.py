"""Whoever breaks one thing in a golden graph is told so."""

from __future__ import annotations

import pytest

from policies.rules import RULES
from tests.policies import edge_mutations, kong_mutations, shared_cache_mutations
from tests.policies.golden_graphs import GRAPHS, golden_graph
from tests.policies.resources import Res, violations

MUTATIONS = [*kong_mutations.MUTATIONS, *edge_mutations.MUTATIONS, *shared_cache_mutations.MUTATIONS]
_RULES = {rule.name: rule for rule in RULES}
_CAUGHT_AT_LEAST = 0.95
# What the configs of tests/stacks turn off, to try that it can be.
_TURNED_OFF = {"cloudfront-otherwise": {"api-gateway-logs": ["edge-forecast-origin-stage"]}}


@pytest.fixture(scope="module")
def graphs() -> dict[str, list[Res]]:
    """The graphs by name."""
    return {stack: golden_graph(stack) for stack in GRAPHS}


@pytest.mark.parametrize("name", GRAPHS)
def test_our_own_graph_complies_with_every_rule(name: str, graphs: dict[str, list[Res]]) -> None:
    graph, off = graphs[name], _TURNED_OFF.get(name, {})
    for rule in RULES:
        found = violations(rule, graph)
        assert len(found) == len(off.get(rule.name, []))
        assert violations(rule, graph, {"exceptions": off.get(rule.name, [])}) == []


def test_nearly_every_broken_property_is_found(graphs: dict[str, list[Res]]) -> None:
    caught, missed = [], []
    for name, graph in graphs.items():
        for mutation in MUTATIONS:
            before = violations(_RULES[mutation.rule], graph)
            for number, mutant in enumerate(mutation.mutants(graph)):
                new = violations(_RULES[mutation.rule], mutant) != before
                (caught if new else missed).append(f"{name}: {mutation.rule}: {mutation.what} {number}")
    assert len(caught) > 700
    assert len(caught) / (len(caught) + len(missed)) >= _CAUGHT_AT_LEAST, missed
    assert {mutation.rule for mutation in MUTATIONS} <= set(_RULES)
